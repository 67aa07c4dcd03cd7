import { UserError } from "../../model/user-error.ts";
import { type CommandResult, runChild } from "../cli/run-command.ts";

/** What curl has to fetch, and how. */
export interface CurlRequest {
  readonly url: string;
  /** Curl sends `authorization` to the host of `url` alone, not to where that redirects. */
  readonly headers: Readonly<Record<string, string>>;
  /** Further flags, without the address. */
  readonly flags: readonly string[];
  /** Longest wait for a connection, and longest silence of a server afterwards. Default: 30. */
  readonly stallSeconds?: number | undefined;
}

/**
 * Runs curl, which follows redirects, uses the environment's proxies and gives up on a server that
 * falls silent; the caller judges its exit code.
 *
 * @throws UserError when curl is not installed
 */
export async function runCurl(request: CurlRequest): Promise<CommandResult> {
  const seconds = String(request.stallSeconds ?? 30);
  const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
  try {
    return await runChild({
      file: "curl",
      args: [
        ...["--silent", "--show-error", "--location", "--proto", "=http,https"],
        ...["--connect-timeout", seconds, "--speed-time", seconds],
        ...["--speed-limit", "100"], // bytes a second: slower is silent
        ...["--config", "-", ...request.flags, request.url],
      ],
      // A token among the arguments would be shown by `ps`.
      input: headers.map((header) => `header = ${JSON.stringify(header)}\n`).join(""),
      // Curl itself reads the lower-case name only.
      environment: { http_proxy: process.env.http_proxy || process.env.HTTP_PROXY },
    });
  } catch (cause) {
    if (!(cause instanceof UserError)) throw cause;
    const message = `${cause.message}: install it (Debian and Ubuntu: apt-get install curl)`;
    throw new UserError(message, { cause });
  }
}

/** The reason for a failure in curl's words: `(6) Could not resolve host: hub.example`. */
export function curlReason({ exitCode, stderr }: CommandResult): string {
  const line = stderr.trim().split("\n").at(-1) ?? "";
  return line.replace(/^curl: /, "") || `curl ended with ${exitCode}`;
}
