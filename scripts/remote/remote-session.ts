import * as z from "zod";
import { UserError } from "../../model/user-error.ts";
import { answerSchema, type RemoteAnswer, refusalSchema } from "./answer-schema.ts";
import type { Exchange, RemoteFunction } from "./remote-function.ts";

/** An answered request. */
export interface Measured {
  readonly title: string;
  readonly answer: RemoteAnswer;
  readonly exchange: Exchange;
}

/** A test run against one function: sends requests, checks responses, keeps the measurements. */
export class RemoteSession {
  readonly measured: Measured[] = [];
  readonly #call: RemoteFunction;

  constructor(call: RemoteFunction) {
    this.#call = call;
  }

  /** An answer. @throws UserError when the response is not one of the documented shape */
  async ask(title: string, request: object): Promise<RemoteAnswer> {
    const exchange = await this.#call(request);
    const answer = checked(answerSchema, exchange, 200);
    this.measured.push({ title, answer, exchange });
    return answer;
  }

  /** Paths of the problems that a bad request is refused for. @throws UserError when it is not */
  async refuse(event: unknown): Promise<readonly string[]> {
    const { error } = checked(refusalSchema, await this.#call(event), 400);
    return error.problems.map(({ path }) => path);
  }
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
