import { checkLicences } from "../../../../../scripts/lab/supply-chain/licences.ts";

function problemsOf(packages: Record<string, object>): string[] {
  const { problems } = checkLicences(JSON.stringify({ packages }));
  return problems.map(({ name, licence }) => `${name}: ${licence}`);
}

describe("checkLicences", () => {
  it.each(["MIT", "(MIT OR CC0-1.0)", "Apache-2.0 AND MIT", "GPL-3.0 OR MIT"])(
    "takes %s",
    (license) => {
      expect(problemsOf({ "node_modules/a": { license } })).toEqual([]);
    },
  );

  it.each([
    ["a licence that nobody has read", { license: "GPL-3.0" }, "GPL-3.0"],
    ["one of two that both hold", { license: "MIT AND GPL-3.0" }, "MIT AND GPL-3.0"],
    ["none", {}, "none named"],
  ])("names a package with %s", (_name, entry, licence) => {
    expect(problemsOf({ "node_modules/a/node_modules/@b/c": entry })).toEqual([`@b/c: ${licence}`]);
  });

  it("leaves out this project and counts the rest", () => {
    const packages = { "": {}, "node_modules/a": { license: "MIT" }, b: { license: "MIT" } };

    expect(checkLicences(JSON.stringify({ packages })).counts).toEqual(new Map([["MIT", 2]]));
  });
});
