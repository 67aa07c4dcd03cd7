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

/** What Lambda keeps of a function, until Terraform makes it anew. */
interface Deployed {
  readonly latest: Configuration;
  readonly versions: Map<string, Configuration>;
  /** Versions with a warm environment. */
  readonly warm: Set<string>;
  readsLeft: number;
}

/** The version that a call names, and its body. */
interface Call {
  readonly qualifier: string;
  readonly body: string;
}

/** Starts AWS Lambda on the functions of an account. */
export async function startLambdaEmulator({
  functions,
}: Pick<EmulatedAccount, "functions">): Promise<LambdaEmulator> {
  const emulator = new LambdaEmulator(functions);
  await emulator.start();
  return emulator;
}

/** Method and path of each action. */
const routes = [
  ["GET", /\/functions\/([^/]+)\/configuration$/, "GetFunctionConfiguration"],
  ["PUT", /\/functions\/([^/]+)\/configuration$/, "UpdateFunctionConfiguration"],
  ["POST", /\/functions\/([^/]+)\/versions$/, "PublishVersion"],
  ["POST", /\/functions\/([^/]+)\/invocations$/, "Invoke"],
  ["GET", /\/functions\/([^/]+)$/, "GetFunction"],
] as const;
type ActionName = (typeof routes)[number][2];

/** AWS Lambda on loopback: configurations, versions and invocations of an account's functions. */
export class LambdaEmulator {
  url = "";
  readonly faults: LambdaFaults = { updateReads: 0, pendingReads: 0, logFormat: "JSON" };
  /** Every action requested, in order. */
  readonly actions: string[] = [];
  readonly invocations: EmulatedInvocation[] = [];
  readonly #functions: EmulatedAccount["functions"];
  readonly #deployed = new WeakMap<EmulatedFunction, Deployed>();
  #server: RunningServer | undefined;
  #nextVersion = 8;
  #running = 0;
  #most = 0;

  constructor(functions: EmulatedAccount["functions"]) {
    this.#functions = functions;
  }

  async start(): Promise<void> {
    this.#server = await serve((request, response) => void this.#answer(request, response));
    this.url = this.#server.url;
  }

  async stop(): Promise<void> {
    await this.#server?.close();
  }

  /** Largest number of invocations that ran at the same time. */
  mostAtOnce(): number {
    return this.#most;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://emulator");
    const [, path, action] =
      routes.find(([method, each]) => method === request.method && each.test(pathname)) ?? [];
    const name = path?.exec(pathname)?.[1] ?? "";
    this.actions.push(action ?? pathname);
    const call = {
      qualifier: searchParams.get("Qualifier") ?? "$LATEST",
      body: await text(request),
    };
    const count = action === "Invoke" ? 1 : 0;
    this.#running += count;
    this.#most = Math.max(this.#most, this.#running);
    const { status, headers, payload } = await this.#act(action, name, call);
    this.#running -= count;
    if (status === 0) return void request.socket.destroy();
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(payload);
  }

  async #act(action: ActionName | undefined, name: string, call: Call): Promise<EmulatedAnswer> {
    const refusal = action && (await this.faults.beforeAction?.(action));
    if (refusal) return refusalAnswer(refusal);
    const found = this.#functions.get(name);
    if (action === undefined || found === undefined) {
      return refused(404, "ResourceNotFoundException", `Function not found: ${name}`);
    }
    const deployed = this.#deployed.get(found) ?? deployedOf(name, found);
    this.#deployed.set(found, deployed);
    switch (action) {
      case "GetFunction":
        return json({ Configuration: this.#read(deployed, call) });
      case "GetFunctionConfiguration":
        return json(this.#read(deployed, call));
      case "Invoke":
        return this.#invoke(deployed, call);
      default:
        if (deployed.latest.LastUpdateStatus === "InProgress") return inProgress();
        return action === "PublishVersion" ? this.#publish(deployed) : this.#update(deployed, call);
    }
  }

  /** What is in progress ends after a number of reads. */
  #read(deployed: Deployed, { qualifier }: Call): Configuration {
    const configuration = deployed.versions.get(qualifier) ?? deployed.latest;
    if (deployed.readsLeft-- > 0) return configuration;
    configuration.LastUpdateStatus = "Successful";
    if (configuration.State !== "Pending") return configuration;
    const { versionFailure } = this.faults;
    configuration.State = versionFailure === undefined ? "Active" : "Failed";
    if (versionFailure) configuration.StateReason = versionFailure;
    return configuration;
  }

  #update(deployed: Deployed, { body }: Call): EmulatedAnswer {
    Object.assign(deployed.latest, JSON.parse(body), { LastUpdateStatus: "InProgress" });
    deployed.readsLeft = this.faults.updateReads;
    return json(deployed.latest);
  }

  /** Without a change since the last version, AWS returns that one. */
  #publish(deployed: Deployed): EmulatedAnswer {
    const { latest, versions } = deployed;
    const last = [...versions.values()].at(-1);
    if (last?.Description === latest.Description) return json(last, 201);
    const Version = String(this.#nextVersion++);
    const version = { ...structuredClone(latest), Version, State: "Pending" };
    versions.set(Version, version);
    deployed.readsLeft = this.faults.pendingReads;
    return json(version, 201);
  }

  #invoke({ versions, latest, warm }: Deployed, { qualifier, body }: Call): EmulatedAnswer {
    const configuration = versions.get(qualifier) ?? latest;
    if (configuration.State === "Pending") return inProgress();
    const { Version, MemorySize, SnapStart, Environment } = configuration;
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
    if (fault?.kind === "refusal") return refusalAnswer(fault.failure);
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

function refusalAnswer({ status, code, message }: LambdaFailure): EmulatedAnswer {
  const payload = JSON.stringify({ Type: "User", Message: message, message });
  return { status, headers: { "x-amzn-errortype": code }, payload };
}

const refused = (status: number, code: string, message: string) =>
  refusalAnswer({ status, code, message });

const inProgress = () =>
  refused(409, "ResourceConflictException", "An update is in progress for resource");

const json = (value: unknown, status = 200): EmulatedAnswer => ({
  status,
  payload: JSON.stringify(value),
});
