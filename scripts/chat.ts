import * as z from "zod";
import { readVariables } from "../runtime/variables.ts";
import { runCommandLine } from "./cli/command-line.ts";
import { Chat } from "./remote/chat.ts";
import { connectChat, directModel } from "./remote/chat-model.ts";

// `make chat`: a conversation at the terminal with `make local`, a function URL (ENDPOINT=https://…,
// signed with the AWS credentials at hand, or API_KEY=… for a public one), or by direct invocation
// (FUNCTION=name). SYSTEM=… starts with a system message.

const address = z.url("must be an address such as https://….on.aws");

const commandSettings = z.object({
  ENDPOINT: address.optional(),
  /** An older name of ENDPOINT. */
  URL: address.default("http://127.0.0.1:9000"),
  FUNCTION: z.string().optional(),
  API_KEY: z.string().optional(),
  SYSTEM: z.string().default(""),
});

await runCommandLine(async () => {
  const options = { secrets: ["API_KEY"] };
  const settings = readVariables(commandSettings, process.env, options);
  const { ENDPOINT = settings.URL, FUNCTION, API_KEY, SYSTEM: system } = settings;
  const model =
    FUNCTION === undefined ? await connectChat(ENDPOINT, API_KEY) : directModel(FUNCTION);
  const { stdin: input, stdout: output } = process;
  const chat = new Chat({ model, system, input, output });
  await chat.hold();
  if (chat.hasFailed) process.exitCode = 1;
});
