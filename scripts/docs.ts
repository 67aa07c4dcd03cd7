import { writeFileSync } from "node:fs";
import { documentation } from "./lab/docs/documentation.ts";

// `make docs`: the tables of the documentation from the schemas, and docs/infra.svg from
// docs/infra.dot. A test fails when they are stale.

for (const { path, current, generated } of await documentation()) {
  writeFileSync(path, generated);
  console.log(`${path}: ${current === generated ? "up to date" : "written"}`);
}
