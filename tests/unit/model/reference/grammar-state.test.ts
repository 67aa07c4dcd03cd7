import { accepts } from "../../../helpers/grammar.ts";

describe("GrammarState", () => {
  it.each([
    { grammar: 'root ::= "yes" | "no"', yes: ["yes", "no"], no: ["", "ye", "yesno", "y"] },
    { grammar: 'root ::= "a"* "b"+ "c"?', yes: ["b", "aabbc"], no: ["a", "bcc"] },
    { grammar: 'root ::= "ab"{2,3}', yes: ["abab", "ababab"], no: ["ab", "abababab"] },
    { grammar: 'root ::= "a"{2}', yes: ["aa"], no: ["a", "aaa"] },
    { grammar: 'root ::= "a"{2,}', yes: ["aa", "aaaaa"], no: ["a"] },
    { grammar: 'root ::= "a"{0,0} "b"', yes: ["b"], no: ["ab"] },
    { grammar: "root ::= [a-c-] [^x-z]", yes: ["a1", "-ß"], no: ["d1", "ax"] },
    { grammar: "root ::= . .", yes: ["a😀"], no: ["a", "abc"] },
    {
      grammar: String.raw`root ::= "\x41\u00e9\U0001F600" [\]\\\n\t\r"]`,
      yes: ["Aé😀]"],
      no: ["A"],
    },
    { grammar: 'root ::= ("a" | "b" "c")* x\nx ::= "!"', yes: ["!", "abc!"], no: ["ab!"] },
    { grammar: 'root ::= "(" root ")" | ""', yes: ["", "()", "((()))"], no: ["(", "(()"] },
    { grammar: "root ::= # say\n  [a] # once\n# end", yes: ["a"], no: [""] },
    { grammar: 'root ::= (\n "a"\n |\r\n "b" )\n', yes: ["a", "b"], no: ["ab"] },
    { grammar: 'e ::= "1"\nroot ::= e ("+" e)*', yes: ["1+1"], no: ["1+"] },
  ])("accepts the texts of $grammar", ({ grammar, yes, no }) => {
    for (const text of yes) expect([text, accepts(grammar, text)]).toEqual([text, true]);
    for (const text of no) expect([text, accepts(grammar, text)]).toEqual([text, false]);
  });

  it("keeps a deeply ambiguous grammar quick", () => {
    const text = "a".repeat(200);

    expect(accepts('root ::= (("a"?)? "b"?)? ("a" "a"* "a"*)*', text)).toBe(true);
  });
});
