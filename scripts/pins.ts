import { writeFileSync } from "node:fs";
import { type Architecture, architectures } from "../model/architecture.ts";
import { createHttpGet } from "../model/http-client.ts";
import { digestKey, withPins } from "../model/pin-digests.ts";
import { type BaseImageRole, parsePins, readPinsText } from "../model/pins.ts";
import { resolveDigests } from "./build/image/registry-digest.ts";
import { parseSetupSettings } from "./build/setup-settings.ts";
import { runScript } from "./cli/run-script.ts";

// `make pins`: asks the registries what the base images' tags point at and writes it down.

await runScript(async () => {
  const { PINS } = parseSetupSettings(process.env);
  const text = readPinsText(PINS);
  const { baseImages } = parsePins(text, PINS);
  const get = createHttpGet(process.env);
  const values: Record<string, string> = {};
  for (const role of Object.keys(baseImages) as BaseImageRole[]) {
    const { name, tag, digests } = baseImages[role];
    const scheme = isLoopback(name) ? "http" : "https";
    const found = await resolveDigests(name, tag, architectures, get, scheme);
    console.log(`${name}:${tag}`);
    for (const architecture of architectures) {
      values[digestKey(role, architecture)] = found[architecture];
      console.log(`  ${architecture}: ${change(digests, architecture, found[architecture])}`);
    }
  }
  writeFileSync(PINS, withPins(text, values));
});

function change(
  digests: Readonly<Record<Architecture, string | undefined>>,
  architecture: Architecture,
  found: string,
): string {
  const before = digests[architecture];
  if (before === found) return `${found} (as pinned)`;
  return `${found} (was ${before ?? "unknown"})`;
}

/** A registry on this machine speaks HTTP, as every container tool takes for granted. */
function isLoopback(name: string): boolean {
  return /^(localhost|127\.0\.0\.1)(:|\/)/.test(name);
}
