import type { Architecture } from "./architecture.ts";
import type { BaseImageRole } from "./pins.ts";

/** The key of the pins file that holds a base image's digest. */
export function digestKey(role: BaseImageRole, architecture: Architecture): string {
  return `${role}_DIGEST_${architecture.toUpperCase()}`;
}

/** The text of a pins file with other values for some keys; comments and order stay. */
export function withPins(text: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values).reduce(
    (changed, [key, value]) =>
      changed.replace(new RegExp(`^${key}=.*$`, "m"), () => `${key}=${value}`),
    text,
  );
}
