import { leftOut, withoutEchoes } from "../../../runtime/echoes.ts";

const prompt = "User: My password is hunter2, keep it<|eot_id|>Assistant: ";

describe("withoutEchoes", () => {
  it.each([
    ["a prompt that was printed", `main: prompt: '${prompt}'`],
    ["a part of it", "token 'password is h' at 3"],
    ["its beginning, cut", "User: My pass"],
    ["a line of a text of many lines", "secret line"],
    ["a short line of it", "  ok then  "],
  ])("leaves out %s", (_name, line) => {
    const words = `loading model\n${line}\nfailed`;

    const rest = withoutEchoes(words, [prompt, "first line\nsecret line\nok then"]);

    expect(rest).toBe(`loading model\n${leftOut}\nfailed`);
  });

  it.each(["prompt: 'Hi'", "Hi", "got Hi, then nothing", "(Hi)"])(
    "leaves out a line with a short text as a word: %s",
    (line) => {
      expect(withoutEchoes(`a\n${line}`, ["Hi"])).toBe(`a\n${leftOut}`);
    },
  );

  it.each([
    "llama_model_load: error loading model",
    "this is High and Hill",
    "GGML_ASSERT(n_tokens > 0) failed",
    "",
  ])("keeps what repeats nothing: %j", (line) => {
    expect(withoutEchoes(line, [prompt, "Hi", "", " ", "\n", "a"])).toBe(line);
  });

  it("tells once where several lines in a row are left out", () => {
    const words = "one\nsecret line\nsecret line\ntwo\nsecret line";

    expect(withoutEchoes(words, ["a secret line"])).toBe(`one\n${leftOut}\ntwo\n${leftOut}`);
  });

  it("looks through a whole tail for the longest prompt there may be", () => {
    const long = "some words that go on and on ".repeat(9000);
    const tail = Array.from({ length: 150 }, (_, at) => `line ${at} of the engine's log, fine`);

    expect(withoutEchoes(tail.join("\n"), Array(8).fill(long))).toBe(tail.join("\n"));
  });
});
