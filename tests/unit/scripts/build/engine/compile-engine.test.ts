import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { arch, platform } from "node:os";
import { join, resolve } from "node:path";
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
  writeFileSync(join(tools, name), `#!/bin/bash\n${text}\n`);
  chmodSync(join(tools, name), 0o755);
}

/** Runs the script with the stand-ins; returns their calls. */
function compile(architecture: string, programs: string[] = [], environment = {}) {
  const out = join(folder, `out-${++outs}`);
  writeFileSync(calls, "");
  const { status, stdout, stderr } = spawnSync(
    resolve("container/compile-engine.sh"),
    [source, out, architecture, ...programs],
    {
      encoding: "utf8",
      env: {
        PATH: `${tools}:${process.env.PATH}`,
        CC: "clang-19",
        CXX: "clang++-19",
        ...environment,
      },
    },
  );
  return { out, status, stdout, stderr, calls: readFileSync(calls, "utf8") };
}

describe("compile-engine.sh", () => {
  it("makes the three programs, and says nothing", () => {
    const { out, status, stdout, stderr } = compile("x86_64");

    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "", stderr: "" });
    for (const program of ["llama-cli", "llama-server", "llama-quantize"]) {
      expect(existsSync(join(out, program))).toBe(true);
    }
  });

  it("makes only the programs it is asked for", () => {
    const { out } = compile("x86_64", ["llama-quantize"]);

    expect(existsSync(join(out, "llama-quantize"))).toBe(true);
    expect(existsSync(join(out, "llama-cli"))).toBe(false);
  });

  const common = ["-DGGML_NATIVE=OFF", "-DGGML_OPENMP=OFF", "-DBUILD_SHARED_LIBS=OFF"];

  it.each([
    {
      architecture: "x86_64",
      flags: [
        ...common,
        ...["-DGGML_AVX=ON", "-DGGML_AVX2=ON", "-DGGML_FMA=ON", "-DGGML_F16C=ON"],
        ...["-DGGML_AVX512=OFF", "-DBITNET_X86_TL2=OFF", "-DCMAKE_BUILD_TYPE=Release"],
        `-ffile-prefix-map=${source}=`,
      ],
    },
    {
      architecture: "arm64",
      flags: [...common, "-march=armv8.2-a+dotprod", "-DBITNET_ARM_TL1=OFF"],
    },
  ])("compiles for $architecture with fixed processor features", ({ architecture, flags }) => {
    const { calls } = compile(architecture);

    for (const flag of flags) expect(calls).toContain(flag);
    expect(calls).not.toMatch(/-march=native|-mcpu|fp16/);
  });

  it("links everything in where Linux runs", () => {
    const { calls } = compile("x86_64");

    expect(/-static\b/.test(calls)).toBe(platform() === "linux");
  });

  it("keeps out of the programs what differs between two builds", () => {
    const { calls } = compile("x86_64");

    expect(calls).toContain("GIT_DIR=/nonexistent");
    expect(calls.includes("--build-id=none")).toBe(platform() === "linux");
  });

  it("compiles for the other processor with the same compiler", () => {
    if (platform() !== "linux") return;
    const [other, machine] = arch() === "x64" ? ["arm64", "aarch64"] : ["x86_64", "x86_64"];

    const { calls } = compile(String(other));

    expect(calls).toContain(`--target=${machine}-linux-gnu`);
    expect(calls).toContain(`-DCMAKE_SYSTEM_PROCESSOR=${machine}`);
    expect(calls).toContain(`${machine}-linux-gnu-strip`);
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
    const { status, stderr } = compile("riscv64");

    expect(status).toBe(2);
    expect(stderr).toContain("no such architecture: riscv64");
  });
});
