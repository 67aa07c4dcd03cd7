import {
  BatchDeleteImageCommand,
  BatchGetImageCommand,
  DescribeImagesCommand,
  type ECRClient,
  GetAuthorizationTokenCommand,
  GetDownloadUrlForLayerCommand,
  type ImageIdentifier,
  ImageNotFoundException,
  paginateListImages,
  RepositoryNotFoundException,
} from "@aws-sdk/client-ecr";
import * as z from "zod";
import { type Architecture, containerArchitecture } from "../../model/architecture.ts";
import { UserError } from "../../model/user-error.ts";
import { askAws } from "./aws-failure.ts";

/** The kinds of manifest that Lambda runs, then lists of several images, to be recognized. */
const manifestTypes = [
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.index.v1+json",
];

const manifestSchema = z.object({
  manifests: z.array(z.unknown()).optional(),
  config: z.object({ digest: z.string() }).optional(),
});

const configSchema = z.object({ architecture: z.string(), os: z.string() });

/** Most images that ECR deletes in one call. */
const deletedAtOnce = 100;

/** One repository of ECR. Every method throws a UserError that names what was asked for. */
export class ImageRegistry {
  readonly #client: ECRClient;
  readonly #repositoryName: string;

  constructor(client: ECRClient, repositoryName: string) {
    this.#client = client;
    this.#repositoryName = repositoryName;
  }

  /** The digest behind a tag; `undefined` when the tag or the repository does not exist. */
  async findImage(imageTag: string): Promise<string | undefined> {
    return this.#ask(`reading the images of`, async (repositoryName) => {
      const command = new DescribeImagesCommand({ repositoryName, imageIds: [{ imageTag }] });
      const found = await unlessMissing(this.#client.send(command));
      return found?.imageDetails?.[0]?.imageDigest;
    });
  }

  /** The password of user `AWS`, valid for twelve hours. */
  async password(): Promise<string> {
    return askAws("signing in to ECR", async () => {
      const answer = await this.#client.send(new GetAuthorizationTokenCommand({}));
      const token = answer.authorizationData?.[0]?.authorizationToken ?? "";
      return Buffer.from(token, "base64").toString().replace(/^AWS:/, "");
    });
  }

  /** Fails unless Lambda can run the image of a digest. */
  async requireRunnable(digest: string, architecture: Architecture): Promise<void> {
    await this.#ask(`checking the image ${digest} in`, async (repositoryName) => {
      const layerDigest = configDigestOf(await this.#manifest(digest));
      const command = new GetDownloadUrlForLayerCommand({ repositoryName, layerDigest });
      const { downloadUrl = "" } = await this.#client.send(command);
      const response = await fetch(downloadUrl);
      if (!response.ok) throw new UserError(`its configuration: HTTP ${response.status}`);
      requireArchitecture(await response.text(), architecture);
    });
  }

  /** Every image; empty when the repository does not exist. */
  async images(): Promise<ImageIdentifier[]> {
    return this.#ask("listing the images in", async (repositoryName) => {
      return (await unlessMissing(this.#allImages(repositoryName))) ?? [];
    });
  }

  async deleteImages(images: readonly ImageIdentifier[]): Promise<void> {
    await this.#ask("deleting the images in", async (repositoryName) => {
      for (let start = 0; start < images.length; start += deletedAtOnce) {
        const imageIds = images.slice(start, start + deletedAtOnce);
        const command = new BatchDeleteImageCommand({ repositoryName, imageIds });
        const { failures } = await this.#client.send(command);
        const failure = failures?.find(({ failureCode }) => failureCode !== "ImageNotFound");
        if (failure) throw new UserError(failure.failureReason ?? "an image was not deleted");
      }
    });
  }

  async #allImages(repositoryName: string): Promise<ImageIdentifier[]> {
    const images: ImageIdentifier[] = [];
    const pages = paginateListImages({ client: this.#client }, { repositoryName });
    for await (const { imageIds = [] } of pages) images.push(...imageIds);
    return images;
  }

  async #manifest(imageDigest: string): Promise<string> {
    const command = new BatchGetImageCommand({
      repositoryName: this.#repositoryName,
      imageIds: [{ imageDigest }],
      acceptedMediaTypes: manifestTypes,
    });
    const { images, failures } = await this.#client.send(command);
    const manifest = images?.[0]?.imageManifest;
    if (manifest !== undefined) return manifest;
    throw new UserError(failures?.[0]?.failureReason ?? "ECR returned no manifest");
  }

  #ask<Answer>(what: string, call: (repositoryName: string) => Promise<Answer>): Promise<Answer> {
    const name = this.#repositoryName;
    return askAws(`${what} ECR repository ${name}`, () => call(name));
  }
}

/** The digest of a single image's configuration. */
function configDigestOf(manifest: string): string {
  const { manifests, config } = manifestSchema.parse(JSON.parse(manifest));
  if (manifests === undefined && config !== undefined) return config.digest;
  throw new UserError(
    `the image is an index of ${manifests?.length ?? 0} manifests, and Lambda runs only a single one: build it without attestations (--provenance=false --sbom=false) and for one platform`,
  );
}

function requireArchitecture(configuration: string, architecture: Architecture): void {
  const image = configSchema.parse(JSON.parse(configuration));
  const expected = containerArchitecture[architecture];
  if (image.os === "linux" && image.architecture === expected) return;
  throw new UserError(
    `the image is for ${image.os}/${image.architecture}, the function for ${architecture} (linux/${expected}): set LAMBDA_ARCHITECTURE, or build the image for that`,
  );
}

/** An answer, or `undefined` when the image or the repository does not exist. */
async function unlessMissing<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  return answer.catch((error: unknown) => {
    if (error instanceof ImageNotFoundException) return undefined;
    if (error instanceof RepositoryNotFoundException) return undefined;
    throw error;
  });
}
