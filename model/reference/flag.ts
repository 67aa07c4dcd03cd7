/** A flag of a command line: see `command-line.ts`. */
import type { EngineSettings } from "./engine-settings.ts";

/** What a flag works on. */
export interface FlagTarget<Settings> {
  readonly settings: Settings;
  /** Throws the system's error. */
  readonly readFile: (path: string) => Buffer;
  /** Lines for stderr. */
  readonly notes: string[];
}

/** One flag. `hint` names its value; a flag without hint takes none. */
export interface Flag<Settings> {
  readonly names: readonly string[];
  readonly hint?: string;
  readonly help: string;
  /** Throws Error with the program's own words. */
  readonly apply: (target: FlagTarget<Settings>, value: string) => void;
}

/** Sets one setting to what a flag's value means. */
export function set<Settings extends EngineSettings, Key extends keyof Settings>(
  key: Key,
  parse: (value: string) => Settings[Key],
): Flag<Settings>["apply"] {
  return ({ settings }, value) => {
    settings[key] = parse(value);
  };
}

/** The bytes of a file that a flag names. Throws Error with the program's words. */
export function openNamed(path: string, readFile: FlagTarget<unknown>["readFile"]): Buffer {
  try {
    return readFile(path);
  } catch (cause) {
    throw new Error(`error: failed to open file '${path}'\n`, { cause });
  }
}
