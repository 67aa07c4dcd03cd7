import { createHash } from "node:crypto";
import { CreateRepositoryCommand, type ECRClient, PutImageCommand } from "@aws-sdk/client-ecr";
import { waitForServer } from "../helpers/wait-for-server.ts";

/** moto's address, which `scripts/test-aws.sh` gives; fails where a test runs without it. */
export async function requireEmulator(): Promise<string> {
  const url = process.env.AWS_ENDPOINT_URL;
  if (!url?.startsWith("http://127.0.0.1:")) throw new Error("run `make test-aws`");
  await waitForServer(url);
  await fetch(`${url}/moto-api/reset`, { method: "POST" });
  return url;
}

/** A repository. */
export async function makeRepository(ecr: ECRClient, repositoryName: string): Promise<void> {
  await ecr.send(new CreateRepositoryCommand({ repositoryName }));
}

/** An image of a made-up configuration and layer; its digest. */
export async function putImage(
  ecr: ECRClient,
  repositoryName: string,
  imageTag: string,
): Promise<string | undefined> {
  const digest = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;
  const imageManifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.docker.distribution.manifest.v2+json",
    config: {
      mediaType: "application/vnd.docker.container.image.v1+json",
      size: 10,
      digest: digest(`configuration ${imageTag}`),
    },
    layers: [
      {
        mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip",
        size: 10,
        digest: digest(`layer ${imageTag}`),
      },
    ],
  });
  const { image } = await ecr.send(
    new PutImageCommand({ repositoryName, imageManifest, imageTag }),
  );
  return image?.imageId?.imageDigest;
}
