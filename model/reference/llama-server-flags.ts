/**
 * The command line of llama-server, as far as the reference engine knows it.
 *
 * Source: common/arg.cpp and common/common.h of llama.cpp@1f86f058 (read 2026-11).
 */
import type { Program } from "./command-line.ts";
import { COMMON_FLAGS, NOT_IMPLEMENTED } from "./common-flags.ts";
import { defaultEngineSettings, type EngineSettings } from "./engine-settings.ts";
import { type Flag, set } from "./flag.ts";
import { fail, integer } from "./flag-values.ts";

/** What the flags set. */
export interface LlamaServerSettings extends EngineSettings {
  host: string;
  /** 0 takes any that is free. */
  port: number;
}

/** llama-server's own defaults. */
export function defaultServerSettings(): LlamaServerSettings {
  return { ...defaultEngineSettings(), host: "127.0.0.1", port: 8080 };
}

/** Every flag that is understood. */
const FLAGS: readonly Flag<LlamaServerSettings>[] = [
  ...COMMON_FLAGS,
  {
    names: ["--host"],
    hint: "HOST",
    help: "ip address to listen (default: 127.0.0.1)",
    apply: set("host", String),
  },
  {
    names: ["--port"],
    hint: "PORT",
    help: "port to listen (default: 8080)",
    apply: set("port", integer),
  },
  {
    names: ["-np", "--parallel"],
    hint: "N",
    help: "number of parallel sequences to decode (default: 1); this engine has one slot",
    apply: (_, value) => void (integer(value) === 1 || fail("this engine has one slot")),
  },
];

/** llama-server, for `parseCommandLine`. */
export const LLAMA_SERVER: Program<LlamaServerSettings> = {
  name: "llama-server",
  defaultSettings: defaultServerSettings,
  flags: FLAGS,
  // biome-ignore format: one list
  notImplemented: new Set([
    ...NOT_IMPLEMENTED, "-a", "--alias", "--api-key", "--api-key-file", "--chat-template",
    "--embedding", "--embeddings", "--metrics", "--reranking", "--rerank", "--slots", "--props",
    "--slot-save-path", "--ssl-key-file", "--ssl-cert-file", "-to", "--timeout", "--cache-reuse",
  ]),
};
