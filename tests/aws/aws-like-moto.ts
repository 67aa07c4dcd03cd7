import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { type RunningServer, serve } from "../helpers/http-server.ts";

type Json = Record<string, unknown>;

/** What AWS remembers of a function and moto forgets. */
const forgotten = ["DeadLetterConfig", "LoggingConfig"] as const;

/** The first part of the path of Lambda's API. */
const functions = /^\/2015-03-31\/functions(?:\/([^/:?]+))?/;

/** What Step Functions answers to what moto does not know: definitions are valid, none is a version. */
const stateAnswers: Readonly<Record<string, object>> = {
  ValidateStateMachineDefinition: { result: "OK", diagnostics: [], truncated: false },
  ListStateMachineVersions: { stateMachineVersions: [] },
};

/**
 * A server in front of moto that answers as AWS does where moto does not: an account's id as the
 * principal of a permission is stored as the ARN of its root, a function's dead-letter queue and
 * logging are kept, and no image configuration is invented.
 *
 * @param motoUrl moto's address
 */
export function serveAwsLikeMoto(motoUrl: string): Promise<RunningServer> {
  const remembered = new Map<string, Json>();
  return serve((request, response) => void forward({ request, response, motoUrl, remembered }));
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly motoUrl: string;
  /** By region and name of the function. */
  readonly remembered: Map<string, Json>;
}

async function forward({ request, response, motoUrl, remembered }: Exchange): Promise<void> {
  const { method = "GET", url = "/", headers } = request;
  const sent = await buffer(request);
  const answered = stateAnswers[String(headers["x-amz-target"]).split(".")[1] ?? ""];
  if (answered !== undefined) {
    response.writeHead(200, { "content-type": "application/x-amz-json-1.0" });
    response.end(JSON.stringify(answered));
    return;
  }
  const isLambda = functions.test(url);
  const body = isLambda ? asStored(sent) : sent;
  const region = (headers.authorization ?? "").split("/")[2] ?? "";
  if (isLambda) remember({ url, region, body, remembered });
  const answer = await askMoto(request, body, motoUrl);
  const shown = isLambda ? asAnswered(answer.body, region, remembered) : answer.body;
  response.writeHead(answer.status, answer.headers).end(method === "HEAD" ? undefined : shown);
}

/** Sends a request on to moto, with another body. */
export async function askMoto(
  { method = "GET", url = "/", headers }: IncomingMessage,
  body: Buffer,
  motoUrl: string,
): Promise<{ status: number; headers: Record<string, string>; body: Buffer }> {
  const kept = Object.entries(headers).filter(([name]) => !ofOneConnection.includes(name));
  const answer = await fetch(`${motoUrl}${url}`, {
    method,
    headers: Object.fromEntries(kept) as Record<string, string>,
    ...(body.length > 0 && { body: new Uint8Array(body) }),
  });
  const others = [...answer.headers].filter(([name]) => !ofOneConnection.includes(name));
  return {
    status: answer.status,
    headers: Object.fromEntries(others),
    body: Buffer.from(await answer.arrayBuffer()),
  };
}

/** Headers that are written anew for the next connection. */
const ofOneConnection = ["connection", "host", "content-length", "transfer-encoding", "expect"];

/** The body of a request to Lambda, with the principal that AWS would store. */
function asStored(body: Buffer): Buffer {
  const json = parsed(body);
  const { Principal } = json ?? {};
  if (typeof Principal !== "string" || !/^\d{12}$/.test(Principal)) return body;
  return Buffer.from(JSON.stringify({ ...json, Principal: `arn:aws:iam::${Principal}:root` }));
}

/** A request to Lambda. */
interface LambdaRequest extends Pick<Exchange, "remembered"> {
  readonly url: string;
  readonly region: string;
  readonly body: Buffer;
}

function remember({ url, region, body, remembered }: LambdaRequest): void {
  const json = parsed(body);
  const values = forgotten.filter((key) => json?.[key] !== undefined);
  if (values.length === 0) return;
  const key = `${region} ${json?.FunctionName ?? functions.exec(url)?.[1]}`;
  const added = Object.fromEntries(values.map((value) => [value, json?.[value]]));
  remembered.set(key, { ...remembered.get(key), ...added });
}

/** An answer of Lambda, with what AWS would know of the function in it. */
function asAnswered(body: Buffer, region: string, remembered: ReadonlyMap<string, Json>): Buffer {
  const json = parsed(body);
  if (json === undefined) return body;
  const complete = (configuration: Json): Json => {
    const { ImageConfigResponse: _, ...kept } = configuration;
    return { ...kept, ...remembered.get(`${region} ${configuration.FunctionName}`) };
  };
  if (typeof json.FunctionName === "string") return Buffer.from(JSON.stringify(complete(json)));
  if (typeof json.Configuration !== "object") return body;
  const Configuration = complete(json.Configuration as Json);
  return Buffer.from(JSON.stringify({ ...json, Configuration }));
}

function parsed(body: Buffer): Json | undefined {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === "object" && value !== null ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}
