import { grammarProblem } from "../../../../runtime/constraint/grammar.ts";

/** Names of two letters: as many rules as possible. */
function namesOf(count: number): string[] {
  const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  return Array.from(letters)
    .flatMap((first) => Array.from(letters, (second) => first + second))
    .slice(0, count);
}

describe("grammarProblem", () => {
  // What the engine used is accepted as well: `tests/contract/grammar.test.ts`.
  it.each([
    ["classes and ranges", "root ::= [a-zA-Z_] [^\\n\\]\\x41-\\x5A]"],
    ["repetitions", 'root ::= "a"* "b"+ "c"? "d"{2} "e"{2,} "f"{2,5} .{0,3}'],
    ["groups over lines", 'root ::= ("a" |\n  "b"\n)+ # comment\n\nrest ::= "x"'],
    ["llama.cpp's own", 'space ::= | " " | "\\n" [ \\t]{0,20}\nroot ::= space "x"'],
  ])("accepts %s", (_name, grammar) => {
    expect(grammarProblem(grammar)).toBeUndefined();
  });

  it("takes a chain of rules as long as a grammar can hold", () => {
    const names = namesOf(3600);
    const rules = names.slice(1).map((name, at) => `${names[at]}::=${name}`);
    const isLast = (ending: string) =>
      `root ::= aa\n${rules.join("\n")}\n${names.at(-1)}::=${ending}`;

    expect(isLast('"x"').length).toBeLessThan(32 * 1024);
    expect(grammarProblem(isLast('"x"'))).toBeUndefined();
    expect(grammarProblem(isLast('""'))).toBeUndefined();
    expect(grammarProblem(isLast("aa"))).toContain("left-recursive");
  });

  it.each([
    ["root ::= (", "line 1, column 11: expected `)`"],
    ['root ::= "a', "line 1, column 12: unexpected end"],
    ["root ::= [a-", "line 1, column 13: unexpected end"],
    ['root ::= "\\q"', "line 1, column 12: unknown escape"],
    ['root ::= "\\x4"', "line 1, column 12: unknown escape"],
    ['root = "a"', "line 1, column 6: expected `::=`"],
    ['::= "a"', "line 1, column 1: expected the name of a rule"],
    ['root ::= "a" )', "line 1, column 14: expected the end of the rule"],
    ['root ::= "a"\n  | "b"', "line 2, column 3: expected the name of a rule"],
    ["root ::= *", "line 1, column 10: expected the end of the rule"],
    ['root ::= "a"{', "expected a repetition like"],
    ['root ::= "a"{3,2}', "repetition bounds are the wrong way round"],
    ['root ::= ""*', "an empty text cannot be repeated"],
    ["root ::= []", "an empty character class matches nothing"],
    ['root ::= my_rule\nmy_rule ::= "a"', "expected the end of the rule"],
    ['a ::= "x"', "has no rule named `root`"],
    ["root ::= a", "uses the rule `a`, which it does not define"],
    ['root ::= ("b" | (c))', "uses the rule `c`, which it does not define"],
    ['root ::= "a"\nroot ::= "b"', "the rule `root` is defined twice"],
    ['root ::= root "x" | "y"', "is left-recursive at the rule `root`"],
    ['root ::= "s" a\na ::= b\nb ::= "x"? a "y"', "is left-recursive at the rule `a`"],
    ['root ::= ("a"?)*', "repeats without end what may be empty, in the rule `root`"],
    ['root ::= a+\na ::= "x"*', "repeats without end what may be empty"],
    ['root ::= "a"{60000}', "is too large"],
    ['root ::= (("a"{300}){300})', "is too large"],
    [`root ::= "a"${"?".repeat(20_000)}`, "more than 100 repetitions behind each other"],
    [`root ::= ${"(".repeat(200)}"a"${")".repeat(200)}`, "parentheses inside each other"],
  ])("refuses %j: %s", (grammar, problem) => {
    expect(grammarProblem(grammar)).toContain(problem);
  });
});
