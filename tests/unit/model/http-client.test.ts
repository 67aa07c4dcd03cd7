import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { createHttpGet } from "../../../model/http-client.ts";
import { startFileServer } from "../../helpers/emulators/file-server.ts";

const body = Buffer.from("the model");

/** A proxy that tunnels, and tells where to. */
async function startProxy() {
  const targets: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on("connect", (request, client: Socket) => {
    targets.push(request.url ?? "");
    const [host = "", port = ""] = (request.url ?? "").split(":");
    const upstream = connect(Number(port), host, () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      client.pipe(upstream).pipe(client);
    });
    sockets.add(client).add(upstream);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    targets,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

describe("createHttpGet", () => {
  it("goes through the proxy that the environment names, and past it where it says so", async () => {
    jest.spyOn(process, "emitWarning").mockImplementation();
    const [proxy, server] = [await startProxy(), await startFileServer({ body })];
    const proxied = await createHttpGet({ HTTP_PROXY: proxy.url })(server.url, { headers: {} });
    const direct = createHttpGet({ http_proxy: proxy.url, no_proxy: "127.0.0.1" });

    expect(await proxied.text()).toBe("the model");
    expect(await (await direct(server.url, { headers: {} })).text()).toBe("the model");
    expect(proxy.targets).toEqual([server.url.slice("http://".length)]);

    proxy.close();
    await server.close();
  });

  it("asks for the file's own bytes, not compressed ones", async () => {
    const server = await startFileServer({ body });

    await (await createHttpGet({})(server.url, { headers: {} })).text();

    expect(server.requests[0]?.headers["accept-encoding"]).toBe("identity");
    await server.close();
  });

  it("gives up on a server that falls silent", async () => {
    const server = await startFileServer({ body, claimedBytes: body.length + 1 });
    const response = await createHttpGet({}, 100)(server.url, { headers: {} });

    await expect(response.text()).rejects.toThrow();

    await server.close();
  });
});
