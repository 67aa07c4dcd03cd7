import type * as z from "zod";

type Definition = z.core.$ZodTypes["_zod"]["def"];

/** What a field takes: `64 to 4096`, `an AWS region such as us-east-1`; and by default. */
interface SchemaSummary {
  readonly allowed: string;
  readonly defaultValue: unknown;
}

/** Says what a field's schema allows. @throws TypeError for a kind of schema that no field has yet */
export function schemaSummary(schema: z.core.$ZodType): SchemaSummary {
  const definition = definitionOf(schema);
  switch (definition.type) {
    case "default":
      return { ...schemaSummary(definition.innerType), defaultValue: definition.defaultValue };
    case "optional":
      return schemaSummary(definition.innerType);
    case "pipe":
      return schemaSummary(
        definitionOf(definition.out).type === "transform" ? definition.in : definition.out,
      );
    default:
      return { allowed: allowedBy(schema, definition), defaultValue: undefined };
  }
}

function definitionOf(schema: z.core.$ZodType): Definition {
  return schema._zod.def as Definition;
}

function allowedBy(schema: z.core.$ZodType, definition: Definition): string {
  switch (definition.type) {
    case "number":
      return rangeOf(schema as z.ZodNumber);
    case "string":
      return messagesOf(definition).join("; ") || "text";
    case "boolean":
      return "`true`, `false`";
    case "enum":
      return codes(Object.values(definition.entries));
    case "literal":
      return codes(definition.values);
    case "array":
      return `a list: ${schemaSummary(definition.element).allowed}`;
    case "record":
      return "`name=value`, separated by commas";
    default:
      throw new TypeError(`no words yet for a schema of type ${definition.type}`);
  }
}

/** Bounds, with the reason that the message for the lower one gives. */
function rangeOf({ minValue, maxValue, def }: z.ZodNumber): string {
  const reason = messagesOf(def)
    .map((message) => /, (because|so that) .*/.exec(message)?.[0] ?? "")
    .join("");
  return `${minValue} to ${maxValue}${reason}`;
}

/** What a schema's own error messages ask for: `must be a path` → `a path`. */
function messagesOf(definition: { readonly checks?: z.core.$ZodCheck[] | undefined }): string[] {
  return (definition.checks ?? []).flatMap((check) => {
    const error = check._zod.def.error?.({} as never);
    const message = typeof error === "object" && error !== null ? error.message : error;
    // "must not be empty" says no more than that it is text.
    return message && message !== "must not be empty"
      ? [message.replace(/^must (be|have) /, "")]
      : [];
  });
}

/** Values, the middle of a long list left out. */
function codes(values: readonly unknown[]): string {
  const all = values.map((value) => `\`${String(value)}\``);
  return all.length <= 8 ? all.join(", ") : `${all.slice(0, 5).join(", ")} … ${all.at(-1)}`;
}
