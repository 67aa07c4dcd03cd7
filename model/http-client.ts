import { Agent, EnvHttpProxyAgent, type Response, fetch as undiciFetch } from "undici";

/** A GET request's answer once its head has come; the body streams. */
export type HttpGet = (
  url: string,
  options: { readonly headers: Readonly<Record<string, string>>; readonly signal?: AbortSignal },
) => Promise<Response>;

/** Longest silence of a server in milliseconds, before its answer starts or within it. */
const defaultStallMs = 30_000;

/** The environment's variables that name proxies, either spelling. */
const proxyVariables = { httpProxy: "HTTP_PROXY", httpsProxy: "HTTPS_PROXY" } as const;

/**
 * An HTTP client that follows redirects (and drops the Authorization header when one leads to
 * another host), goes through the proxies that the environment names, and gives up on a server
 * that falls silent. Certificates: Node's, and those of NODE_EXTRA_CA_CERTS.
 */
export function createHttpGet(
  environment: Readonly<Record<string, string | undefined>>,
  stallMs = defaultStallMs,
): HttpGet {
  const timeouts = { headersTimeout: stallMs, bodyTimeout: stallMs, connect: { timeout: stallMs } };
  const variable = (name: string) => environment[name.toLowerCase()] || environment[name] || "";
  const httpProxy = variable(proxyVariables.httpProxy);
  const httpsProxy = variable(proxyVariables.httpsProxy);
  const noProxy = variable("NO_PROXY");
  const hasProxy = httpProxy !== "" || httpsProxy !== "";
  const dispatcher = hasProxy
    ? new EnvHttpProxyAgent({ ...timeouts, httpProxy, httpsProxy, noProxy })
    : new Agent(timeouts);
  return (url, { headers, signal }) =>
    undiciFetch(url, {
      dispatcher,
      // A compressed answer has other bytes at an offset than the file.
      headers: { "accept-encoding": "identity", ...headers },
      ...(signal && { signal }),
    });
}
