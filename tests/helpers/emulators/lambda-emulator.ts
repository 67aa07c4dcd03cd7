import type { IncomingMessage, ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { type RunningServer, serve } from "../http-server.ts";
import type { EmulatedAccount, EmulatedFunction } from "./aws-emulator.ts";

/** An invocation that is not as it should be. */
export type InvocationFault =
  /** A refusal, before the function runs. */
  | { readonly kind: "refusal"; readonly status: number; readonly code: string }
  | { readonly kind: "function-error"; readonly errorType: string }
  | { readonly kind: "status"; readonly statusCode: number }
  /** Fields of the answer's body that are others. */
  | { readonly kind: "body"; readonly change: object }
  | { readonly kind: "no-report" }
  /** Served by a new environment although there is one, or by an old one. */
  | { readonly kind: "start"; readonly isCold: boolean }
  /** The connection breaks. */
  | { readonly kind: "hang-up" };

/** One invocation that reached the service. */
interface EmulatedInvocation {
  readonly version: string;
  readonly memoryMiB: number;
  readonly isSnapStart: boolean;
  readonly variables: Readonly<Record<string, string>>;
  readonly event: { readonly n_predict: number; readonly [field: string]: unknown };
  readonly isCold: boolean;
}

/** Faults that a test may set at any time. */
interface LambdaFaults {
  /** Reads for which an update stays in progress, and a version pending. */
  updateReads: number;
  pendingReads: number;
  /** The reason with which versions fail. */
  versionFailure?: string;
  beforeAction?: ((action: string) => Promise<void>) | undefined;
  /** Called with each invocation's number, from 1. */
  invocation?: (number: number, invocation: EmulatedInvocation) => InvocationFault | undefined;
}

/** An HTTP answer of the service; `undefined`: the connection breaks. */
type Answer =
  | { readonly status: number; readonly body: object; readonly headers?: Record<string, string> }
  | undefined;

/** What the service keeps of a function, until Terraform makes it anew. */
interface Deployed {
  /** Status of `$LATEST`, and the state of each version. */
  status: "InProgress" | "Successful";
  readonly states: Map<string, "Pending" | "Active" | "Failed">;
  readonly warm: Set<string>;
  description: string;
  publishedDescription: string;
  readsLeft: number;
}

const routes = [
  ["GET", /\/functions\/([^/]+)\/configuration$/, "GetFunctionConfiguration"],
  ["PUT", /\/functions\/([^/]+)\/configuration$/, "UpdateFunctionConfiguration"],
  ["POST", /\/functions\/([^/]+)\/versions$/, "PublishVersion"],
  ["POST", /\/functions\/([^/]+)\/invocations$/, "Invoke"],
  ["GET", /\/functions\/([^/]+)$/, "GetFunction"],
] as const;

/** AWS Lambda on loopback: configurations, versions and invocations of an account's functions. */
export class LambdaEmulator {
  readonly faults: LambdaFaults = { updateReads: 0, pendingReads: 0 };
  /** Every action requested, in order. */
  readonly actions: string[] = [];
  readonly invocations: EmulatedInvocation[] = [];
  /** Largest number of requests that ran at the same time. */
  mostAtOnce = 0;
  readonly #functions: EmulatedAccount["functions"];
  readonly #deployed = new WeakMap<EmulatedFunction, Deployed>();
  #server: RunningServer | undefined;
  #running = 0;
  #nextVersion = 8;

  constructor({ functions }: Pick<EmulatedAccount, "functions">) {
    this.#functions = functions;
  }

  /** Starts it; returns its address. */
  async start(): Promise<string> {
    this.#server = await serve((request, response) => void this.#answer(request, response));
    return this.#server.url;
  }

  async stop(): Promise<void> {
    await this.#server?.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#running);
    const { pathname, searchParams } = new URL(request.url ?? "", "http://emulator");
    const [, path, action = pathname] =
      routes.find(([method, each]) => method === request.method && each.test(pathname)) ?? [];
    this.actions.push(action);
    await this.faults.beforeAction?.(action);
    const found = this.#functions.get(path?.exec(pathname)?.[1] ?? "");
    const body = request.method === "GET" ? {} : await json(request).catch(() => ({}));
    const version = searchParams.get("Qualifier") ?? "$LATEST";
    const answer = found
      ? this.#act(action, found, version, body as EmulatedInvocation["event"])
      : refused(404, "ResourceNotFoundException");
    this.#running--;
    if (answer === undefined) return void request.socket.destroy();
    const headers = { "content-type": "application/json", ...answer.headers };
    response.writeHead(answer.status, headers).end(JSON.stringify(answer.body));
  }

  #act(
    action: string,
    found: EmulatedFunction,
    version: string,
    body: EmulatedInvocation["event"],
  ): Answer {
    const deployed = this.#deployed.get(found) ?? newlyDeployed();
    this.#deployed.set(found, deployed);
    if (action === "Invoke") return this.#invoke(found, deployed, version, body);
    if (action === "GetFunction") {
      return { status: 200, body: { Configuration: this.#read(deployed, version) } };
    }
    if (action === "GetFunctionConfiguration") {
      return { status: 200, body: this.#read(deployed, version) };
    }
    if (deployed.status === "InProgress") return refused(409, "ResourceConflictException");
    if (action === "PublishVersion") return this.#publish(deployed);
    deployed.description = String(body.Description);
    deployed.status = "InProgress";
    deployed.readsLeft = this.faults.updateReads;
    return { status: 200, body: {} };
  }

  /** What is in progress ends after a number of reads. */
  #read(deployed: Deployed, version: string): object {
    const { versionFailure } = this.faults;
    if (deployed.readsLeft-- <= 0) {
      deployed.status = "Successful";
      deployed.states.set(version, versionFailure === undefined ? "Active" : "Failed");
    }
    const State = deployed.states.get(version) ?? "Active";
    return { State, StateReason: versionFailure, LastUpdateStatus: deployed.status };
  }

  /** Without a change since the last version, AWS publishes none. */
  #publish(deployed: Deployed): Answer {
    if (deployed.description === deployed.publishedDescription) {
      return { status: 201, body: { Version: String(this.#nextVersion - 1) } };
    }
    const Version = String(this.#nextVersion++);
    deployed.publishedDescription = deployed.description;
    deployed.states.set(Version, "Pending");
    deployed.readsLeft = this.faults.pendingReads;
    return { status: 201, body: { Version } };
  }

  #invoke(
    { memory_size: memoryMiB, environment, snap_start }: EmulatedFunction,
    { states, warm }: Deployed,
    version: string,
    event: EmulatedInvocation["event"],
  ): Answer {
    if (states.get(version) === "Pending") return refused(409, "ResourceConflictException");
    const isSnapStart = snap_start?.apply_on === "PublishedVersions";
    const variables = environment?.variables ?? {};
    const isCold = !warm.has(version);
    const invocation = { version, memoryMiB, isSnapStart, variables, event, isCold };
    const fault = this.faults.invocation?.(this.invocations.length + 1, invocation);
    if (fault?.kind === "start") invocation.isCold = fault.isCold;
    this.invocations.push(invocation);
    if (fault?.kind === "refusal") return refused(fault.status, fault.code);
    if (fault?.kind === "hang-up") return undefined;
    warm.add(version);
    return answered(invocation, fault, this.invocations.length);
  }
}

function newlyDeployed(): Deployed {
  return {
    status: "Successful",
    states: new Map(),
    warm: new Set(),
    description: "",
    publishedDescription: "",
    readsLeft: 0,
  };
}

function refused(status: number, code: string): Answer {
  return { status, headers: { "x-amzn-errortype": code }, body: { message: "AWS's words" } };
}

/** What the function and Lambda return; more memory and fewer tokens are faster. */
function answered(
  { memoryMiB, isSnapStart, event, isCold }: EmulatedInvocation,
  fault: InvocationFault | undefined,
  number: number,
): Answer {
  const tokensPerSecond = memoryMiB / 200;
  const durationMs = 500 + (1000 * event.n_predict) / tokensPerSecond + (number % 7);
  const billedStartMs = isSnapStart ? 150 : 700.5;
  const init = { initDurationMs: 700.5 };
  const restore = { restoreDurationMs: 400.25, billedRestoreDurationMs: 150 };
  const metrics = {
    durationMs,
    billedDurationMs: Math.ceil(durationMs + (isCold ? billedStartMs : 0)),
    memorySizeMB: memoryMiB,
    maxMemoryUsedMB: 1200,
    ...(isCold && (isSnapStart ? restore : init)),
  };
  const report = JSON.stringify({ type: "platform.report", record: { metrics } });
  const log = fault?.kind === "no-report" ? "START RequestId: x" : report;
  const headers = { "x-amz-log-result": Buffer.from(log).toString("base64") };
  if (fault?.kind === "function-error") {
    const body = { errorType: fault.errorType, errorMessage: "broken" };
    return { status: 200, headers: { ...headers, "x-amz-function-error": "Unhandled" }, body };
  }
  const answer = {
    content: "A bicycle.",
    model: "made-up",
    finish_reason: "length",
    tokens_evaluated: 25,
    tokens_predicted: event.n_predict,
    seed: 1,
    generation_settings: { seed: 1 },
    timings: {
      total_ms: durationMs - 1,
      first_token_ms: 300,
      predicted_per_second: tokensPerSecond,
    },
    cold_start: isCold,
    restored: isCold && isSnapStart,
    ...(fault?.kind === "body" && fault.change),
  };
  const statusCode = fault?.kind === "status" ? fault.statusCode : 200;
  return { status: 200, headers, body: { statusCode, body: JSON.stringify(answer) } };
}
