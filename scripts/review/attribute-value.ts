import type { AttributePath } from "./terraform-plan.ts";

/** The value at a path; `undefined` if there is none. */
export function valueAt(value: unknown, path: AttributePath): unknown {
  return path.reduce<unknown>(
    (inner, step) =>
      typeof inner === "object" && inner !== null
        ? (inner as Record<string | number, unknown>)[step]
        : undefined,
    value,
  );
}

/** Whether a mask covers a path: it is `true` there or above. */
export function isMasked(mask: unknown, path: AttributePath): boolean {
  return [...path.keys(), path.length].some((end) => valueAt(mask, path.slice(0, end)) === true);
}

/** Whether a mask covers a path or anything below it. */
export function hasMasked(mask: unknown, path: AttributePath): boolean {
  return isMasked(mask, path) || containsTrue(valueAt(mask, path));
}

function containsTrue(mask: unknown): boolean {
  if (typeof mask !== "object" || mask === null) return mask === true;
  return Object.values(mask).some(containsTrue);
}

/** A path as text: `cors[0].allow_origins`. */
export function pathText(path: AttributePath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");
}
