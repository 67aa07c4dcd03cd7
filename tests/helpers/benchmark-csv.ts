/** A row of `make benchmark-remote` as it comes out when all goes well: 100 tokens, warm. */
const row = {
  memory_mib: "3008",
  engine: "llama-cli",
  architecture: "x86_64",
  is_cold: "false",
  tokens_asked: "100",
  tokens_made: "100",
  init_ms: "",
  restore_ms: "",
  duration_ms: "6000",
  billed_ms: "6000",
  memory_used_mb: "1300",
  first_token_ms: "1200",
  total_ms: "6100",
  tokens_per_second: "20",
  usd: "0.00029",
  error: "",
} as const;

/** A CSV of rows that differ from it, every cell in quotes; `isReversed`: columns from the last. */
export function benchmarkCsv(
  rows: readonly Partial<Record<keyof typeof row, string>>[],
  { isReversed = false } = {},
): string {
  const columns = Object.keys(row) as (keyof typeof row)[];
  const order = isReversed ? columns.toReversed() : columns;
  const lines = rows.map((changes) =>
    order.map((name) => `"${(changes[name] ?? row[name]).replaceAll('"', '""')}"`).join(","),
  );
  return [order.join(","), ...lines].join("\n");
}
