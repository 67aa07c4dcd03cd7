import { createHash } from "node:crypto";
import { readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { knownSha256, writeReceipt } from "../../../model/verified-file.ts";
import { temporaryFolder } from "../../helpers/temporary-folder.ts";

const path = join(temporaryFolder(), "model.gguf");
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

describe("knownSha256", () => {
  it("reads a file without a receipt", async () => {
    writeFileSync(path, "weights");

    expect(await knownSha256(path)).toBe(sha256("weights"));
  });

  it("believes the receipt of an untouched file", async () => {
    writeFileSync(path, "weights");
    await writeReceipt(path, "0".repeat(64));

    expect(await knownSha256(path)).toBe("0".repeat(64));
  });

  it("reads a file again that was written since, even with as many bytes", async () => {
    writeFileSync(path, "weights");
    await writeReceipt(path, sha256("weights"));

    writeFileSync(path, "WEIGHTS");
    utimesSync(path, new Date(), new Date(Date.now() + 1000));

    expect(await knownSha256(path)).toBe(sha256("WEIGHTS"));
    expect(readFileSync(`${path}.sha256`, "utf8")).toContain(sha256("weights"));
  });

  it("knows nothing of a file that is not there", async () => {
    expect(await knownSha256(`${path}.none`)).toBeUndefined();
  });
});
