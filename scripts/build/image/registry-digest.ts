import * as z from "zod";
import { type Architecture, containerArchitecture } from "../../../model/architecture.ts";
import { UserError } from "../../../model/user-error.ts";
import { curlReason, runCurl } from "../curl.ts";

/** The host of a registry that has another name in image names. */
const hosts: Readonly<Record<string, string>> = { "docker.io": "registry-1.docker.io" };

/** Lists of images by platform. Others are asked for so that a single image can be told apart. */
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

/**
 * The digests that a tag of an image (`public.ecr.aws/lambda/nodejs`) points at, by the OCI
 * distribution API, with an anonymous token when the registry wants one.
 *
 * @throws UserError when the registry does not answer, or has no image for an architecture
 */
export async function resolveDigests(
  name: string,
  tag: string,
): Promise<Record<Architecture, string>> {
  const index = indexSchema.safeParse(await getWithToken(manifestUrl(name, tag)));
  if (!index.success) throw new UserError(`${name}:${tag} is no list of images by architecture`);
  const digestFor = (architecture: Architecture) => {
    const found = index.data.manifests.find(
      ({ platform }) =>
        platform?.os === "linux" && platform.architecture === containerArchitecture[architecture],
    );
    if (found) return found.digest;
    throw new UserError(`${name}:${tag} has no image for ${architecture}`);
  };
  return { x86_64: digestFor("x86_64"), arm64: digestFor("arm64") };
}

/** Where a registry answers for a tag. A registry on this machine speaks HTTP. */
export function manifestUrl(name: string, tag: string): string {
  const [host = "", ...path] = name.split("/");
  const scheme = /^(localhost|127\.0\.0\.1)(:|$)/.test(host) ? "http" : "https";
  return `${scheme}://${hosts[host] ?? host}/v2/${path.join("/")}/manifests/${tag}`;
}

async function getWithToken(url: string): Promise<unknown> {
  const first = await get(url);
  if (first.status !== 401) return json(url, first);
  const tokenUrl = tokenAddress(first.challenge);
  if (tokenUrl === undefined) {
    throw new UserError(`${url}: the registry wants a login of another kind (${first.challenge})`);
  }
  const token = tokenSchema.safeParse(json(tokenUrl, await get(tokenUrl)));
  if (!token.success) throw new UserError(`${tokenUrl}: the answer holds no token`);
  return json(url, await get(url, { authorization: `Bearer ${token.data}` }));
}

/** Where to fetch a token, from a `WWW-Authenticate: Bearer realm="…",service="…",scope="…"`. */
function tokenAddress(challenge: string): string | undefined {
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

/** An answer of a registry. */
interface Answer {
  readonly status: number;
  /** The header `WWW-Authenticate`, or "". */
  readonly challenge: string;
  readonly body: string;
}

async function get(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const result = await runCurl({
    url,
    headers: { accept: acceptedTypes, ...headers },
    flags: ["--include", "--suppress-connect-headers"],
  });
  if (result.exitCode !== 0) throw new UserError(`${url}: ${curlReason(result)}`);
  // A head for each redirect, then the answer's own, then the body.
  let [head, body] = ["", result.stdout];
  while (body.startsWith("HTTP/")) {
    const end = body.indexOf("\r\n\r\n");
    [head, body] = [body.slice(0, end), body.slice(end + 4)];
  }
  const status = Number(/^HTTP\/\S+ (\d+)/.exec(head)?.[1]);
  const challenge = /^www-authenticate: *(.*?)\r?$/im.exec(head)?.[1] ?? "";
  return { status, challenge, body };
}

function json(url: string, { status, body }: Answer): unknown {
  if (status !== 200) throw new UserError(`${url}: status ${status}`);
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new UserError(`${url}: the answer is no JSON`, { cause });
  }
}
