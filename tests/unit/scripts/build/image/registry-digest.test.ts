import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { manifestUrl, resolveDigests } from "../../../../../scripts/build/image/registry-digest.ts";

const digestOf = (digit: string) => `sha256:${digit.repeat(64)}`;
const image = (digest: string, os: string, architecture: string) => {
  return { digest, platform: { os, architecture } };
};
const manifests = [
  image(digestOf("c"), "unknown", "unknown"),
  image(digestOf("d"), "windows", "amd64"),
  image(digestOf("b"), "linux", "arm64"),
  image(digestOf("a"), "linux", "amd64"),
];
const path = "/v2/lambda/nodejs/manifests/24";
let close = () => {};
afterEach(() => close());

/** A registry on loopback; `challenge` "" asks for no token. */
async function startRegistry(answer: object, challenge?: string) {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    if (request.url?.startsWith("/token")) {
      response.end(JSON.stringify({ token: "anonymous" }));
    } else if (challenge !== "" && request.headers.authorization !== "Bearer anonymous") {
      const realm = `Bearer realm="http://${host()}/token",service="registry",scope="repository:lambda/nodejs:pull"`;
      response.writeHead(401, { "www-authenticate": challenge ?? realm }).end("{}");
    } else {
      response.writeHead(request.url === path ? 200 : 404).end(JSON.stringify(answer));
    }
  });
  const host = () => `127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { name: `${host()}/lambda/nodejs`, seen };
}

describe("resolveDigests", () => {
  it.each([
    [
      "with an anonymous token",
      undefined,
      [path, "/token?service=registry&scope=repository%3Alambda%2Fnodejs%3Apull", path],
    ],
    ["without a token where none is asked for", "", [path]],
  ])("finds each architecture's digest %s", async (_case, challenge, urls) => {
    const { name, seen } = await startRegistry({ schemaVersion: 2, manifests }, challenge);

    const digests = await resolveDigests(name, "24");

    expect(digests).toEqual({ x86_64: digestOf("a"), arm64: digestOf("b") });
    expect(seen.map(({ url }) => url)).toEqual(urls);
    expect(seen[0]?.headers.accept).toMatch(/oci\.image\.index\.v1.*manifest\.list\.v2/);
  });

  it.each<[string, object, string, string | undefined, RegExp]>([
    ["a single image", { config: {}, layers: [] }, "24", "", /is no list of images by arch/],
    ["a list without one", { manifests: manifests.slice(0, 3) }, "24", "", /no image for x86_64/],
    ["no digest", { manifests: [image("latest", "linux", "amd64")] }, "24", "", /is no list/],
    ["an unknown tag", { manifests }, "99", undefined, /manifests\/99: status 404/],
    ["another login", {}, "24", 'Basic realm="x"', /login of another kind \(Basic/],
    ["no address", {}, "24", 'Bearer realm="x"', /login of another kind \(Bearer/],
  ])("refuses %s", async (_case, answer, tag, challenge, message) => {
    const { name } = await startRegistry(answer, challenge);

    await expect(resolveDigests(name, tag)).rejects.toThrow(message);
  });

  it("says so when no registry answers", async () => {
    const { name } = await startRegistry({});
    close();

    await expect(resolveDigests(name, "24")).rejects.toThrow(/onnect/);
  });
});

test.each([
  ["public.ecr.aws/lambda/nodejs", "https://public.ecr.aws/v2/lambda/nodejs/manifests/24"],
  ["docker.io/library/debian", "https://registry-1.docker.io/v2/library/debian/manifests/24"],
  ["127.0.0.1:5000/a", "http://127.0.0.1:5000/v2/a/manifests/24"],
  ["localhost/a", "http://localhost/v2/a/manifests/24"],
])("manifestUrl of %s", (name, url) => {
  expect(manifestUrl(name, "24")).toBe(url);
});
