import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readIntoPageCache } from "../../../../runtime/engine/page-cache.ts";
import { temporaryFolder } from "../../../helpers/temporary-folder.ts";

const folder = temporaryFolder();

describe("readIntoPageCache", () => {
  it.each([0, 1, 3, 1024 * 1024, 9 * 1024 * 1024 + 5])(
    "reads every byte of a file of %d once",
    async (size) => {
      const path = join(folder, `${size}`);
      writeFileSync(path, Buffer.alloc(size));

      expect(await readIntoPageCache(path)).toBe(size);
    },
  );

  it("fails for a file that is not there", async () => {
    await expect(readIntoPageCache(join(folder, "none"))).rejects.toThrow("ENOENT");
  });
});
