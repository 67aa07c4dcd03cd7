import { writeFileSync } from "node:fs";
import { documentation } from "./lab/docs/documentation.ts";

// `make docs`: the tables in the documentation, from the schemas. A test fails when they are stale.

for (const { path, is, shouldBe } of documentation()) {
  writeFileSync(path, shouldBe);
  console.log(`${path}: ${is === shouldBe ? "up to date" : "written"}`);
}
