import { instances, lambdaPrices, priceSources } from "../../../stacks/lambda-prices.ts";
import { numberText } from "../charts/number-text.ts";
import type { CostTable } from "./cost-tables.ts";

/** Every price that the reports count with, with its date and where it comes from. */
export function priceTable(): CostTable {
  const { usdPerGbSecond, provisioned, snapStart, usdPerRequest } = lambdaPrices;
  const lambda: readonly (readonly [string, number, number, string])[] = [
    ["running, on demand", usdPerGbSecond.x86_64, usdPerGbSecond.arm64, "GB-second"],
    ["requests", usdPerRequest * 1e6, usdPerRequest * 1e6, "million"],
    [
      "provisioned concurrency, waiting",
      provisioned.usdPerGbSecondWaiting.x86_64,
      provisioned.usdPerGbSecondWaiting.arm64,
      "GB-second",
    ],
    [
      "provisioned concurrency, running",
      provisioned.usdPerGbSecondRunning.x86_64,
      provisioned.usdPerGbSecondRunning.arm64,
      "GB-second",
    ],
    [
      "SnapStart, keeping a snapshot",
      snapStart.usdPerGbSecondCached,
      snapStart.usdPerGbSecondCached,
      "GB-second",
    ],
    ["SnapStart, a restore", snapStart.usdPerGbRestored, snapStart.usdPerGbRestored, "GB"],
  ];
  const { x86_64, arm64 } = instances;
  return {
    head: ["USD, us-east-1", "x86_64", "arm64", "per", "date", "source"],
    rows: [
      ...lambda.map(([what, x86, arm, unit]) => [
        what,
        priceText(x86),
        priceText(arm),
        unit,
        priceSources.lambda.date,
        priceSources.lambda.text,
      ]),
      [
        `an instance of ${x86_64.cpus} vCPUs: ${x86_64.name}, ${arm64.name}`,
        numberText(x86_64.usdPerHour),
        numberText(arm64.usdPerHour),
        "hour",
        priceSources.instances.date,
        priceSources.instances.text,
      ],
    ],
  };
}

/** All its digits, which are more than a figure of measurement has. */
function priceText(usd: number): string {
  return numberText(usd, 10).replace(/0+$/, "").replace(/\.$/, "");
}
