import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { auditVerdict } from "./lab/supply-chain/audit-verdict.ts";
import { checkLicences } from "./lab/supply-chain/licences.ts";

// `make audit`: the licence of every package, and the registry's list of vulnerabilities.

const { counts, problems } = checkLicences(readFileSync("package-lock.json", "utf8"));
console.log("licences");
for (const [licence, count] of [...counts].toSorted(([, a], [, b]) => b - a)) {
  console.log(`  ${String(count).padStart(4)}  ${licence}`);
}
for (const { name, licence } of problems) {
  console.error(`${name}: ${licence} is not in the list of scripts/lab/supply-chain/licences.ts`);
}

const { stdout } = spawnSync("npm", ["audit", "--json"], {
  encoding: "utf8",
  maxBuffer: 64 * 1024 * 1024,
});
const verdict = auditVerdict(stdout ?? "");
switch (verdict.kind) {
  case "clean":
    console.log("vulnerabilities\n  none known that is high or critical");
    break;
  case "vulnerable":
    console.error(`vulnerabilities\n  ${verdict.packages.join("\n  ")}\nnpm audit tells more.`);
    break;
  case "not-asked":
    console.log(`vulnerabilities\n  skipped: the registry does not tell (${verdict.reason})`);
    break;
  default:
    verdict satisfies never;
}
process.exitCode = problems.length > 0 || verdict.kind === "vulnerable" ? 1 : 0;
