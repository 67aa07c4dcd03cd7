import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { type RunningServer, serve } from "../http-server.ts";
import type { EmulatedAccount, EmulatedFunction } from "./aws-emulator.ts";
import {
  type EmulatedAnswer,
  type EmulatedInvocation,
  type InvocationFault,
  invocationAnswer,
  type LambdaFailure,
  type LogFormat,
} from "./emulated-invocation.ts";

/** A function's configuration, or a version's, as AWS writes it: the fields that count here. */
interface Configuration {
  FunctionName: string;
  Version: string;
  Description: string;
  MemorySize: number;
  Environment: { Variables: Readonly<Record<string, string>> };
  SnapStart: { ApplyOn: string };
  State: string;
  StateReason?: string;
  LastUpdateStatus: string;
}

/** Faults that a test may set at any time. */
interface LambdaFaults {
  /** Reads of the configuration for which an update stays in progress, and a version pending. */
  updateReads: number;
  pendingReads: number;
  /** The reason with which versions fail. */
  versionFailure?: string | undefined;
  logFormat: LogFormat;
  /** Called before each action; a refusal returned here is the answer. */
  beforeAction?: ((action: string) => Promise<LambdaFailure | undefined>) | undefined;
  /** Called with each invocation's number, from 1. */
  invocation?:
    | ((number: number, invocation: EmulatedInvocation) => InvocationFault | undefined)
    | undefined;
}

/** AWS Lambda on loopback: configurations, versions and invocations of an account's functions. */
export interface LambdaEmulator {
  readonly url: string;
  readonly faults: LambdaFaults;
  /** Every action requested, in order. */
  readonly actions: string[];
  readonly invocations: EmulatedInvocation[];
  /** Largest number of invocations that ran at the same time. */
  readonly mostAtOnce: () => number;
  stop(): Promise<void>;
}

/** What Lambda keeps of a function, until Terraform makes it anew. */
interface Deployed {
  readonly latest: Configuration;
  readonly versions: Map<string, Configuration>;
  /** Versions with a warm environment. */
  readonly warm: Set<string>;
  readsLeft: number;
}

interface World extends LambdaEmulator {
  readonly functions: EmulatedAccount["functions"];
  readonly deployed: WeakMap<EmulatedFunction, Deployed>;
  nextVersion: number;
}

interface Call {
  readonly name: string;
  readonly qualifier: string;
  readonly body: string;
}

/** Starts the service on the functions of an account. */
export async function startLambdaEmulator({
  functions,
}: Pick<EmulatedAccount, "functions">): Promise<LambdaEmulator> {
  const running = { now: 0, most: 0 };
  const server: RunningServer = await serve((request, response) => {
    void answer(world, running, request, response);
  });
  const world: World = {
    url: server.url,
    faults: { updateReads: 0, pendingReads: 0, logFormat: "JSON" },
    actions: [],
    invocations: [],
    mostAtOnce: () => running.most,
    stop: () => server.close(),
    functions,
    deployed: new WeakMap(),
    nextVersion: 8,
  };
  return world;
}

/** Method and path of each action. */
const routes: readonly (readonly [method: string, path: RegExp, action: keyof typeof actions])[] = [
  ["GET", /\/functions\/([^/]+)\/configuration$/, "GetFunctionConfiguration"],
  ["PUT", /\/functions\/([^/]+)\/configuration$/, "UpdateFunctionConfiguration"],
  ["POST", /\/functions\/([^/]+)\/versions$/, "PublishVersion"],
  ["POST", /\/functions\/([^/]+)\/invocations$/, "Invoke"],
  ["GET", /\/functions\/([^/]+)$/, "GetFunction"],
];

async function answer(
  world: World,
  running: { now: number; most: number },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "", "http://emulator");
  const [, path, action] =
    routes.find(([method, pattern]) => method === request.method && pattern.test(url.pathname)) ??
    [];
  const name = path?.exec(url.pathname)?.[1] ?? "";
  const qualifier = url.searchParams.get("Qualifier") ?? "$LATEST";
  world.actions.push(action ?? url.pathname);
  const body = await text(request);
  const isInvocation = action === "Invoke";
  running.now += isInvocation ? 1 : 0;
  running.most = Math.max(running.most, running.now);
  const { status, headers, payload } = await answered(world, action, { name, qualifier, body });
  running.now -= isInvocation ? 1 : 0;
  if (status === 0) return void request.socket.destroy();
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(payload);
}

async function answered(
  world: World,
  action: keyof typeof actions | undefined,
  call: Call,
): Promise<EmulatedAnswer> {
  const refusal = action && (await world.faults.beforeAction?.(action));
  if (refusal) return refusalAnswer(refusal);
  const found = world.functions.get(call.name);
  if (action === undefined || found === undefined) {
    return refused(404, "ResourceNotFoundException", `Function not found: ${call.name}`);
  }
  return actions[action](world, deployedOf(world, call.name, found), call);
}

function refusalAnswer({ status, code, message }: LambdaFailure): EmulatedAnswer {
  const payload = JSON.stringify({ Type: "User", Message: message, message });
  return { status, headers: { "x-amzn-errortype": code }, payload };
}

const refused = (status: number, code: string, message: string) =>
  refusalAnswer({ status, code, message });

function deployedOf({ deployed }: World, name: string, found: EmulatedFunction): Deployed {
  const known = deployed.get(found);
  if (known !== undefined) return known;
  const latest = {
    FunctionName: name,
    Version: "$LATEST",
    Description: "BitNet b1.58: prompt in, text out",
    MemorySize: found.memory_size,
    Environment: { Variables: found.environment?.variables ?? {} },
    SnapStart: { ApplyOn: found.snap_start?.apply_on ?? "None" },
    State: "Active",
    LastUpdateStatus: "Successful",
  };
  const made = { latest, versions: new Map(), warm: new Set<string>(), readsLeft: 0 };
  deployed.set(found, made);
  return made;
}

const json = (value: unknown, status = 200): EmulatedAnswer => ({
  status,
  payload: JSON.stringify(value),
});

function configurationOf({ latest, versions }: Deployed, qualifier: string): Configuration {
  return versions.get(qualifier) ?? latest;
}

/** What is in progress ends after a number of reads. */
function read({ faults }: World, deployed: Deployed, qualifier: string): Configuration {
  const configuration = configurationOf(deployed, qualifier);
  if (deployed.readsLeft-- > 0) return configuration;
  configuration.LastUpdateStatus = "Successful";
  if (configuration.State !== "Pending") return configuration;
  configuration.State = faults.versionFailure === undefined ? "Active" : "Failed";
  if (faults.versionFailure) configuration.StateReason = faults.versionFailure;
  return configuration;
}

const inProgress = () =>
  refused(409, "ResourceConflictException", "An update is in progress for resource");

const actions = {
  GetFunction: (world: World, deployed: Deployed, { qualifier }: Call) =>
    json({ Configuration: read(world, deployed, qualifier) }),

  GetFunctionConfiguration: (world: World, deployed: Deployed, { qualifier }: Call) =>
    json(read(world, deployed, qualifier)),

  UpdateFunctionConfiguration({ faults }: World, deployed: Deployed, { body }: Call) {
    const { latest } = deployed;
    if (latest.LastUpdateStatus === "InProgress") return inProgress();
    Object.assign(latest, JSON.parse(body), { LastUpdateStatus: "InProgress" });
    deployed.readsLeft = faults.updateReads;
    return json(latest);
  },

  /** Without a change since the last version, AWS returns that one. */
  PublishVersion(world: World, deployed: Deployed) {
    const { latest, versions } = deployed;
    if (latest.LastUpdateStatus === "InProgress") return inProgress();
    const last = [...versions.values()].at(-1);
    if (last?.Description === latest.Description) return json(last, 201);
    const Version = String(world.nextVersion++);
    const version = { ...structuredClone(latest), Version, State: "Pending" };
    versions.set(Version, version);
    deployed.readsLeft = world.faults.pendingReads;
    return json(version, 201);
  },

  Invoke({ invocations, faults }: World, deployed: Deployed, { qualifier, body }: Call) {
    const configuration = configurationOf(deployed, qualifier);
    if (configuration.State === "Pending") return inProgress();
    const { Version, MemorySize, SnapStart, Environment } = configuration;
    const invocation = {
      number: invocations.length + 1,
      version: Version,
      memoryMiB: MemorySize,
      isSnapStart: SnapStart.ApplyOn === "PublishedVersions",
      variables: Environment.Variables,
      event: JSON.parse(body),
      isCold: !deployed.warm.has(Version),
    };
    const fault = faults.invocation?.(invocation.number, invocation);
    if (fault?.kind === "start") invocation.isCold = fault.isCold;
    invocations.push(invocation);
    if (fault?.kind === "refusal") return refusalAnswer(fault.failure);
    if (fault?.kind === "hang-up") return { status: 0, payload: "" };
    deployed.warm.add(Version);
    return invocationAnswer(invocation, faults.logFormat, fault);
  },
} satisfies Record<string, (world: World, deployed: Deployed, call: Call) => EmulatedAnswer>;
