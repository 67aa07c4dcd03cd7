import { readGrammar } from "../../../../model/reference/grammar-reader.ts";
import { GrammarState } from "../../../../model/reference/grammar-state.ts";

describe("readGrammar", () => {
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
    { grammar: 'root ::= [] "a" [^]', yes: ["a"], no: [""] },
    { grammar: 'root ::= "a"\0 this is not read', yes: ["a"], no: [""] },
    { grammar: 'e ::= "1"\nroot ::= e ("+" e)*', yes: ["1+1"], no: ["1+"] },
  ])("reads $grammar", ({ grammar, yes, no }) => {
    for (const text of yes) expect([text, accepts(grammar, text)]).toEqual([text, true]);
    for (const text of no) expect([text, accepts(grammar, text)]).toEqual([text, false]);
  });

  it.each([
    { grammar: "root ::= (", message: "parse: error parsing grammar: expecting ')' at " },
    { grammar: "root = 1", message: "expecting ::= at = 1" },
    { grammar: "::= 1", message: "expecting name at ::= 1" },
    { grammar: 'root ::= "a', message: "unexpected end of input" },
    { grammar: "root ::= [a", message: "unexpected end of input" },
    { grammar: 'root ::= "\\q"', message: 'unknown escape at \\q"' },
    { grammar: 'root ::= "\\x4"', message: 'expecting 2 hex chars at 4"' },
    { grammar: "root ::= *", message: "expecting preceding item to */+/?/{ at " },
    { grammar: 'root ::= "" *', message: "expecting preceding item to */+/?/{ at " },
    { grammar: 'root ::= "a"{x}', message: "expecting an int at x}" },
    { grammar: 'root ::= "a"{1;2}', message: "expecting ',' at ;2}" },
    { grammar: 'root ::= "a"{1,2', message: "expecting '}' at " },
    { grammar: 'root ::= "a" )', message: "expecting newline or end at )" },
    { grammar: "root ::= x", message: "Undefined rule identifier 'x'" },
    { grammar: " \n", message: "llama_grammar_init_impl: failed to parse grammar\n" },
    {
      grammar: 'a ::= "b"',
      message: "llama_grammar_init_impl: grammar does not contain a 'root' symbol\n",
    },
    {
      grammar: 'root ::= "x" a\na ::= b\nb ::= "" a',
      message: "unsupported grammar, left recursion detected for nonterminal at index",
    },
    { grammar: 'root ::= "a"? root', message: "left recursion detected" },
  ])("refuses $grammar as llama.cpp does", ({ grammar, message }) => {
    expect(readGrammar(grammar)).toEqual({ refusal: expect.stringContaining(message) });
  });

  it("keeps a deeply ambiguous grammar quick", () => {
    const text = "a".repeat(200);

    expect(accepts('root ::= (("a"?)?)* ("a"* "a"*)*', text)).toBe(true);
  });
});

function accepts(grammar: string, text: string): boolean {
  const reading = readGrammar(grammar);
  if (!("grammar" in reading)) throw new Error(reading.refusal);
  const characters = [...text].map((character) => character.codePointAt(0) ?? 0);
  const start = GrammarState.start(reading.grammar);
  return characters.reduce((state, character) => state.after(character), start).mayEnd;
}
