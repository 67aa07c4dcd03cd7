import { isNativeError } from "node:util/types";
import { withoutEchoes } from "./echoes.ts";
import { AppError, toAppError } from "./errors.ts";
import type { GenerationEvent, GenerationRequest } from "./generation.ts";

/** What requests have said lately, and were answered: no failure shall repeat it to the log. */
export interface RecentRequests {
  /** The same events; their failure, if they fail, without a word of this request or those before. */
  watch(
    request: GenerationRequest,
    events: AsyncIterable<GenerationEvent>,
  ): AsyncGenerator<GenerationEvent>;
}

/** Requests whose texts are kept: the last words of an engine that stays may be about any of them. */
const mostRequests = 8;

export function createRecentRequests(): RecentRequests {
  const texts: string[][] = [];
  return {
    async *watch({ prompt, settings }, events) {
      const own = [prompt, settings.grammar, ...settings.stop];
      texts.unshift(own);
      texts.splice(mostRequests);
      let answer = "";
      try {
        for await (const event of events) {
          if (event.type === "text-delta") answer += event.text;
          yield event;
        }
      } catch (thrown) {
        throw cleared(toAppError(thrown), [...texts.flat(), answer]);
      } finally {
        own.push(answer);
      }
    },
  };
}

/** An error whose details, which are the engine's words or the system's, repeat none of these texts. */
function cleared(error: AppError, texts: readonly string[]): AppError {
  const { kind, message, details, cause } = error;
  if (details.stderrTail === undefined && cause === undefined) return error;
  const clear = (words: string) => withoutEchoes(words, texts);
  return new AppError(kind, clear(message), {
    ...details,
    ...(details.stderrTail !== undefined && { stderrTail: clear(details.stderrTail) }),
    ...(cause !== undefined && { cause: new Error(clear(messageOf(cause))) }),
  });
}

function messageOf(cause: unknown): string {
  return isNativeError(cause) ? cause.message : String(cause);
}
