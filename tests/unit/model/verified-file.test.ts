import { createHash } from "node:crypto";
import { readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { knownSha256, writeReceipt } from "../../../model/verified-file.ts";
import { temporaryFolder } from "../../helpers/temporary-folder.ts";

const path = join(temporaryFolder(), "model.gguf");
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

test("knownSha256 believes the receipt of an untouched file, and reads any other", async () => {
  writeFileSync(path, "weights");
  expect(await knownSha256(path)).toBe(sha256("weights"));

  await writeReceipt(path, "0".repeat(64));
  expect(await knownSha256(path)).toBe("0".repeat(64));

  writeFileSync(path, "WEIGHTS");
  utimesSync(path, new Date(), new Date(Date.now() + 1000));
  expect(await knownSha256(path)).toBe(sha256("WEIGHTS"));
  expect(readFileSync(`${path}.sha256`, "utf8")).toContain("0".repeat(64));

  expect(await knownSha256(`${path}.none`)).toBeUndefined();
});
