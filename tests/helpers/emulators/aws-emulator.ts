import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { serve } from "../http-server.ts";

/** An image in a repository of the emulator. */
interface EmulatedImage {
  readonly digest: string;
  readonly manifest: string;
  readonly configuration: string;
}

/** A failure that the emulator answers instead, by the name of the action. */
interface EmulatedFailure {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** How often; for ever unless given. */
  times?: number;
}

/** A function as Terraform makes it. */
export interface EmulatedFunction {
  readonly imageUri: string;
  readonly memory_size: number;
  readonly environment?: { readonly variables: Readonly<Record<string, string>> };
  readonly snap_start?: { readonly apply_on: string };
}

/** What is in the emulated account; tests read and change it. */
export interface EmulatedAccount {
  readonly repositories: Map<string, Map<string, EmulatedImage>>;
  readonly functions: Map<string, EmulatedFunction>;
  readonly logEvents: { eventId: string; timestamp: number; message: string }[];
  readonly failures: Map<string, EmulatedFailure>;
  /** Every action asked for, in order. */
  readonly actions: string[];
}

/** AWS on loopback: the few actions that the scripts use, in AWS's own protocols. */
export interface AwsEmulator extends EmulatedAccount {
  readonly url: string;
  stop(): Promise<void>;
}

/** The account that the emulator calls its own. */
export const emulatedAccountId = "123456789012";
/** The password that it gives to docker. */
export const emulatedPassword = "emulated-password";

interface ImageId {
  readonly imageTag?: string;
  readonly imageDigest?: string;
}

/** Every field that some action reads; which are there depends on the action. */
interface ActionInput {
  readonly repositoryName: string;
  readonly imageIds: readonly ImageId[];
  readonly layerDigest: string;
  readonly startTime: number;
}

/** Answers a value for JSON, or text. */
type Action = (emulator: AwsEmulator, input: ActionInput) => unknown;

/** A refusal in AWS's form. */
class Refusal extends Error {
  readonly failure: EmulatedFailure;
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.failure = { status, code, message };
  }
}

/** Starts the emulator. */
export async function startAwsEmulator(): Promise<AwsEmulator> {
  const { url, close } = await serve((request, response) => {
    void answer(emulator, request).then(({ status, body, headers }) => {
      response.writeHead(status, { "x-amzn-requestid": "emulated", ...headers }).end(body);
    });
  });
  const emulator: AwsEmulator = {
    repositories: new Map(),
    functions: new Map(),
    logEvents: [],
    failures: new Map(),
    actions: [],
    url,
    stop: close,
  };
  return emulator;
}

/** An image as a registry holds it; an index of two when it is not single. */
export function emulatedImage(architecture: string, isIndex = false): EmulatedImage {
  const configuration = JSON.stringify({ architecture, os: "linux" });
  const kind = isIndex ? "index" : "manifest";
  const content = isIndex
    ? { manifests: [{}, {}] }
    : { config: { digest: digestOf(configuration) } };
  const mediaType = `application/vnd.oci.image.${kind}.v1+json`;
  const manifest = JSON.stringify({ mediaType, ...content });
  return { digest: digestOf(manifest), manifest, configuration };
}

function digestOf(content: string): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Record<string, string>;
}

async function answer(emulator: AwsEmulator, request: IncomingMessage): Promise<Answer> {
  const { name, input } = actionOf(request, await text(request));
  emulator.actions.push(name);
  const failure = takeFailure(emulator, name);
  if (failure) return refusal(failure, name);
  try {
    const result = actions[name]?.(emulator, input as ActionInput);
    if (result === undefined) throw new Refusal("UnknownOperationException", `no action ${name}`);
    return { status: 200, body: typeof result === "string" ? result : JSON.stringify(result) };
  } catch (error) {
    if (error instanceof Refusal) return refusal(error.failure, name);
    throw error;
  }
}

function takeFailure({ failures }: AwsEmulator, name: string): EmulatedFailure | undefined {
  const failure = failures.get(name);
  if (failure?.times === undefined) return failure;
  failure.times--;
  if (failure.times === 0) failures.delete(name);
  return failure;
}

/** ECR and Logs name the action in a header, STS in a form, the emulator's own in the path. */
function actionOf({ headers, url = "" }: IncomingMessage, body: string) {
  const { pathname, searchParams } = new URL(url, "http://emulator");
  const target = headers["x-amz-target"];
  if (target) return { name: String(target).split(".")[1] ?? "", input: JSON.parse(body) };
  if (pathname.startsWith("/emulator/")) {
    return { name: pathname.slice("/emulator/".length), input: Object.fromEntries(searchParams) };
  }
  if (pathname.includes("/account-settings")) return { name: "GetAccountSettings", input: {} };
  return { name: new URLSearchParams(body).get("Action") ?? url, input: {} };
}

/** STS answers in XML, the others in JSON. */
function refusal({ status, code, message }: EmulatedFailure, name: string): Answer {
  const headers = { "x-amzn-errortype": code };
  const isXml = name === "GetCallerIdentity";
  if (!isXml) return { status, headers, body: JSON.stringify({ __type: code, message }) };
  const body = `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
  return { status, body };
}

function repositoryOf(emulator: AwsEmulator, name: string): Map<string, EmulatedImage> {
  const repository = emulator.repositories.get(name);
  if (repository) return repository;
  throw new Refusal(
    "RepositoryNotFoundException",
    `The repository with name '${name}' does not exist`,
  );
}

function imageOf(repository: Map<string, EmulatedImage>, id: ImageId): EmulatedImage | undefined {
  const byDigest = [...repository.values()].find(({ digest }) => digest === id.imageDigest);
  return id.imageTag === undefined ? byDigest : repository.get(id.imageTag);
}

/** The actions by their names in AWS. */
const actions: Record<string, Action> = {
  GetCallerIdentity: () =>
    `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>${emulatedAccountId}</Account><Arn>arn:aws:iam::${emulatedAccountId}:user/test</Arn><UserId>x</UserId></GetCallerIdentityResult></GetCallerIdentityResponse>`,

  GetAuthorizationToken: () => ({
    authorizationData: [
      { authorizationToken: Buffer.from(`AWS:${emulatedPassword}`).toString("base64") },
    ],
  }),

  DescribeImages: (emulator, { repositoryName, imageIds }) => {
    const image = imageOf(repositoryOf(emulator, repositoryName), imageIds[0] ?? {});
    if (!image) throw new Refusal("ImageNotFoundException", "The image does not exist");
    return { imageDetails: [{ imageDigest: image.digest }] };
  },

  BatchGetImage: (emulator, { repositoryName, imageIds }) => {
    const image = imageOf(repositoryOf(emulator, repositoryName), imageIds[0] ?? {});
    if (image) return { images: [{ imageManifest: image.manifest }], failures: [] };
    return { images: [], failures: [{ failureReason: "Requested image not found" }] };
  },

  GetDownloadUrlForLayer: (emulator, { repositoryName, layerDigest }) => {
    const query = new URLSearchParams({ repositoryName, layerDigest });
    return { downloadUrl: `${emulator.url}/emulator/layer?${query}` };
  },

  ListImages: (emulator, { repositoryName }) => ({
    imageIds: [...repositoryOf(emulator, repositoryName)].map(([imageTag, { digest }]) => ({
      imageTag,
      imageDigest: digest,
    })),
  }),

  BatchDeleteImage: (emulator, { repositoryName, imageIds }) => {
    const repository = repositoryOf(emulator, repositoryName);
    if (imageIds.length > 100) throw new Refusal("InvalidParameterException", "at most 100 images");
    for (const { imageTag } of imageIds) repository.delete(imageTag ?? "");
    return { imageIds, failures: [] };
  },

  FilterLogEvents: ({ logEvents }, { startTime }) => ({
    events: logEvents.filter(({ timestamp }) => timestamp >= startTime),
  }),

  GetAccountSettings: () => ({
    AccountLimit: { ConcurrentExecutions: 10, UnreservedConcurrentExecutions: 10 },
  }),

  /** What a download URL leads to. */
  layer: (emulator, { repositoryName, layerDigest }) => {
    const images = [...repositoryOf(emulator, repositoryName).values()];
    return images.find(({ configuration }) => digestOf(configuration) === layerDigest)
      ?.configuration;
  },
};
