import type { Architecture } from "../../../model/architecture.ts";
import type { BaseImage } from "../../../model/pins.ts";
import { UserError } from "../../../model/user-error.ts";

/**
 * A base image as a Dockerfile names it: by digest, so that it cannot change under us.
 *
 * @param allowsUnpinned take the tag, whatever it points at today, while the digest is unknown
 * @throws UserError
 */
export function baseReference(
  { name, tag, digests }: BaseImage,
  architecture: Architecture,
  allowsUnpinned: boolean,
): string {
  const digest = digests[architecture];
  if (digest !== undefined) return `${name}@${digest}`;
  if (allowsUnpinned) return `${name}:${tag}`;
  throw new UserError(
    `nobody has pinned ${name}:${tag} for ${architecture} yet.\nRun make pins, look at what it wrote, and commit it. To build on whatever the tag points at today: ALLOW_UNPINNED_BASES=1`,
  );
}
