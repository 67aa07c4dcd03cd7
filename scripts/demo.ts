import * as z from "zod";
import { readVariables } from "../runtime/variables.ts";
import { runCommandLine } from "./cli/command-line.ts";
import { holdChat, showAnswer, showExamples } from "./local/demo.ts";

// `make demo`: the handler's answers on this machine. PROMPT="…" asks one question, CHAT=1 holds a
// conversation; without either, a few example questions are asked.

const commandSettings = z.object({ PROMPT: z.string().optional(), CHAT: z.string().optional() });

await runCommandLine(async () => {
  const { PROMPT, CHAT } = readVariables(commandSettings, process.env);
  process.env.BITNET_LOG_LEVEL ??= "error";
  if (CHAT !== undefined) await holdChat();
  else if (PROMPT !== undefined) await showAnswer(PROMPT);
  else await showExamples();
});
