import * as z from "zod";
import { type Architecture, containerArchitecture } from "../../../model/architecture.ts";
import type { HttpGet } from "../../../model/http-client.ts";
import { UserError } from "../../../model/user-error.ts";

/** An image's place in a registry. */
export interface ImageAddress {
  /** Host, with a port if need be. */
  readonly registry: string;
  readonly repository: string;
}

/** Docker's own registry has another host name than its images. */
const hosts: Readonly<Record<string, string>> = { "docker.io": "registry-1.docker.io" };

/** What we can read: lists of images by platform, and single images. */
const acceptedTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

const indexSchema = z.object({
  manifests: z.array(
    z.object({
      digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
      platform: z.object({ os: z.string(), architecture: z.string() }).optional(),
    }),
  ),
});

const tokenSchema = z.union([
  z.object({ token: z.string() }).transform(({ token }) => token),
  z.object({ access_token: z.string() }).transform(({ access_token }) => access_token),
]);

/** A full image name (`public.ecr.aws/lambda/nodejs`) as the place to ask. */
export function imageAddress(name: string): ImageAddress {
  const [host = "", ...path] = name.split("/");
  return { registry: hosts[host] ?? host, repository: path.join("/") };
}

/**
 * Asks a registry what a tag points at, for each architecture: OCI distribution API, with an
 * anonymous token when the registry wants one.
 *
 * @param scheme `http` for registries on loopback, in tests
 * @throws UserError, or `digest-unknown` when the tag has no image for an architecture
 */
export async function resolveDigests(
  name: string,
  tag: string,
  architectures: readonly Architecture[],
  get: HttpGet,
  scheme: "https" | "http" = "https",
): Promise<Record<Architecture, string>> {
  const { registry, repository } = imageAddress(name);
  const url = `${scheme}://${registry}/v2/${repository}/manifests/${tag}`;
  const index = indexSchema.safeParse(await getWithToken(url, get));
  if (!index.success) {
    throw new UserError(`${name}:${tag} is no list of images by architecture`);
  }
  const rows = architectures.map((architecture) => {
    const wanted = { os: "linux", architecture: containerArchitecture[architecture] };
    const found = index.data.manifests.find(
      ({ platform }) => platform?.os === wanted.os && platform.architecture === wanted.architecture,
    );
    if (found) return [architecture, found.digest] as const;
    throw new UserError(`${name}:${tag} has no image for ${architecture}`);
  });
  return Object.fromEntries(rows) as Record<Architecture, string>;
}

async function getWithToken(url: string, get: HttpGet): Promise<unknown> {
  const first = await request(url, {}, get);
  if (first.status !== 401) return json(url, first);
  const challenge = first.headers.get("www-authenticate") ?? "";
  await first.body?.cancel();
  const tokenUrl = tokenAddress(challenge);
  if (tokenUrl === undefined) {
    throw new UserError(`${url}: the registry wants a login of another kind (${challenge})`);
  }
  const token = tokenSchema.safeParse(await json(tokenUrl, await request(tokenUrl, {}, get)));
  if (!token.success) throw new UserError(`${tokenUrl}: the answer holds no token`);
  return json(url, await request(url, { authorization: `Bearer ${token.data}` }, get));
}

/** Where to fetch a token, from a `WWW-Authenticate: Bearer realm="…",service="…",scope="…"`. */
export function tokenAddress(challenge: string): string | undefined {
  if (!/^bearer /i.test(challenge)) return undefined;
  const fields = new Map(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
  );
  const realm = fields.get("realm");
  if (realm === undefined || !URL.canParse(realm)) return undefined;
  const address = new URL(realm);
  for (const key of ["service", "scope"]) {
    const value = fields.get(key);
    if (value !== undefined) address.searchParams.set(key, value);
  }
  return address.href;
}

async function request(url: string, headers: Record<string, string>, get: HttpGet) {
  try {
    return await get(url, { headers: { accept: acceptedTypes, ...headers } });
  } catch (cause) {
    const { message } = ((cause as Error).cause ?? cause) as Error;
    throw new UserError(`${url}: ${message}`, { cause });
  }
}

async function json(url: string, response: Awaited<ReturnType<HttpGet>>): Promise<unknown> {
  if (response.ok) return response.json();
  await response.body?.cancel();
  throw new UserError(`${url}: status ${response.status}`);
}
