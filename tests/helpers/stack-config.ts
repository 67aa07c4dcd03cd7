import { Testing } from "cdktf";
import { RegistryStack } from "../../stacks/registry-stack.ts";
import { ServiceStack } from "../../stacks/service-stack.ts";
import { settings } from "../../stacks/settings.ts";
import type { StackConfig } from "../../stacks/settings-schema.ts";
import { parseStackConfig } from "../../stacks/stack-config.ts";

/** The settings of the repository with the environment's values in. */
export function stackConfig(environment: Record<string, string> = {}): StackConfig {
  return parseStackConfig(settings, environment);
}

const stackClasses = { registry: RegistryStack, service: ServiceStack };

/** Terraform JSON, the parts that tests read. */
export interface Synthesized {
  readonly terraform: Record<string, unknown>;
  readonly provider: { readonly aws: readonly Record<string, unknown>[] };
  readonly variable?: Record<string, unknown>;
  readonly resource: Record<string, Record<string, Record<string, unknown>>>;
  readonly data?: Synthesized["resource"];
  readonly output: Record<string, { readonly value: unknown }>;
}

/** A stack's Terraform as JSON text. */
export function synthesizedText(
  kind: keyof typeof stackClasses,
  environment?: Record<string, string>,
): string {
  const stack = new stackClasses[kind](Testing.app(), stackConfig(environment));
  return Testing.synth(stack);
}

/** A stack's Terraform. */
export function synthesized(
  kind: keyof typeof stackClasses,
  environment?: Record<string, string>,
): Synthesized {
  return JSON.parse(synthesizedText(kind, environment));
}

/** Every resource of a type. */
export function resources(stack: Synthesized, type: string): Record<string, unknown>[] {
  return Object.values(stack.resource[type] ?? {});
}

/** The only resource of a type; fails when there are none or more. */
export function resource(stack: Synthesized, type: string): Record<string, unknown> {
  const [first, ...others] = resources(stack, type);
  if (first === undefined || others.length > 0) {
    throw new Error(`${others.length + (first ? 1 : 0)} of ${type}`);
  }
  return first;
}
