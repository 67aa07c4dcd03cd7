/**
 * Arguments to settings, with llama.cpp's error messages: common_params_parse_ex of common/arg.cpp,
 * llama.cpp@1f86f058 (read 2026-11), and the recorded transcripts.
 */

/** Ends a program with exit code 1; `message` is what it writes to stderr. */
export class ProgramError extends Error {
  override readonly name = "ProgramError";
}

/**
 * Flags by name. A function with two parameters takes the argument behind the flag; one with fewer
 * does not. Throws Error with the program's words for a value that it refuses.
 */
export type FlagTable<Settings> = Readonly<
  Record<string, (settings: Settings, value: string) => void>
>;

/** A flag that sets a field to its parsed value. */
export function field<Settings, Name extends keyof Settings>(
  name: Name,
  parse: (value: string) => Settings[Name],
) {
  return (settings: Settings, value: string): void => {
    settings[name] = parse(value);
  };
}

/** Applies the arguments behind the program's name to its settings. Throws ProgramError. */
export function parseCommandLine<Settings>(
  flags: FlagTable<Settings>,
  settings: Settings,
  args: readonly string[],
): Settings {
  const queue = [...args];
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    const apply = Object.hasOwn(flags, name) ? flags[name] : undefined;
    if (!apply) throw new ProgramError(`error: invalid argument: ${name}`);
    const value = apply.length > 1 ? queue.shift() : "";
    try {
      apply(settings, value ?? refuse("expected value for argument"));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new ProgramError(`error while handling argument "${name}": ${reason}`);
    }
  }
  return settings;
}

/** std::stoi: leading space, a sign, digits; whatever follows is ignored. */
export function integer(value: string): number {
  const number = Number(/^\s*([+-]?\d+)/.exec(value)?.[1] ?? refuse("stoi"));
  return number === (number | 0) ? number : refuse("stoi");
}

/** std::stoul of a number without a sign, cut to 32 bits. */
export function unsigned(value: string): number {
  return Number(/^\s*(\d+)/.exec(value)?.[1] ?? refuse("stoul")) >>> 0;
}

/** std::stof, without its words for infinity and for what is no number. */
export function real(value: string): number {
  const digits = /^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)/i.exec(value)?.[1];
  return Math.fround(Number(digits ?? refuse("stof")));
}

/** Refuses a flag's value in the program's words. */
export function refuse(reason: string): never {
  throw new Error(reason);
}
