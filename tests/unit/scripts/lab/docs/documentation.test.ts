import { settingsTable } from "../../../../../scripts/lab/docs/configuration-tables.ts";
import { documentation } from "../../../../../scripts/lab/docs/documentation.ts";

describe("the tables in the documentation", () => {
  it.each(documentation())("$path is up to date", ({ is, shouldBe }) => {
    expect(is === shouldBe ? "up to date" : "stale: run `make docs`").toBe("up to date");
  });

  it("are all in some page", () => {
    const names = documentation().flatMap(({ is }) =>
      [...is.matchAll(/<!-- table: (\w+) -->/g)].map(([, name]) => name),
    );

    expect(names.toSorted()).toEqual(["request", "settings", "variables"]);
  });

  it("name a setting that has no docstring", () => {
    expect(() => settingsTable("")).toThrow("applicationName has no docstring");
  });
});
