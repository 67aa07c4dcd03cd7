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

  it("leaves nothing that looks whole when the submodule cannot be fetched", async () => {
    await expect(fetch({ submoduleRepository: join(folder, "nowhere") })).rejects.toMatchObject({
      name: "UserError",
    });

    expect(existsSync(source)).toBe(false);
  });

  it("refuses pins that do not belong together", async () => {
    const submoduleCommit = "0".repeat(40);

    await expect(fetch({ submoduleCommit })).rejects.toThrow(
      new RegExp(`has ${pin.submoduleCommit}.*pinned is ${submoduleCommit}`),
    );
  });

  it("says so when the host has no such commit", async () => {
    await expect(fetch({ commit: "1".repeat(40) })).rejects.toMatchObject({
      name: "UserError",
    });
  });

  it("refuses a checkout of another commit", async () => {
    place();
    await expect(fetch({ commit: "2".repeat(40) })).rejects.toThrow(
      /is at commit .*Remove the folder/s,
    );
  });

  it("refuses a submodule that was moved", async () => {
    place();
    const submodule = join(source, submodulePath);
    git(submodule, "commit", "--quiet", "--allow-empty", "--message", "moved");

    await expect(fetch()).rejects.toMatchObject({ name: "UserError" });
  });

  it.each([
    ["a file that is not edited", join(submodulePath, "CMakeLists.txt")],
    ["a file that is edited", kernel],
  ])("refuses a foreign change in %s", async (_case, file) => {
    place();
    const path = join(source, file);
    writeFileSync(path, `${readFileSync(path, "utf8")}// changed\n`);

    await expect(fetch()).rejects.toThrow(/has been changed.*checkout --/s);
  });
});

describe("provideEngineSource with the user's own source", () => {
  /** The user's own clone. */
  function makeClone(): string {
    const clone = join(folder, "clone");
    rmSync(clone, { recursive: true, force: true });
    cpSync(template, clone, { recursive: true });
    git(clone, "checkout", "--quiet", "--", kernel);
    return clone;
  }

  it("edits a copy and leaves the user's tree alone", async () => {
    const clone = makeClone();
    const before = readFileSync(join(clone, kernel), "utf8");

    const { folder: edited, isVerified } = await copy(clone);

    expect(isVerified).toBe(true);
    expect(readFileSync(join(clone, kernel), "utf8")).toBe(before);
    expect(readFileSync(join(edited, kernel), "utf8")).not.toBe(before);
    expect(existsSync(join(edited, ".git"))).toBe(false);
  });

  it("refuses a clone of another commit", async () => {
    const clone = makeClone();
    git(clone, "commit", "--quiet", "--allow-empty", "--message", "moved");

    await expect(copy(clone)).rejects.toMatchObject({
      name: "UserError",
    });
  });

  it("takes a tree without history, and says that it could not be compared", async () => {
    const clone = makeClone();
    rmSync(join(clone, ".git"), { recursive: true });

    expect((await copy(clone)).isVerified).toBe(false);
  });

  it("says what a tree without its submodule lacks", async () => {
    await expect(copy(folder)).rejects.toThrow(
      /ENGINE_SOURCE=.*git submodule update --init 3rdparty\/llama\.cpp/s,
    );
  });
});
