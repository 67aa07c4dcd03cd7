import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  type EmulatedAccount,
  type EmulatedFunction,
  emulatedAccountId,
} from "../emulators/aws-emulator.ts";

/** The output of a fake program, and its exit code. */
export interface ToolAnswer {
  readonly exitCode: number | "kill";
  readonly text: string;
}

/** What the fake programs do; a test may change it at any time. */
export interface ToolFaults {
  /** Terraform is killed, refused, or finds a resource: `kill:apply:registry:1`, `fail:plan:service`. */
  terraform?: string | undefined;
  terraformVersion?: string;
  /** The AWS account that Terraform's state is of. */
  stateAccount?: string;
  /** What fails: printing the tag, building, or pushing. */
  image?: "tag" | "build" | "push" | undefined;
  imageTag?: string;
  /** The architecture of the pushed image, whatever the command says. */
  imageArchitecture?: string;
  isImageIndex?: boolean;
  /** Awaited before a call is answered. */
  beforeAnswer?: ((call: string) => Promise<void>) | undefined;
}

/** A call of a fake program. */
export interface ToolCall {
  readonly account: EmulatedAccount;
  readonly faults: ToolFaults;
  readonly parts: readonly string[];
  readonly input: string;
}

type Values = Readonly<Record<string, unknown>>;

/** Resources by their addresses. */
type State = Record<string, Values>;

/** A saved plan, for the state that was there. */
interface Plan {
  readonly resources: State;
  readonly image: string | undefined;
  readonly state: State;
}

/** Where a run stands: the stack's folder and the files in it. */
interface Run extends ToolCall {
  readonly folder: string;
  readonly kind: "registry" | "service";
  readonly statePath: string;
  readonly stack: { readonly resource: Record<string, Record<string, Values>>; region: string };
}

/** Ends a run of Terraform otherwise than well. */
class Ended extends Error {
  readonly exitCode: ToolAnswer["exitCode"];
  constructor(exitCode: ToolAnswer["exitCode"], text = "") {
    super(text);
    this.exitCode = exitCode;
  }
}

const fail = (text: string): never => {
  throw new Ended(1, `Error: ${text}\n`);
};

/** Terraform on a synthesized stack: a state where the backend says, things in the account. */
export function fakeTerraform(call: ToolCall): ToolAnswer {
  const [first = "", second = ""] = call.parts;
  const terraform_version = call.faults.terraformVersion ?? "1.11.4";
  if (first === "version") return { exitCode: 0, text: JSON.stringify({ terraform_version }) };
  try {
    const run = openRun(call, first.replace("-chdir=", ""));
    stopPoint(run, second);
    return { exitCode: 0, text: commands[second as keyof typeof commands](run) };
  } catch (error) {
    if (error instanceof Ended) return { exitCode: error.exitCode, text: error.message };
    throw error;
  }
}

function openRun(call: ToolCall, folder: string): Run {
  const stack = JSON.parse(readFileSync(join(folder, "cdk.tf.json"), "utf8"));
  return {
    ...call,
    folder,
    kind: folder.endsWith("registry") ? "registry" : "service",
    statePath: join(folder, stack.terraform.backend.local.path),
    stack: { resource: stack.resource, region: stack.provider?.aws[0].region },
  };
}

/** Its commands; each returns what it prints. */
const commands = {
  init: () => "",
  plan(run: Run) {
    const wanted = desired(run);
    const state = readState(run);
    const plan: Plan = { resources: wanted, image: imageOf(run), state };
    writeFileSync(join(run.folder, "plan.tfplan"), JSON.stringify(plan));
    if (JSON.stringify(wanted) !== JSON.stringify(state)) throw new Ended(2);
    return "";
  },
  show(run: Run) {
    const plan = readPlan(run);
    if (run.parts.includes("-json")) return JSON.stringify(shownPlan(plan));
    return `Plan: ${Object.keys(plan.resources).length} to add\n`;
  },
  apply(run: Run) {
    const state = readState(run);
    const { resources, state: planned } = readPlan(run);
    if (JSON.stringify(planned) !== JSON.stringify(state)) fail("Saved plan is stale");
    for (const [index, [address, values]] of Object.entries(resources).entries()) {
      stopPoint(run, "apply", index);
      make(run.account, address, values, address in state);
      state[address] = values;
      writeState(run, state);
    }
    // In the plan's order, whatever was there before.
    writeState(run, resources);
    return "";
  },
  output: (run: Run) => JSON.stringify(outputsOf(run)),
  state(run: Run) {
    if (!existsSync(run.statePath)) fail("No state file was found!");
    return `${Object.keys(readState(run)).join("\n")}\n`;
  },
  destroy(run: Run) {
    const state = readState(run);
    for (const [address, values] of Object.entries(state).toReversed()) {
      remove(run.account, address, values);
      delete state[address];
      writeState(run, state);
    }
    return "";
  },
};

/** Ends here when the test says so. */
function stopPoint({ faults, kind }: Run, command: string, count = 0): void {
  if (faults.terraform === `kill:${command}:${kind}:${count}`) throw new Ended("kill");
  if (faults.terraform === `fail:${command}:${kind}`) fail("AccessDenied: is not authorized to");
  if (faults.terraform === `exists:${command}:${kind}`) fail("EntityAlreadyExists: Role x");
}

function imageOf({ parts }: Run): string | undefined {
  return parts.find((part) => part.startsWith("-var=image_uri="))?.split("image_uri=")[1];
}

/** Every resource by its address, with the variables put in. */
function desired(run: Run): State {
  const { stack, kind } = run;
  const image = imageOf(run);
  if (kind === "service" && !/@sha256:[0-9a-f]{64}$/.test(image ?? "")) fail("no digest");
  const resources = Object.entries(stack.resource).flatMap(([type, named]) =>
    Object.entries(named).map(([name, values]) => [`${type}.${name}`, values]),
  );
  const text = JSON.stringify(Object.fromEntries(resources));
  return JSON.parse(text.replaceAll("$" + "{var.image_uri}", image ?? ""));
}

/** The plan whose file is the last argument. */
function readPlan({ folder, parts }: Run): Plan {
  return JSON.parse(readFileSync(join(folder, parts.at(-1) ?? ""), "utf8"));
}

/** `show -json`, as far as it is read. */
function shownPlan({ resources, image, state }: Plan): object {
  return {
    format_version: "1.2",
    variables: image === undefined ? {} : { image_uri: { value: image } },
    resource_changes: Object.entries(resources).map(([address, values]) => {
      const isSame = JSON.stringify(values) === JSON.stringify(state[address]);
      return { address, change: { actions: [isSame ? "no-op" : "update"] } };
    }),
  };
}

function readState({ statePath }: Run): State {
  if (!existsSync(statePath)) return {};
  return JSON.parse(readFileSync(statePath, "utf8"));
}

function writeState({ statePath }: Run, state: State): void {
  mkdirSync(dirname(statePath), { recursive: true });
  writeFileSync(statePath, JSON.stringify(state));
}

function outputsOf(run: Run): object {
  const account = run.faults.stateAccount ?? emulatedAccountId;
  const byType: Record<string, (resource: Values) => Values> = {
    aws_ecr_repository: ({ name }) => ({
      repository_name: name,
      repository_url: `${account}.dkr.ecr.${run.stack.region}.amazonaws.com/${name}`,
    }),
    aws_lambda_function: ({ function_name, image_uri }) => ({
      function_name,
      image: image_uri,
      function_url: "",
    }),
    aws_cloudwatch_log_group: ({ name }) => ({ log_group: name }),
    aws_lambda_alias: ({ name }) => ({ alias: name }),
  };
  const values = Object.entries(readState(run)).flatMap(([address, resource]) =>
    Object.entries(byType[typeOf(address)]?.(resource) ?? {}),
  );
  return Object.fromEntries(values.map(([name, value]) => [name, { value }]));
}

function typeOf(address: string): string {
  return address.split(".")[0] ?? "";
}

function make(account: EmulatedAccount, address: string, values: Values, isThere: boolean): void {
  if (typeOf(address) === "aws_ecr_repository" && !isThere) {
    if (account.repositories.has(String(values.name))) fail("RepositoryAlreadyExistsException");
    account.repositories.set(String(values.name), new Map());
  }
  if (typeOf(address) !== "aws_lambda_function") return;
  const imageUri = String(values.image_uri);
  const [name = "", digest] = imageUri.split("/").at(-1)?.split("@") ?? [];
  const images = [...(account.repositories.get(name)?.values() ?? [])];
  if (!images.some((image) => image.digest === digest)) fail(`Source image ${imageUri} not found`);
  const configuration = values as Omit<EmulatedFunction, "imageUri">;
  account.functions.set(String(values.function_name), { ...configuration, imageUri });
}

function remove({ repositories, functions }: EmulatedAccount, address: string, values: Values) {
  if (typeOf(address) === "aws_lambda_function") functions.delete(String(values.function_name));
  if (typeOf(address) !== "aws_ecr_repository") return;
  if ((repositories.get(String(values.name))?.size ?? 0) > 0) fail("RepositoryNotEmptyException");
  repositories.delete(String(values.name));
}
