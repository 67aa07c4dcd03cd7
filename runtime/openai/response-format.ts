import * as z from "zod";
import { requestInvalid } from "../request/problems.ts";
import { grammarOf } from "../request/request.ts";

/** `response_format` of a chat request. */
export const responseFormatSchema = z.strictObject({
  type: z.enum(["text", "json_object", "json_schema"]),
  json_schema: z
    .looseObject({ schema: z.looseObject({}).optional(), strict: z.boolean().nullish() })
    .optional(),
});

type ResponseFormat = z.output<typeof responseFormatSchema>;

/**
 * The grammar that a chat request's format, or its own grammar, amounts to.
 *
 * @throws AppError `request-invalid` when an engine could not be held to it
 */
export function formatGrammar(
  format: ResponseFormat | undefined,
  grammar: string | undefined,
): string {
  const jsonSchema = schemaOf(format);
  const paths = { jsonSchema: "response_format.json_schema.schema", grammar: "grammar" };
  return grammarOf({ jsonSchema, grammar, paths });
}

function schemaOf(format: ResponseFormat | undefined) {
  if (format === undefined || format.type === "text") return undefined;
  if (format.type === "json_object") return { type: "object" };
  if (format.json_schema?.schema !== undefined) return format.json_schema.schema;
  const path = "response_format.json_schema.schema";
  throw requestInvalid([{ path, message: "is missing; send the JSON schema" }]);
}
