import { usdPerMonth } from "../../../stacks/lambda-prices.ts";
import { publishedSpeedOfCpus, type Speed } from "../../review/token-cost.ts";

/** Another way to have tokens generated, priced in us-east-1. */
export interface Alternative {
  readonly name: string;
  readonly usdPerMillionIn: number;
  readonly usdPerMillionOut: number;
  /** USD a month without a single request. */
  readonly usdPerMonth: number;
  readonly remark: string;
}

/** Bedrock's small text model: the price that any model of one's own has to be compared with. */
export const novaMicro: Alternative = {
  name: "Amazon Bedrock, Nova Micro",
  usdPerMillionIn: 0.035,
  usdPerMillionOut: 0.14,
  usdPerMonth: 0,
  remark: "another model, in a service of AWS (a third party's quote, read 2026-11-26)",
};

/**
 * An x86_64 instance of two vCPUs and 4 GB, on demand, Linux, without disk, address and traffic. From
 * the Price List (offer AmazonEC2) as third parties quote it on 2026-10-05.
 */
const instance = { name: "c7i.large", cpus: 2, usdPerHour: 0.089_25 } as const;

/**
 * Lambda Managed Instances (2025-11-30): the instances' price and 15 % of it, USD 0.20 per million
 * requests, and at least three environments, here one on each instance.
 */
const managed = { fee: 0.15, instances: 3 } as const;

/** Always-on alternatives when they are busy all day, at the published speeds of their CPUs. */
export function busyAlternatives(): Alternative[] {
  const speed = publishedSpeedOfCpus("x86_64", instance.cpus);
  const perSecond = instance.usdPerHour / 3600;
  const managedPerSecond = perSecond * (1 + managed.fee);
  return [
    {
      name: `Lambda Managed Instances, ${managed.instances} × ${instance.name}`,
      ...usdWhenBusy(managedPerSecond, speed),
      usdPerMonth: usdPerMonth(managedPerSecond * managed.instances),
      remark:
        "at full load; EC2's price and 15 %, three environments at least (announced 2025-11-30, read 2026-11-26)",
    },
    {
      name: `an EC2 instance, ${instance.name}`,
      ...usdWhenBusy(perSecond, speed),
      usdPerMonth: usdPerMonth(perSecond),
      remark:
        "at full load; without disk, address and upkeep (AWS Price List, offer AmazonEC2, as third parties quote it, 2026-10-05)",
    },
  ];
}

function usdWhenBusy(usdPerSecond: number, { prompt, decode }: Speed) {
  return {
    usdPerMillionIn: (usdPerSecond / prompt) * 1_000_000,
    usdPerMillionOut: (usdPerSecond / decode) * 1_000_000,
  };
}
