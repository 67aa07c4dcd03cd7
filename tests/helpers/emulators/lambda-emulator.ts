import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { type RunningServer, serve } from "../http-server.ts";
import { emulatedAccountId } from "./aws-emulator.ts";
import {
  type EmulatedAnswer,
  type EmulatedInvocation,
  type InvocationFault,
  invocationAnswer,
  type LambdaFailure,
  type LogFormat,
} from "./emulated-invocation.ts";

/** A function's configuration, or a version's, as AWS writes it: the fields that count here. */
export interface EmulatedConfiguration {
  FunctionName: string;
  FunctionArn: string;
  Version: string;
  Description: string;
  MemorySize: number;
  Timeout: number;
  Architectures: readonly string[];
  Environment?: {
    Variables?: Record<string, string>;
    Error?: { ErrorCode: string; Message: string };
  };
  SnapStart: { ApplyOn: string };
  RevisionId: string;
  State: string;
  StateReason?: string;
  LastUpdateStatus: string;
  LastUpdateStatusReason?: string;
}

/** What a test makes of the service; it may change it at any time. */
export interface LambdaFaults {
  /** Reads of the configuration for which an update stays in progress, and a version pending. */
  updateReads: number;
  pendingReads: number;
  /** How an update, or a version, ends after these. */
  updateFailure?: string | undefined;
  versionFailure?: string | undefined;
  /** The largest memory size of the account. */
  mostMemoryMiB: number;
  /** Takes a change of the configuration and does not make it. */
  ignoresChanges: boolean;
  /** Sees no change since the version before, and gives that one back. */
  publishesNothing: boolean;
  logFormat: LogFormat;
  /** Called before each action; answers a refusal in the place of it. */
  beforeAction?: ((action: string) => Promise<LambdaFailure | undefined>) | undefined;
  /** Called with each invocation's number, from 1. */
  invocation?: ((number: number, version: string) => InvocationFault | undefined) | undefined;
}

/** AWS Lambda on loopback, with one function: versions, aliases, environments. */
export interface LambdaEmulator {
  readonly url: string;
  readonly name: string;
  /** `$LATEST`. */
  readonly latest: EmulatedConfiguration;
  readonly versions: Map<string, EmulatedConfiguration>;
  readonly aliases: Map<string, string>;
  readonly faults: LambdaFaults;
  /** Every action asked for, with its qualifier. */
  readonly actions: string[];
  readonly invocations: EmulatedInvocation[];
  /** Most invocations that ran at the same time. */
  readonly mostAtOnce: () => number;
  /** The function is gone. */
  isDeleted: boolean;
  stop(): Promise<void>;
}

class Refusal extends Error {
  readonly failure: LambdaFailure;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.failure = { status, code, message };
  }
}

interface World extends LambdaEmulator {
  /** Versions whose environment is warm. */
  readonly warm: Set<string>;
  /** Reads left until what is under way is done, by version. */
  readonly readsLeft: Map<string, number>;
  /** The revision that was published last. */
  publishedRevision: string;
  nextVersion: number;
  revisions: number;
}

interface Call {
  readonly qualifier: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

/** Starts the service with a function whose alias `live` names version 7. */
export async function startLambdaEmulator(
  name = "bitnet-lambda-dev-function",
): Promise<LambdaEmulator> {
  const running = { now: 0, most: 0 };
  const server: RunningServer = await serve((request, response) => {
    void answer(world, running, request, response);
  });
  const world: World = {
    url: server.url,
    name,
    latest: initialConfiguration(name),
    versions: new Map(),
    aliases: new Map([["live", "7"]]),
    faults: {
      updateReads: 1,
      pendingReads: 1,
      mostMemoryMiB: 10_240,
      ignoresChanges: false,
      publishesNothing: false,
      logFormat: "JSON",
    },
    actions: [],
    invocations: [],
    mostAtOnce: () => running.most,
    isDeleted: false,
    stop: () => server.close(),
    warm: new Set(["7"]),
    readsLeft: new Map(),
    publishedRevision: "revision-0",
    nextVersion: 8,
    revisions: 0,
  };
  world.versions.set("7", { ...structuredClone(world.latest), Version: "7" });
  return world;
}

function initialConfiguration(name: string): EmulatedConfiguration {
  return {
    FunctionName: name,
    FunctionArn: `arn:aws:lambda:us-east-1:${emulatedAccountId}:function:${name}`,
    Version: "$LATEST",
    Description: "BitNet b1.58: prompt in, text out",
    MemorySize: 3008,
    Timeout: 300,
    Architectures: ["x86_64"],
    Environment: {
      Variables: {
        ZULU: "last first",
        BITNET_API_KEY_SHA256: "secret".padEnd(64, "0"),
        ALPHA: "ä\n",
      },
    },
    SnapStart: { ApplyOn: "None" },
    RevisionId: "revision-0",
    State: "Active",
    LastUpdateStatus: "Successful",
  };
}

/** Method and path of each action. */
const routes: readonly (readonly [method: string, path: RegExp, action: keyof typeof actions])[] = [
  ["GET", /\/functions\/([^/]+)\/configuration$/, "GetFunctionConfiguration"],
  ["PUT", /\/functions\/([^/]+)\/configuration$/, "UpdateFunctionConfiguration"],
  ["POST", /\/functions\/([^/]+)\/versions$/, "PublishVersion"],
  ["GET", /\/functions\/([^/]+)\/versions$/, "ListVersionsByFunction"],
  ["POST", /\/functions\/([^/]+)\/invocations$/, "Invoke"],
  ["GET", /\/functions\/([^/]+)$/, "GetFunction"],
  ["DELETE", /\/functions\/([^/]+)$/, "DeleteFunction"],
];

async function answer(
  world: World,
  running: { now: number; most: number },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "", "http://emulator");
  const [, , action] =
    routes.find(([method, path]) => method === request.method && path.test(url.pathname)) ?? [];
  const qualifier = url.searchParams.get("Qualifier") ?? "$LATEST";
  world.actions.push(`${action ?? url.pathname} ${qualifier}`);
  const body = await text(request);
  const isInvocation = action === "Invoke";
  running.now += isInvocation ? 1 : 0;
  running.most = Math.max(running.most, running.now);
  const { status, headers, payload } = await answered(world, action, {
    qualifier,
    query: url.searchParams,
    body,
  }).catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error;
    return refusalAnswer(error.failure);
  });
  running.now -= isInvocation ? 1 : 0;
  if (status === 0) return void request.socket.destroy();
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(payload);
}

function refusalAnswer({ status, code, message }: LambdaFailure): EmulatedAnswer {
  const payload = JSON.stringify({ Type: "User", Message: message, message });
  return { status, headers: { "x-amzn-errortype": code }, payload };
}

async function answered(
  world: World,
  action: keyof typeof actions | undefined,
  call: Call,
): Promise<EmulatedAnswer> {
  if (action === undefined) throw new Refusal(404, "UnknownOperationException", "no such action");
  const refusal = await world.faults.beforeAction?.(action);
  if (refusal) return refusalAnswer(refusal);
  if (world.isDeleted) throw notFound(world, call.qualifier);
  return actions[action](world, call);
}

function notFound({ latest }: World, qualifier: string): Refusal {
  return new Refusal(
    404,
    "ResourceNotFoundException",
    `Function not found: ${latest.FunctionArn}:${qualifier}`,
  );
}

const json = (value: unknown, status = 200): EmulatedAnswer => ({
  status,
  payload: JSON.stringify(value),
});

/** A version by its number or by an alias. */
function configurationOf(world: World, qualifier: string): EmulatedConfiguration {
  const version = world.aliases.get(qualifier) ?? qualifier;
  const found = version === "$LATEST" ? world.latest : world.versions.get(version);
  if (found === undefined) throw notFound(world, qualifier);
  return found;
}

/** Goes on with what is under way: it is done after a number of looks. */
function read(world: World, qualifier: string): EmulatedConfiguration {
  const configuration = configurationOf(world, qualifier);
  const left = (world.readsLeft.get(configuration.Version) ?? 0) - 1;
  world.readsLeft.set(configuration.Version, left);
  if (left < 0) settle(world, configuration);
  return configuration;
}

function settle({ faults }: World, configuration: EmulatedConfiguration): void {
  if (configuration.LastUpdateStatus === "InProgress") {
    configuration.LastUpdateStatus = faults.updateFailure === undefined ? "Successful" : "Failed";
    if (faults.updateFailure) configuration.LastUpdateStatusReason = faults.updateFailure;
  }
  if (configuration.State === "Pending") {
    configuration.State = faults.versionFailure === undefined ? "Active" : "Failed";
    if (faults.versionFailure) configuration.StateReason = faults.versionFailure;
  }
}

function requireNoUpdate({ latest }: World): void {
  if (latest.LastUpdateStatus !== "InProgress") return;
  throw new Refusal(
    409,
    "ResourceConflictException",
    `The operation cannot be performed at this time. An update is in progress for resource: ${latest.FunctionArn}`,
  );
}

function requireRevision({ latest }: World, revision: string | undefined): void {
  if (revision === undefined || revision === latest.RevisionId) return;
  throw new Refusal(
    412,
    "PreconditionFailedException",
    "The Revision Id provided does not match the latest Revision Id.",
  );
}

const actions = {
  GetFunction: (world: World, { qualifier }: Call) =>
    json({
      Configuration: read(world, qualifier),
      Code: {
        ResolvedImageUri: `${emulatedAccountId}.dkr.ecr.us-east-1.amazonaws.com/images@sha256:${"ab".repeat(32)}`,
      },
    }),

  GetFunctionConfiguration: (world: World, { qualifier }: Call) => json(read(world, qualifier)),

  UpdateFunctionConfiguration(world: World, { body }: Call) {
    const { RevisionId, MemorySize, Description, Environment } = JSON.parse(body);
    const { latest, faults } = world;
    requireNoUpdate(world);
    requireRevision(world, RevisionId);
    if (MemorySize > faults.mostMemoryMiB) {
      throw new Refusal(
        400,
        "InvalidParameterValueException",
        `'MemorySize' value failed to satisfy constraint: Member must have value less than or equal to ${faults.mostMemoryMiB}`,
      );
    }
    if (!faults.ignoresChanges) {
      Object.assign(latest, { MemorySize, Description });
      // A function without variables has no environment at all.
      if (Object.keys(Environment.Variables).length > 0) latest.Environment = Environment;
      else delete latest.Environment;
    }
    latest.RevisionId = `revision-${++world.revisions}`;
    latest.LastUpdateStatus = "InProgress";
    world.readsLeft.set("$LATEST", faults.updateReads);
    return json(latest);
  },

  PublishVersion(world: World, { body }: Call) {
    const { Description, RevisionId } = JSON.parse(body);
    const { latest, versions, faults } = world;
    requireNoUpdate(world);
    requireRevision(world, RevisionId);
    // Nothing has changed since the last version: AWS gives that one back.
    const last = [...versions.values()].at(-1);
    const isUnchanged = faults.publishesNothing || world.publishedRevision === latest.RevisionId;
    if (isUnchanged && last) return json(last, 201);
    const Version = String(world.nextVersion++);
    const version = {
      ...structuredClone(latest),
      Version,
      Description: Description ?? latest.Description,
      State: "Pending",
    };
    versions.set(Version, version);
    world.publishedRevision = latest.RevisionId;
    world.readsLeft.set(Version, faults.pendingReads);
    return json(version, 201);
  },

  /** Pages of three. */
  ListVersionsByFunction({ latest, versions }: World, { query }: Call) {
    const from = Number(query.get("Marker") ?? 0);
    const all = [latest, ...versions.values()];
    const NextMarker = from + 3 < all.length ? String(from + 3) : undefined;
    return json({ Versions: all.slice(from, from + 3), NextMarker });
  },

  DeleteFunction(world: World, { qualifier, query }: Call) {
    if (!query.has("Qualifier")) world.isDeleted = true;
    const { Version } = configurationOf(world, qualifier);
    if ([...world.aliases.values()].includes(Version)) {
      throw new Refusal(
        409,
        "ResourceConflictException",
        `Version ${Version} is referenced by an alias`,
      );
    }
    world.versions.delete(Version);
    return { status: 204, payload: "" };
  },

  Invoke(world: World, { qualifier, body }: Call) {
    const configuration = configurationOf(world, qualifier);
    if (configuration.State === "Pending") {
      throw new Refusal(409, "ResourceConflictException", "The function is currently Pending");
    }
    const { Version, MemorySize, SnapStart, Environment } = configuration;
    const number = world.invocations.length + 1;
    const fault = world.faults.invocation?.(number, Version);
    const invocation = {
      number,
      version: Version,
      memoryMiB: MemorySize,
      isSnapStart: SnapStart.ApplyOn === "PublishedVersions",
      variables: { ...Environment?.Variables },
      event: JSON.parse(body),
      isCold: fault?.kind === "start" ? fault.isCold : !world.warm.has(Version),
    };
    world.invocations.push(invocation);
    if (fault?.kind === "refusal") return refusalAnswer(fault.failure);
    if (fault?.kind === "hang-up") return { status: 0, payload: "" };
    world.warm.add(Version);
    return invocationAnswer(invocation, world.faults.logFormat, fault);
  },
} satisfies Record<string, (world: World, call: Call) => EmulatedAnswer>;
