import * as z from "zod";
import { readVariables } from "../runtime/variables.ts";
import { runCommandLine } from "./cli/command-line.ts";
import { Chat } from "./remote/chat.ts";
import { directModel, openAiModel } from "./remote/chat-model.ts";

// `make chat`: a conversation at the terminal with `make local`, a function URL (URL=https://…,
// signed with the AWS credentials at hand, or API_KEY=… for a public one), or by direct invocation
// (FUNCTION=name). SYSTEM=… starts with a system message.

const commandSettings = z.object({
  URL: z.url("must be an address such as https://….on.aws").default("http://127.0.0.1:9000"),
  FUNCTION: z.string().optional(),
  API_KEY: z.string().optional(),
  SYSTEM: z.string().default(""),
});

await runCommandLine(async () => {
  const options = { secrets: ["API_KEY"] };
  const { URL, FUNCTION, API_KEY, SYSTEM } = readVariables(commandSettings, process.env, options);
  const model = FUNCTION === undefined ? openAiModel(URL, API_KEY) : directModel(FUNCTION);
  const { stdin: input, stdout: output } = process;
  await new Chat({ model, system: SYSTEM, input, output }).hold();
});
