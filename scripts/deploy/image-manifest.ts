import * as z from "zod";
import { UserError } from "../../model/user-error.ts";

/** The kinds of manifest that Lambda runs. */
export const imageManifestTypes = [
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
] as const;

/** Kinds that list several images; requested too, so that they can be recognized. */
export const indexTypes = [
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.index.v1+json",
] as const;

const manifestSchema = z.object({
  manifests: z.array(z.unknown()).optional(),
  config: z.object({ digest: z.string() }).optional(),
});

const configSchema = z.object({ architecture: z.string(), os: z.string() });

/** Names of Lambda's architectures in images. */
const imageArchitectures = { x86_64: "amd64", arm64: "arm64" } as const;

/**
 * The digest of a single image's configuration.
 *
 * @throws UserError for an index of images, which Lambda refuses
 */
export function configDigestOf(manifest: string): string {
  const { manifests, config } = manifestSchema.parse(JSON.parse(manifest));
  if (manifests === undefined && config !== undefined) return config.digest;
  throw new UserError(
    `the image is an index of ${manifests?.length ?? 0} manifests, and Lambda runs only a single one: build it without attestations (--provenance=false --sbom=false) and for one platform`,
  );
}

/** @throws UserError when the image's configuration names another platform */
export function requireArchitecture(
  configuration: string,
  architecture: keyof typeof imageArchitectures,
): void {
  const image = configSchema.parse(JSON.parse(configuration));
  const expected = imageArchitectures[architecture];
  if (image.os === "linux" && image.architecture === expected) return;
  throw new UserError(
    `the image is for ${image.os}/${image.architecture}, the function for ${architecture} (linux/${expected}): set LAMBDA_ARCHITECTURE, or build the image for that`,
  );
}
