import * as z from "zod";
import { UserError } from "../../../model/user-error.ts";
import { runChild, runCommand } from "../../cli/run-command.ts";
import type { ContainerTool } from "./container-tool.ts";

/** The fields of an answer that are read here. */
const responseSchema = z.object({ statusCode: z.number(), body: z.string() });

/** An answer of the handler. */
export type HandlerResponse = z.infer<typeof responseSchema>;

/** Marks our line among the handler's log lines. */
const mark = "bitnet-lambda-responses:";

/**
 * Sends events, one after the other, to the handler inside an image, with variables of the function.
 *
 * @throws UserError with the end of the container's output when there is no answer
 */
export async function invokeInImage(
  tool: ContainerTool,
  image: string,
  events: readonly unknown[],
  variables: Readonly<Record<string, string>> = {},
): Promise<HandlerResponse[]> {
  const program = handlerProgram(events, variables);
  const output = await (tool === "buildah"
    ? runInBuildah(image, program)
    : runIn(tool, ["run", "--rm", "--interactive", "--entrypoint", "node", image], program));
  const line = output.split("\n").find((candidate) => candidate.startsWith(mark));
  if (line) return z.array(responseSchema).parse(JSON.parse(line.slice(mark.length)));
  throw new UserError(`${image} gives no answer:\n${output.slice(-2000)}`);
}

/** The program that runs inside the image, read from standard input. */
function handlerProgram(events: readonly unknown[], variables: object): string {
  return `
    Object.assign(process.env, ${JSON.stringify(variables)});
    const { handler } = await import("/var/task/handler.mjs");
    const context = { awsRequestId: "smoke", getRemainingTimeInMillis: () => 900_000 };
    const responses = [];
    for (const event of ${JSON.stringify(events)}) responses.push(await handler(event, context));
    console.log(${JSON.stringify(mark)} + JSON.stringify(responses));
  `;
}

async function runInBuildah(image: string, program: string): Promise<string> {
  const from = await runCommand({ file: "buildah", args: ["from", "--pull-never", image] });
  const container = from.stdout.trim();
  try {
    return await runIn("buildah", ["run", container, "--", "node"], program);
  } finally {
    await runCommand({ file: "buildah", args: ["rm", container] });
  }
}

/** Runs a module in Node.js, to which the command leads. */
async function runIn(tool: string, command: readonly string[], module: string): Promise<string> {
  const args = [...command, "--input-type=module", "-"];
  const { stdout, stderr } = await runChild({ file: tool, args, input: module });
  return `${stdout}\n${stderr}`;
}
