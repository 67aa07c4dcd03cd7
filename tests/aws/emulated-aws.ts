import { createHash } from "node:crypto";
import { type ECRClient, PutImageCommand } from "@aws-sdk/client-ecr";
import { waitUntil } from "../helpers/processes.ts";

const startLimitMs = 60_000;

/** moto's address from `scripts/test-aws.sh`, once it answers. @throws Error without it */
export async function requireEmulator(): Promise<string> {
  const url = process.env.AWS_ENDPOINT_URL;
  if (!url?.startsWith("http://127.0.0.1:")) throw new Error("run `make test-aws`");
  await waitUntil(() => fetch(url).then(Boolean, () => false), startLimitMs);
  await fetch(`${url}/moto-api/reset`, { method: "POST" });
  return url;
}

/** An image of a made-up configuration and layer; its digest. */
export async function putImage(
  ecr: ECRClient,
  repositoryName: string,
  imageTag: string,
): Promise<string | undefined> {
  const blob = (kind: string) => ({
    mediaType: `application/vnd.docker.${kind}`,
    size: 10,
    digest: `sha256:${createHash("sha256").update(`${kind} ${imageTag}`).digest("hex")}`,
  });
  const imageManifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.docker.distribution.manifest.v2+json",
    config: blob("container.image.v1+json"),
    layers: [blob("image.rootfs.diff.tar.gzip")],
  });
  const command = new PutImageCommand({ repositoryName, imageManifest, imageTag });
  const { image } = await ecr.send(command);
  return image?.imageId?.imageDigest;
}
