import type { GenerationEvent } from "../../runtime/generation.ts";

/** A whole generation: its pieces, its text and how it ended. */
interface Collected<Reason extends string> {
  readonly pieces: string[];
  readonly text: string;
  readonly end: Extract<GenerationEvent<Reason>, { type: "generation-end" }>;
}

/** Reads a generation to its end; fails when it has none, or more behind it. */
export async function collect<Reason extends string>(
  events: AsyncIterable<GenerationEvent<Reason>>,
): Promise<Collected<Reason>> {
  const pieces: string[] = [];
  let end: Collected<Reason>["end"] | undefined;
  for await (const event of events) {
    if (end) throw new Error("an event after generation-end");
    if (event.type === "text-delta") pieces.push(event.text);
    else end = event;
  }
  if (!end) throw new Error("no generation-end");
  return { pieces, text: pieces.join(""), end };
}

/** A signal that never aborts. */
export const never = (): AbortSignal => new AbortController().signal;
