import * as z from "zod";
import { UserError } from "../../model/user-error.ts";
import { answerSchema, type RemoteAnswer, refusalSchema } from "./answer-schema.ts";
import type { Exchange, RemoteFunction } from "./remote-function.ts";

/** An answered request, for the table. */
export interface Measured {
  readonly title: string;
  readonly answer: RemoteAnswer;
  readonly exchange: Exchange;
}

/** A test run against one function: asks, checks shapes, remembers what it measured. */
export interface RemoteSession {
  readonly measured: readonly Measured[];
  /** An answer. @throws UserError when it is none, or of another shape */
  ask(title: string, request: object): Promise<RemoteAnswer>;
  /** Paths of what a bad request is refused for. @throws UserError when it is not */
  refuse(event: unknown): Promise<readonly string[]>;
}

/** A session on a function. */
export function createRemoteSession(call: RemoteFunction): RemoteSession {
  const measured: Measured[] = [];
  return {
    measured,
    async ask(title, request) {
      const exchange = await call(request);
      const answer = checked(answerSchema, exchange, 200);
      measured.push({ title, answer, exchange });
      return answer;
    },
    async refuse(event) {
      const { error } = checked(refusalSchema, await call(event), 400);
      return error.problems.map(({ path }) => path);
    },
  };
}

function checked<Body>(schema: z.ZodType<Body>, exchange: Exchange, statusCode: number): Body {
  const text = JSON.stringify(exchange.body).slice(0, 300);
  if (exchange.statusCode !== statusCode) {
    throw new UserError(`status ${exchange.statusCode}, expected ${statusCode}: ${text}`);
  }
  const result = schema.safeParse(exchange.body);
  if (result.success) return result.data;
  throw new UserError(`${z.prettifyError(result.error)}\n${text}`);
}
