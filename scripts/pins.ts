import { writeFileSync } from "node:fs";
import { architectures } from "../model/architecture.ts";
import { type BaseImageRole, digestKey, parsePins, readPinsText, withPins } from "../model/pins.ts";
import { resolveDigests } from "./build/image/registry-digest.ts";
import { parseSetupSettings } from "./build/setup-settings.ts";
import { runInterruptible } from "./cli/command-line.ts";

// `make pins`: asks the registries what the base images' tags point at and writes it down.

await runInterruptible(async () => {
  const { PINS } = parseSetupSettings(process.env);
  const text = readPinsText(PINS);
  const { baseImages } = parsePins(text, PINS);
  const values: Record<string, string> = {};
  for (const role of Object.keys(baseImages) as BaseImageRole[]) {
    const { name, tag, digests } = baseImages[role];
    const found = await resolveDigests(name, tag);
    console.log(`${name}:${tag}`);
    for (const architecture of architectures) {
      const [before, after] = [digests[architecture], found[architecture]];
      values[digestKey(role, architecture)] = after;
      const change = before === after ? "as pinned" : `was ${before ?? "unknown"}`;
      console.log(`  ${architecture}: ${after} (${change})`);
    }
  }
  writeFileSync(PINS, withPins(text, values));
});
