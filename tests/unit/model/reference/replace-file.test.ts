import { execFileSync } from "node:child_process";
import {
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { replaceFile } from "../../../../model/reference/replace-file.ts";
import { temporaryFolder } from "../../../helpers/temporary-folder.ts";

const folder = temporaryFolder();
const bytes = Buffer.from("new");

describe("replaceFile", () => {
  it("writes a file that was not there, and nothing beside it", () => {
    const place = newPlace();

    replaceFile(join(place, "state"), bytes);

    expect(readdirSync(place)).toEqual(["state"]);
    expect(readFileSync(join(place, "state"), "utf8")).toBe("new");
  });

  it("leaves the old file to whoever has it open, instead of writing into it", () => {
    const path = join(newPlace(), "state");
    writeFileSync(path, "old");
    const before = lstatSync(path).ino;

    replaceFile(path, bytes);

    expect(lstatSync(path).ino).not.toBe(before);
    expect(readFileSync(path, "utf8")).toBe("new");
  });

  it("replaces what a link leads to, not the link", () => {
    const place = newPlace();
    writeFileSync(join(place, "file"), "old");
    symlinkSync("file", join(place, "link"));

    replaceFile(join(place, "link"), bytes);

    expect(lstatSync(join(place, "link")).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(place, "file"), "utf8")).toBe("new");
  });

  it("writes into a pipe, which stays one", () => {
    const pipe = join(newPlace(), "pipe");
    execFileSync("mkfifo", [pipe]);
    // A reader, or else the writer waits for one; it does not wait itself.
    const descriptor = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
    const read = Buffer.alloc(3);

    replaceFile(pipe, bytes);

    readSync(descriptor, read);
    closeSync(descriptor);
    expect(read.toString()).toBe("new");
    expect(lstatSync(pipe).isFIFO()).toBe(true);
  });

  it("leaves nothing behind when it cannot write", () => {
    const place = newPlace();
    mkdirSync(join(place, "folder"));

    expect(() => replaceFile(join(place, "folder"), bytes)).toThrow(/EISDIR/);
    expect(() => replaceFile(join(place, "none", "state"), bytes)).toThrow(/ENOENT/);

    expect(readdirSync(place)).toEqual(["folder"]);
  });
});

let places = 0;

/** An empty folder. */
function newPlace(): string {
  const place = join(folder, String(places++));
  mkdirSync(place);
  return place;
}
