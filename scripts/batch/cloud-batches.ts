import { comparePrompts } from "../../runtime/batch/batch-item.ts";
import { requestInvalid } from "../../runtime/request/problems.ts";
import { type BatchElement, outcomeBytes } from "../../stacks/batch/definition.ts";
import type { BadLine, CheckedFile, CheckedItem } from "./check-file.ts";

/** Bytes that an answer takes beside its text, as JSON: names, counts, timings. */
const answerFrameBytes = 900;

/** Bytes of a token's text in JSON, more than most have. */
const tokenBytes = 6;

/** Most items of one batch: what is lost when a function dies. */
const mostItems = 500;

/** A batch for each place, several times over, so that no place waits long for the last one. */
export const batchesForEachPlace = 4;

/** Bytes that an item and then its answer can take on their way through the state machine. */
function itemBytes(item: CheckedItem): number {
  return sentBytes(item) + 1 + answerFrameBytes + item.request.answerTokens * tokenBytes;
}

/** Bad lines, and lines that no state can hold. The first are checked as the function checks them. */
export function fitForCloud({ items, badLines }: CheckedFile): CheckedFile {
  const tooLarge = items.filter((item) => sentBytes(item) > outcomeBytes);
  return {
    items: items.filter((item) => !tooLarge.includes(item)),
    badLines: [...badLines, ...tooLarge.map(asBadLine)],
  };
}

function sentBytes({ sent }: CheckedItem): number {
  return Buffer.byteLength(JSON.stringify(sent));
}

function asBadLine({ line, custom_id }: CheckedItem): BadLine {
  const message = `has more than ${outcomeBytes} bytes, the most that a batch in the cloud can carry; LOCAL=1 can`;
  return { line, customId: custom_id, error: requestInvalid([{ path: "line", message }]) };
}

/**
 * Groups items into batches: by their prompts, so that a batch's items begin alike, each as large as the
 * state machine can carry with its answers, and small enough that all places have work.
 *
 * @param places batches answered at once
 */
export function groupItems(items: readonly CheckedItem[], places: number): BatchElement[] {
  const most = Math.min(mostItems, Math.ceil(items.length / (places * batchesForEachPlace)));
  const groups: { items: object[]; bytes: number }[] = [];
  const sorted = items.toSorted((one, other) =>
    comparePrompts(one.request.prompt, other.request.prompt),
  );
  for (const item of sorted) {
    const bytes = itemBytes(item);
    const last = groups.at(-1);
    if (last !== undefined && last.items.length < most && last.bytes + bytes <= outcomeBytes) {
      last.items.push(item.sent);
      last.bytes += bytes;
    } else {
      groups.push({ items: [item.sent], bytes });
    }
  }
  return groups.map((group, index) => ({ index, items: group.items }));
}
