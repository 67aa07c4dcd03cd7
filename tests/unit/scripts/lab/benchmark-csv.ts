/** A row of `make benchmark-remote` as it comes out when all goes well: 100 tokens, warm. */
const row = {
  memory_mb: "3008",
  engine: "llama-cli",
  architecture: "x86_64",
  start: "warm",
  tokens_asked: "100",
  tokens_made: "100",
  init_ms: "",
  restore_ms: "",
  duration_ms: "6000",
  billed_ms: "6000",
  memory_used_mb: "1300",
  total_ms: "5900",
  first_token_ms: "1000",
  tokens_per_second: "20",
  cost_usd: "0.0002939506",
  error: "",
} as const;

type Column = keyof typeof row;

/** A CSV of rows that differ from that one, every cell in quotes; columns may be from the last on. */
export function benchmarkCsv(
  rows: readonly Partial<Record<Column, string>>[],
  { isReversed = false } = {},
): string {
  const columns = Object.keys(row) as Column[];
  const order = isReversed ? columns.toReversed() : columns;
  const lines = rows.map((changes) =>
    order.map((name) => `"${(changes[name] ?? row[name]).replaceAll('"', '""')}"`).join(","),
  );
  return [order.join(","), ...lines].join("\n");
}
