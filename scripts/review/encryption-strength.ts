import { hasMasked, valueAt } from "./attribute-value.ts";
import type { Attributes } from "./terraform-plan.ts";

/** 0: none; 1: a key that AWS owns; 2: a key in KMS, whose policy says who may use it. */
type Strength = 0 | 1 | 2;

/** How what a type stores is encrypted; a key that only the apply will name is one in KMS. */
export const encryptionStrength: Readonly<
  Record<string, (attributes: Attributes, unknown: unknown) => Strength>
> = {
  aws_cloudwatch_log_group: (attributes, unknown) => keyOr(attributes, unknown, "kms_key_id", 1),
  aws_lambda_function: (attributes, unknown) => keyOr(attributes, unknown, "kms_key_arn", 1),
  aws_ecr_repository: (attributes) =>
    String(valueAt(attributes, ["encryption_configuration", 0, "encryption_type"])).startsWith(
      "KMS",
    )
      ? 2
      : 1,
  aws_sqs_queue: (attributes, unknown) =>
    keyOr(attributes, unknown, "kms_master_key_id", attributes.sqs_managed_sse_enabled ? 1 : 0),
};

function keyOr(
  attributes: Attributes,
  unknown: unknown,
  name: string,
  otherwise: Strength,
): Strength {
  const hasKey = hasMasked(unknown, [name]) || Boolean(attributes[name]);
  return hasKey ? 2 : otherwise;
}
