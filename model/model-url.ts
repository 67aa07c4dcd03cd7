import type { ModelPin } from "./pins.ts";

/**
 * Where the pinned model file is, in the hub's scheme of addresses, which mirrors keep.
 *
 * @param baseUrl the hub, or a mirror of it
 */
export function modelUrl({ repository, revision, file }: ModelPin, baseUrl: string): string {
  return `${baseUrl.replace(/\/+$/, "")}/${repository}/resolve/${revision}/${file}`;
}

/** The headers that go with a request to the hub: none, or a login. The token is stored nowhere. */
export function modelHeaders(token: string | undefined): Record<string, string> {
  return token ? { authorization: `Bearer ${token}` } : {};
}
