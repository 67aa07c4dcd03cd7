import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A user without rights, where the tests run as root, who may write everywhere. */
const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

describe("make", () => {
  it("says in one sentence that it cannot work in a read-only checkout", () => {
    const checkout = mkdtempSync(join(tmpdir(), "bitnet-read-only-"));
    try {
      for (const file of ["Makefile", "package.json", "package-lock.json"]) {
        copyFileSync(file, join(checkout, file));
      }
      chmodSync(checkout, 0o555);

      const { status, stderr } = spawnSync("make", ["demo"], {
        cwd: checkout,
        encoding: "utf8",
        ...nobody,
      });

      expect(status).toBe(2);
      expect(stderr).toContain(
        "this folder is read-only, and packages and programs are made in it: clone it where you may write",
      );
      expect(stderr).not.toContain("npm");
    } finally {
      chmodSync(checkout, 0o755);
      rmSync(checkout, { recursive: true });
    }
  });
});
