/** A refusal in AWS's form. */
export interface LambdaFailure {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** An invocation that is not as it should be. */
export type InvocationFault =
  /** A refusal, before the function runs. */
  | { readonly kind: "refusal"; readonly failure: LambdaFailure }
  | { readonly kind: "function-error"; readonly errorType: string; readonly message: string }
  | { readonly kind: "status"; readonly statusCode: number }
  /** Fields of the answer's body that are others. */
  | { readonly kind: "body"; readonly change: object }
  | { readonly kind: "no-report" }
  /** Served by a new environment although there is one, or by an old one. */
  | { readonly kind: "start"; readonly isCold: boolean }
  /** The connection breaks. */
  | { readonly kind: "hang-up" };

/** One invocation that reached the service. */
export interface EmulatedInvocation {
  /** From 1. */
  readonly number: number;
  readonly version: string;
  readonly memoryMiB: number;
  readonly isSnapStart: boolean;
  readonly variables: Readonly<Record<string, string>>;
  readonly event: { readonly n_predict: number; readonly [field: string]: unknown };
  readonly isCold: boolean;
}

/** An HTTP answer of the service. */
export interface EmulatedAnswer {
  /** 0: none, the connection breaks. */
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly payload: string;
}

/** How Lambda writes its log. */
export type LogFormat = "JSON" | "Text";

/** What the function and Lambda say to an invocation. */
export function invocationAnswer(
  invocation: EmulatedInvocation,
  logFormat: LogFormat,
  fault: InvocationFault | undefined,
): EmulatedAnswer {
  const figures = figuresOf(invocation);
  const report =
    fault?.kind === "no-report" ? "START RequestId: x" : reportOf(invocation, figures, logFormat);
  const headers = {
    "x-amz-log-result": Buffer.from(report).toString("base64"),
    "x-amz-executed-version": invocation.version,
  };
  if (fault?.kind === "function-error") {
    const payload = JSON.stringify({ errorType: fault.errorType, errorMessage: fault.message });
    return { status: 200, headers: { ...headers, "x-amz-function-error": "Unhandled" }, payload };
  }
  const change = fault?.kind === "body" ? fault.change : {};
  const body = JSON.stringify({ ...bodyOf(invocation, figures), ...change });
  const statusCode = fault?.kind === "status" ? fault.statusCode : 200;
  return { status: 200, headers, payload: JSON.stringify({ statusCode, body }) };
}

/** Made-up figures: more memory and fewer tokens are faster, each call differs a little. */
function figuresOf({ number, memoryMiB, isSnapStart, event, isCold }: EmulatedInvocation) {
  const tokensPerSecond = memoryMiB / 200;
  const durationMs = 500 + (1000 * event.n_predict) / tokensPerSecond + (number % 7);
  const initMs = isCold && !isSnapStart ? 700.5 : undefined;
  const restoreMs = isCold && isSnapStart ? 400.25 : undefined;
  const billedRestoreMs = restoreMs === undefined ? undefined : 150;
  const billedMs = Math.ceil(durationMs + (initMs ?? 0) + (billedRestoreMs ?? 0));
  return { tokensPerSecond, durationMs, initMs, restoreMs, billedRestoreMs, billedMs };
}

type Figures = ReturnType<typeof figuresOf>;

function bodyOf({ event, isCold }: EmulatedInvocation, figures: Figures) {
  const { durationMs, tokensPerSecond, restoreMs } = figures;
  return {
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
    restored: restoreMs !== undefined,
  };
}

/** The end of the log. */
function reportOf({ memoryMiB }: EmulatedInvocation, figures: Figures, format: LogFormat): string {
  const rows = [
    ["durationMs", "Duration", "ms", figures.durationMs],
    ["billedDurationMs", "Billed Duration", "ms", figures.billedMs],
    ["memorySizeMB", "Memory Size", "MB", memoryMiB],
    ["maxMemoryUsedMB", "Max Memory Used", "MB", 1200],
    ["initDurationMs", "Init Duration", "ms", figures.initMs],
    ["restoreDurationMs", "Restore Duration", "ms", figures.restoreMs],
    ["billedRestoreDurationMs", "Billed Restore Duration", "ms", figures.billedRestoreMs],
  ].filter(([, , , value]) => value !== undefined);
  if (format === "Text") {
    const texts = rows.map(([, label, unit, value]) => `${label}: ${value} ${unit}\t`);
    return `END RequestId: x\nREPORT RequestId: x\t${texts.join("")}\n`;
  }
  const metrics = Object.fromEntries(rows.map(([name, , , value]) => [name, value]));
  const record = { requestId: "x", status: "success", metrics };
  return `{"level":"INFO","message":"answered"}\n${JSON.stringify({ type: "platform.report", record })}\n`;
}
