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
import { UserError } from "../../model/user-error.ts";
import type { StackConfig } from "../../stacks/settings-schema.ts";
import { askAws } from "./aws-failure.ts";
import {
  configDigestOf,
  imageManifestTypes,
  indexTypes,
  requireArchitecture,
} from "./image-manifest.ts";

/** Images that ECR deletes in one call. */
const deletedAtOnce = 100;

/** One repository of ECR. Every method throws a UserError that says what was asked for. */
export interface ImageRegistry {
  /** The digest behind a tag; `undefined` when it, or the repository, is not there. */
  findImage(tag: string): Promise<string | undefined>;
  /** The password of user `AWS`, good for twelve hours. */
  password(): Promise<string>;
  /** Checks that Lambda can run what a digest names. */
  requireRunnable(digest: string, architecture: StackConfig["architecture"]): Promise<void>;
  /** Every image; none when the repository is not there. */
  images(): Promise<ImageIdentifier[]>;
  deleteImages(images: readonly ImageIdentifier[]): Promise<void>;
}

/** A repository by its name. */
export function createImageRegistry(client: ECRClient, repositoryName: string): ImageRegistry {
  const named = `ECR repository ${repositoryName}`;
  return {
    findImage: (tag) =>
      askAws(`looking for the image ${tag} in ${named}`, async () => {
        const found = await unlessMissing(
          client.send(new DescribeImagesCommand({ repositoryName, imageIds: [{ imageTag: tag }] })),
        );
        return found?.imageDetails?.[0]?.imageDigest;
      }),
    password: () =>
      askAws("signing in to ECR", async () => {
        const answer = await client.send(new GetAuthorizationTokenCommand({}));
        const token = answer.authorizationData?.[0]?.authorizationToken ?? "";
        return Buffer.from(token, "base64").toString().replace(/^AWS:/, "");
      }),
    requireRunnable: (digest, architecture) =>
      askAws(`checking the image ${digest} in ${named}`, async () => {
        const manifest = await readManifest(client, repositoryName, digest);
        const layerDigest = configDigestOf(manifest);
        const { downloadUrl = "" } = await client.send(
          new GetDownloadUrlForLayerCommand({ repositoryName, layerDigest }),
        );
        const response = await fetch(downloadUrl);
        if (!response.ok) throw new UserError(`its configuration: HTTP ${response.status}`);
        requireArchitecture(await response.text(), architecture);
      }),
    images: () =>
      askAws(`listing the images in ${named}`, async () => {
        const images: ImageIdentifier[] = [];
        const pages = paginateListImages({ client }, { repositoryName });
        await unlessMissing(
          (async () => {
            for await (const page of pages) images.push(...(page.imageIds ?? []));
          })(),
        );
        return images;
      }),
    deleteImages: (images) =>
      askAws(`deleting the images in ${named}`, async () => {
        for (let start = 0; start < images.length; start += deletedAtOnce) {
          const imageIds = images.slice(start, start + deletedAtOnce);
          const answer = await client.send(
            new BatchDeleteImageCommand({ repositoryName, imageIds }),
          );
          const failure = answer.failures?.find(
            ({ failureCode }) => failureCode !== "ImageNotFound",
          );
          if (failure) throw new UserError(failure.failureReason ?? "an image stayed");
        }
      }),
  };
}

async function readManifest(
  client: ECRClient,
  repositoryName: string,
  imageDigest: string,
): Promise<string> {
  const { images, failures } = await client.send(
    new BatchGetImageCommand({
      repositoryName,
      imageIds: [{ imageDigest }],
      acceptedMediaTypes: [...imageManifestTypes, ...indexTypes],
    }),
  );
  const manifest = images?.[0]?.imageManifest;
  if (manifest !== undefined) return manifest;
  throw new UserError(failures?.[0]?.failureReason ?? "ECR gave no manifest");
}

/** An answer, or `undefined` when image or repository are not there. */
async function unlessMissing<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await answer;
  } catch (error) {
    const isMissing =
      error instanceof ImageNotFoundException || error instanceof RepositoryNotFoundException;
    if (isMissing) return undefined;
    throw error;
  }
}
