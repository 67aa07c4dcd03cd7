import type { Grant } from "./grants.ts";

/** Conditions that let in known callers only, in lower case. */
const narrowingConditions = [
  "aws:sourcearn",
  "aws:sourceaccount",
  "aws:sourceorgid",
  "aws:principalarn",
  "aws:principalaccount",
  "aws:principalorgid",
] as const;

/** Whether anyone at all is let in. */
export function isPublic({ principal, condition }: Grant): boolean {
  const lower = condition.toLowerCase();
  return principal === "*" && !narrowingConditions.some((key) => lower.includes(`"${key}"`));
}

/** Whether the action names more than one: `*`, `logs:*`, `logs:Get*`. */
export function isWildcardAction({ action }: Grant): boolean {
  return /[*?]/.test(action);
}

/**
 * Whether the resource is more than parts of one named thing. A wildcard behind a name stays within
 * it (`…:log-group:/aws/lambda/x:log-stream:*`); one in place of a name does not (`…:log-group:*`).
 */
export function isWildcardResource({ resource }: Grant): boolean {
  if (resource === "" || !/[*?]/.test(resource)) return false;
  if (!resource.startsWith("arn:")) return !startsWithReference.test(resource);
  const [, partition = "", service = "", region = "", account = "", ...rest] = resource.split(":");
  if ([partition, service, region, account].some((part) => /[*?]/.test(part))) return true;
  const name = rest.join(":");
  return service === "s3" ? /^[*?]/.test(name) : /^([\w-]+[:/])?[*?]/.test(name);
}

/** In a synthesized stack, `${aws_x.y.arn}` is the one thing that it refers to. */
const startsWithReference = /^\$\{[^}]+\}[:/]/;
