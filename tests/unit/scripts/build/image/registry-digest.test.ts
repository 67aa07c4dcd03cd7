import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  manifestUrl,
  resolveDigests,
  tokenAddress,
} from "../../../../../scripts/build/image/registry-digest.ts";

const digests = { amd64: `sha256:${"a".repeat(64)}`, arm64: `sha256:${"b".repeat(64)}` };
const index = {
  schemaVersion: 2,
  manifests: [
    { digest: `sha256:${"c".repeat(64)}`, platform: { os: "unknown", architecture: "unknown" } },
    { digest: `sha256:${"d".repeat(64)}`, platform: { os: "windows", architecture: "amd64" } },
    { digest: digests.arm64, platform: { os: "linux", architecture: "arm64", variant: "v8" } },
    { digest: digests.amd64, platform: { os: "linux", architecture: "amd64" } },
  ],
};

let close = () => {};
afterEach(() => close());

/** A registry on loopback. `wantsToken`: it sends clients to its token service first. */
async function startRegistry(answer: object, { wantsToken = true, challenge = "" } = {}) {
  const seen: IncomingMessage[] = [];
  const respond = (request: IncomingMessage, response: ServerResponse) => {
    seen.push(request);
    if (request.url?.startsWith("/token")) {
      response.end(JSON.stringify({ token: "anonymous" }));
    } else if (wantsToken && request.headers.authorization !== "Bearer anonymous") {
      const realm = `Bearer realm="http://${host()}/token",service="registry",scope="repository:lambda/nodejs:pull"`;
      response.writeHead(401, { "www-authenticate": challenge || realm }).end("{}");
    } else if (request.url === "/v2/lambda/nodejs/manifests/24") {
      response.end(JSON.stringify(answer));
    } else {
      response.writeHead(404).end("{}");
    }
  };
  const server = createServer(respond);
  const host = () => `127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { name: `${host()}/lambda/nodejs`, seen };
}

const resolve = (name: string, tag = "24") => resolveDigests(name, tag);

describe("resolveDigests", () => {
  it("finds each architecture's digest, with an anonymous token", async () => {
    const { name, seen } = await startRegistry(index);

    expect(await resolve(name)).toEqual({ x86_64: digests.amd64, arm64: digests.arm64 });
    expect(seen.map(({ url }) => url)).toEqual([
      "/v2/lambda/nodejs/manifests/24",
      "/token?service=registry&scope=repository%3Alambda%2Fnodejs%3Apull",
      "/v2/lambda/nodejs/manifests/24",
    ]);
    expect(seen[0]?.headers.accept).toContain("manifest.list.v2");
    expect(seen[0]?.headers.accept).toContain("oci.image.index.v1");
  });

  it("needs no token where none is asked for", async () => {
    const { name, seen } = await startRegistry(index, { wantsToken: false });

    expect(await resolve(name)).toEqual({ x86_64: digests.amd64, arm64: digests.arm64 });
    expect(seen).toHaveLength(1);
  });

  it.each<[string, object, RegExp]>([
    [
      "a single image",
      { schemaVersion: 2, config: {}, layers: [] },
      /is no list of images by architecture/,
    ],
    [
      "a list without one of them",
      { manifests: index.manifests.slice(0, 3) },
      /has no image for x86_64/,
    ],
    [
      "a digest that is none",
      { manifests: [{ digest: "latest", platform: { os: "linux", architecture: "amd64" } }] },
      /is no list/,
    ],
  ])("writes nothing down from %s", async (_case, answer, message) => {
    const { name } = await startRegistry(answer);

    await expect(resolve(name)).rejects.toThrow(message);
  });

  it("names the tag that is not there", async () => {
    const { name } = await startRegistry(index);

    await expect(resolve(name, "99")).rejects.toThrow(/manifests\/99: status 404/);
  });

  it("does not log in any other way", async () => {
    const { name } = await startRegistry(index, { challenge: 'Basic realm="x"' });

    await expect(resolve(name)).rejects.toThrow(/login of another kind \(Basic/);
  });

  it("says so when no registry answers", async () => {
    const { name } = await startRegistry(index);
    close();

    await expect(resolve(name)).rejects.toThrow(/onnect/);
  });
});

describe("manifestUrl", () => {
  it.each([
    ["public.ecr.aws/lambda/nodejs", "https://public.ecr.aws/v2/lambda/nodejs/manifests/24"],
    ["docker.io/library/debian", "https://registry-1.docker.io/v2/library/debian/manifests/24"],
    ["127.0.0.1:5000/a", "http://127.0.0.1:5000/v2/a/manifests/24"],
    ["localhost/a", "http://localhost/v2/a/manifests/24"],
  ])("is the address to ask for %s", (name, url) => {
    expect(manifestUrl(name, "24")).toBe(url);
  });
});

describe("tokenAddress", () => {
  it("keeps what the realm has of its own", () => {
    expect(tokenAddress('Bearer realm="https://auth.example/t?x=1",service="s"')).toBe(
      "https://auth.example/t?x=1&service=s",
    );
  });

  it.each(['Basic realm="https://a"', "Bearer", 'Bearer realm="not an address"', ""])(
    "does not understand %s",
    (challenge) => {
      expect(tokenAddress(challenge)).toBeUndefined();
    },
  );
});
