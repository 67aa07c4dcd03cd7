import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { platform } from "node:os";
import { join, resolve } from "node:path";
import { parseArchitecture } from "../../../../../model/architecture.ts";
import { temporaryFolder } from "../../../../helpers/temporary-folder.ts";

const folder = temporaryFolder();
const tools = join(folder, "tools");
const source = join(folder, "source");
const calls = join(folder, "calls");
let outs = 0;

mkdirSync(tools);
mkdirSync(source);
// A stand-in for cmake: writes its arguments down, and "builds" the programs.
writeTool(
  "cmake",
  `printf '%s\\n' "$@" "GIT_DIR=$GIT_DIR" >>"${calls}"
echo "a line of the log"
[ "$1" = --build ] || exit \${CONFIGURE_STATUS:-0}
mkdir -p "$2/bin" && for program in llama-cli llama-server llama-quantize; do echo "$program" >"$2/bin/$program"; done`,
);
for (const strip of ["strip", "x86_64-linux-gnu-strip", "aarch64-linux-gnu-strip"]) {
  writeTool(strip, `echo "${strip}" >>"${calls}" && cp "$3" "$2"`);
}

function writeTool(name: string, text: string): void {
  writeFileSync(join(tools, name), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
}

/** Runs the script with the stand-ins; returns their calls. */
function compile(architecture: string, programs: string[] = [], variables = {}) {
  const out = join(folder, `out-${++outs}`);
  writeFileSync(calls, "");
  const path = `${tools}:${process.env.PATH}`;
  const result = spawnSync(
    resolve("container/compile-engine.sh"),
    [source, out, architecture, ...programs],
    { encoding: "utf8", env: { PATH: path, CC: "clang-19", CXX: "clang++-19", ...variables } },
  );
  return { ...result, out, calls: readFileSync(calls, "utf8") };
}

const isLinux = platform() === "linux";
const common = ["-DGGML_NATIVE=OFF", "-DGGML_OPENMP=OFF", "-DBUILD_SHARED_LIBS=OFF"];

describe("compile-engine.sh", () => {
  it.each([
    [["llama-cli", "llama-server", "llama-quantize"], []],
    [["llama-quantize"], ["llama-quantize"]],
  ])("makes %j, asked for %j, and says nothing", (made, asked) => {
    const { out, status, stdout, stderr } = compile("x86_64", asked);

    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(readdirSync(out)).toEqual(expect.arrayContaining(made));
    expect(existsSync(join(out, "llama-cli"))).toBe(made.includes("llama-cli"));
  });

  it.each([
    {
      architecture: "x86_64",
      machine: "x86_64",
      flags: [
        ...common,
        ...["-DGGML_AVX=ON", "-DGGML_AVX2=ON", "-DGGML_FMA=ON", "-DGGML_F16C=ON"],
        ...["-DGGML_AVX512=OFF", "-DBITNET_X86_TL2=OFF", "-DCMAKE_BUILD_TYPE=Release"],
        `-ffile-prefix-map=${source}=`,
      ],
    },
    {
      architecture: "arm64",
      machine: "aarch64",
      flags: [...common, "-march=armv8.2-a+dotprod", "-DBITNET_ARM_TL1=OFF"],
    },
  ])("compiles for $architecture with fixed features and no trace of this build", (target) => {
    const { calls } = compile(target.architecture);

    for (const flag of [...target.flags, "GIT_DIR=/nonexistent"]) expect(calls).toContain(flag);
    expect(calls).not.toMatch(/-march=native|-mcpu|fp16/);
    expect(/-static\b/.test(calls)).toBe(isLinux);
    expect(calls.includes("--build-id=none")).toBe(isLinux);
    if (!isLinux || parseArchitecture(process.arch) === target.architecture) return;
    expect(calls).toContain(`--target=${target.machine}-linux-gnu`);
    expect(calls).toContain(`-DCMAKE_SYSTEM_PROCESSOR=${target.machine}`);
    expect(calls).toContain(`${target.machine}-linux-gnu-strip`);
  });

  it("shows the end of the log when it fails, and stops at the first failure", () => {
    const { status, stderr, calls } = compile("x86_64", [], { CONFIGURE_STATUS: "3" });

    expect(status).toBe(1);
    expect(stderr).toMatch(
      /a line of the log\n.*could not be compiled; the whole log: .*compile\.log/,
    );
    expect(calls).not.toMatch(/^--build$/m);
  });

  it("knows two architectures", () => {
    expect(compile("riscv64")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("no such architecture: riscv64"),
    });
  });
});
