import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { serve } from "../http-server.ts";
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

/** What Lambda keeps of a function, until Terraform makes it anew. */
interface Deployed {
  readonly latest: Configuration;
  readonly versions: Map<string, Configuration>;
  /** Versions with a warm environment. */
  readonly warm: Set<string>;
  readsLeft: number;
}

/** Starts AWS Lambda on the functions of an account. */
export async function startLambdaEmulator({
  functions,
}: Pick<EmulatedAccount, "functions">): Promise<LambdaEmulator> {
  const emulator = new LambdaEmulator(functions);
  const server = await serve((request, response) => void emulator.answer(request, response));
  return Object.assign(emulator, { url: server.url, stop: server.close });
}

/** Method and path of each action. */
const routes = [
  ["GET", /\/functions\/([^/]+)\/configuration$/, "GetFunctionConfiguration"],
  ["PUT", /\/functions\/([^/]+)\/configuration$/, "UpdateFunctionConfiguration"],
  ["POST", /\/functions\/([^/]+)\/versions$/, "PublishVersion"],
  ["POST", /\/functions\/([^/]+)\/invocations$/, "Invoke"],
  ["GET", /\/functions\/([^/]+)$/, "GetFunction"],
] as const;

/** AWS Lambda on loopback: configurations, versions and invocations of an account's functions. */
export class LambdaEmulator {
  url = "";
  stop = (): Promise<void> => Promise.resolve();
  readonly faults: LambdaFaults = { updateReads: 0, pendingReads: 0, logFormat: "JSON" };
  /** Every action requested, in order. */
  readonly actions: string[] = [];
  readonly invocations: EmulatedInvocation[] = [];
  readonly #functions: EmulatedAccount["functions"];
  readonly #deployed = new WeakMap<EmulatedFunction, Deployed>();
  #nextVersion = 8;
  #running = 0;
  #most = 0;

  constructor(functions: EmulatedAccount["functions"]) {
    this.#functions = functions;
  }

  /** Largest number of invocations that ran at the same time. */
  mostAtOnce(): number {
    return this.#most;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://emulator");
    const [, path, action = pathname] =
      routes.find(([method, each]) => method === request.method && each.test(pathname)) ?? [];
    this.actions.push(action);
    const qualifier = searchParams.get("Qualifier") ?? "$LATEST";
    const body = await text(request);
    const count = action === "Invoke" ? 1 : 0;
    this.#running += count;
    this.#most = Math.max(this.#most, this.#running);
    const refusal = await this.faults.beforeAction?.(action);
    const deployed = this.#find(path?.exec(pathname)?.[1] ?? "");
    const answer = refusal ? refused(refusal) : this.#act(action, deployed, qualifier, body);
    this.#running -= count;
    if (answer.status === 0) return void request.socket.destroy();
    const headers = { "content-type": "application/json", ...answer.headers };
    response.writeHead(answer.status, headers).end(answer.payload);
  }

  #find(name: string): Deployed | undefined {
    const found = this.#functions.get(name);
    if (found === undefined) return undefined;
    const deployed = this.#deployed.get(found) ?? deployedOf(name, found);
    this.#deployed.set(found, deployed);
    return deployed;
  }

  #act(action: string, deployed: Deployed | undefined, qualifier: string, body: string) {
    if (deployed === undefined) return notFound;
    const { latest, versions } = deployed;
    const configuration = versions.get(qualifier) ?? latest;
    if (action === "Invoke") return this.#invoke(deployed, configuration, body);
    if (action === "GetFunction") return json({ Configuration: this.#read(deployed, configuration) });
    if (action === "GetFunctionConfiguration") return json(this.#read(deployed, configuration));
    if (latest.LastUpdateStatus === "InProgress") return inProgress;
    return action === "PublishVersion" ? this.#publish(deployed) : this.#update(deployed, body);
  }

  /** What is in progress ends after a number of reads. */
  #read(deployed: Deployed, configuration: Configuration): Configuration {
    if (deployed.readsLeft-- > 0) return configuration;
    configuration.LastUpdateStatus = "Successful";
    if (configuration.State !== "Pending") return configuration;
    const { versionFailure } = this.faults;
    configuration.State = versionFailure === undefined ? "Active" : "Failed";
    if (versionFailure) configuration.StateReason = versionFailure;
    return configuration;
  }

  #update(deployed: Deployed, body: string): EmulatedAnswer {
    Object.assign(deployed.latest, JSON.parse(body), { LastUpdateStatus: "InProgress" });
    deployed.readsLeft = this.faults.updateReads;
    return json(deployed.latest);
  }

  /** Without a change since the last version, AWS returns that one. */
  #publish(deployed: Deployed): EmulatedAnswer {
    const { latest, versions } = deployed;
    const last = [...versions.values()].at(-1);
    if (last?.Description === latest.Description) return json(last);
    const Version = String(this.#nextVersion++);
    const version = { ...structuredClone(latest), Version, State: "Pending" };
    versions.set(Version, version);
    deployed.readsLeft = this.faults.pendingReads;
    return json(version);
  }

  #invoke({ warm }: Deployed, configuration: Configuration, body: string): EmulatedAnswer {
    const { Version, MemorySize, SnapStart, Environment, State } = configuration;
    if (State === "Pending") return inProgress;
    const invocation = {
      number: this.invocations.length + 1,
      version: Version,
      memoryMiB: MemorySize,
      isSnapStart: SnapStart.ApplyOn === "PublishedVersions",
      variables: Environment.Variables,
      event: JSON.parse(body),
      isCold: !warm.has(Version),
    };
    const fault = this.faults.invocation?.(invocation.number, invocation);
    if (fault?.kind === "start") invocation.isCold = fault.isCold;
    this.invocations.push(invocation);
    if (fault?.kind === "refusal") return refused(fault.failure);
    if (fault?.kind === "hang-up") return { status: 0, payload: "" };
    warm.add(Version);
    return invocationAnswer(invocation, this.faults.logFormat, fault);
  }
}

function deployedOf(name: string, found: EmulatedFunction): Deployed {
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
  return { latest, versions: new Map(), warm: new Set(), readsLeft: 0 };
}

function refused({ status, code, message }: LambdaFailure): EmulatedAnswer {
  const payload = JSON.stringify({ Type: "User", Message: message, message });
  return { status, headers: { "x-amzn-errortype": code }, payload };
}

const notFound = refused({
  status: 404,
  code: "ResourceNotFoundException",
  message: "Function not found",
});
const inProgress = refused({
  status: 409,
  code: "ResourceConflictException",
  message: "An update is in progress for resource",
});

const json = (value: unknown): EmulatedAnswer => ({ status: 200, payload: JSON.stringify(value) });
