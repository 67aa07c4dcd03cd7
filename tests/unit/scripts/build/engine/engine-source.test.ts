import { cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EnginePin } from "../../../../../model/pins.ts";
import { provideEngineSource } from "../../../../../scripts/build/engine/engine-source.ts";
import {
  type EngineRepositories,
  git,
  makeEngineRepositories,
  submodulePath,
} from "../../../../helpers/engine-source.ts";
import { temporaryFolder } from "../../../../helpers/temporary-folder.ts";

const folder = temporaryFolder();
const root = process.cwd();
const repositories: EngineRepositories = makeEngineRepositories(join(folder, "hosts"));
const pin: EnginePin = { ...repositories, submodulePath };
const fetch = (changes: Partial<EnginePin> = {}) =>
  provideEngineSource("x86_64", { ...pin, ...changes }, {});
const copy = (from: string) => provideEngineSource("x86_64", pin, { ENGINE_SOURCE: from });
const printed = jest.spyOn(console, "log").mockImplementation();
const source = "temp/engine/x86_64";
const kernel = join("src", "ggml-bitnet-mad.cpp");

/** What a fetch makes; fetching it for every test would take long. */
const template = join(folder, "template");
const place = () => cpSync(template, source, { recursive: true });

beforeAll(async () => {
  process.chdir(folder);
  await fetch();
  renameSync(source, template);
});
beforeEach(() => {
  process.chdir(folder);
  rmSync("temp", { recursive: true, force: true });
});
afterEach(() => process.chdir(root));

describe("provideEngineSource with the pinned source", () => {
  it("fetches both commits without their history, and edits them", async () => {
    const { edits, isVerified } = await fetch();

    expect(isVerified).toBe(true);
    expect(printed.mock.calls.join()).toMatch(/fetching BitNet .*fetching llama\.cpp/);
    expect([...edits]).toEqual([
      ["P1", "made"],
      ["P2", "made"],
      ["P5", "made"],
    ]);
    expect(git(source, "rev-list", "--count", "HEAD")).toBe("1");
    expect(git(join(source, submodulePath), "rev-parse", "HEAD")).toBe(pin.submoduleCommit);
  });

  it("does nothing when all is there", async () => {
    place();
    printed.mockClear();

    const { edits } = await fetch();

    expect(new Set(edits.values())).toEqual(new Set(["already made"]));
    expect(printed).not.toHaveBeenCalled();
  });

  it.each([
    ["a submodule that cannot be fetched", { submoduleRepository: join(folder, "nowhere") }, ""],
    [
      "pins that do not belong together",
      { submoduleCommit: "0".repeat(40) },
      new RegExp(`has ${pin.submoduleCommit}.*pinned is ${"0".repeat(40)}`),
    ],
    ["a commit that the host lacks", { commit: "1".repeat(40) }, ""],
  ])("refuses %s, and leaves nothing that looks whole", async (_case, changes, message) => {
    const failure = await fetch(changes).catch((error: Error) => error);

    expect(failure).toMatchObject({ name: "UserError", message: expect.stringMatching(message) });
    expect(existsSync(source)).toBe(false);
  });

  const submodule = join(source, submodulePath);
  const change = (path: string) => writeFileSync(path, `${readFileSync(path, "utf8")}// changed\n`);

  const moved = ["commit", "--quiet", "--allow-empty", "--message", "moved"];

  it.each<[string, () => unknown, RegExp]>([
    ["another commit", () => git(source, ...moved), /is at commit .*Remove the folder/s],
    ["another commit of the submodule", () => git(submodule, ...moved), /is at commit/],
    [
      "a foreign change in a file that is not edited",
      () => change(join(submodule, "CMakeLists.txt")),
      /has been changed.*checkout --/s,
    ],
    [
      "a foreign change in a file that is edited",
      () => change(join(source, kernel)),
      /has been changed.*checkout --/s,
    ],
  ])("refuses a checkout with %s", async (_case, spoil, message) => {
    place();
    spoil();

    await expect(fetch()).rejects.toThrow(message);
  });
});

describe("provideEngineSource with the user's own source", () => {
  const clone = join(folder, "clone");
  beforeEach(() => {
    rmSync(clone, { recursive: true, force: true });
    cpSync(template, clone, { recursive: true });
    git(clone, "checkout", "--quiet", "--", kernel);
  });

  it("edits a copy and leaves the user's tree alone", async () => {
    const before = readFileSync(join(clone, kernel), "utf8");

    const { folder: edited, isVerified } = await copy(clone);

    expect(isVerified).toBe(true);
    expect(readFileSync(join(clone, kernel), "utf8")).toBe(before);
    expect(readFileSync(join(edited, kernel), "utf8")).not.toBe(before);
    expect(existsSync(join(edited, ".git"))).toBe(false);
  });

  it("takes a tree without history, and says that it could not be compared", async () => {
    rmSync(join(clone, ".git"), { recursive: true });

    expect((await copy(clone)).isVerified).toBe(false);
  });

  it("refuses a clone of another commit, and a tree without its submodule", async () => {
    git(clone, "commit", "--quiet", "--allow-empty", "--message", "moved");

    await expect(copy(clone)).rejects.toThrow(/is at commit/);
    await expect(copy(folder)).rejects.toThrow(
      /ENGINE_SOURCE=.*git submodule update --init 3rdparty\/llama\.cpp/s,
    );
  });
});
