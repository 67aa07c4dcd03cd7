import { eachChangeOf, planChange } from "../../../helpers/plan-change.ts";

const digest = `r@sha256:${"0".repeat(64)}`;
const noDigest = (image: string) => `image-by-tag: ${image} has no digest`;
const size = (memory_size: number, architecture = "x86_64") => ({
  memory_size,
  architectures: [architecture],
});
const reserved = (count: number) => ({ ...size(3008), reserved_concurrent_executions: count });
const raised = "spending-limit-raised: at most $21.15 per day (5 environments) before, ";
const snapStart = (apply_on: string) => ({ ...size(3008), snap_start: [{ apply_on }] });
const [on, off] = [snapStart("PublishedVersions"), snapStart("None")];
const snapshots =
  "snapshot-cost: $11.62 per month for each published version that is kept, $0.41 per 1,000 cold starts";

describe("a change of", () => {
  eachChangeOf("aws_lambda_function", [
    ["a key that is removed", { before: { kms_key_arn: "k" } }, "encryption-dropped"],

    ["its image by digest", { after: { image_uri: digest } }],
    ["a digest and more", { after: { image_uri: `${digest}0` } }, noDigest(`${digest}0`)],
    ["a tag", { after: { image_uri: "r:1" } }, noDigest("r:1")],
    ["the same tag as before", { before: { image_uri: "r:1" }, after: { image_uri: "r:1" } }],
    ["an unknown image", { unknown: { image_uri: true } }, "image-by-tag: image_uri is known only"],
    ["its deletion", { kind: "delete", before: { image_uri: "r:1" } }],

    [
      "more memory than CPUs can use",
      { before: size(3008), after: size(10240) },
      "tokens-cost-more: $2.17 (3008 MB x86_64, 23 tokens/s) → $3.15 (10240 MB x86_64, ",
    ],
    [
      "another architecture",
      { before: size(3008), after: size(3008, "arm64") },
      "tokens-cost-more: $2.17 (3008 MB x86_64, 23 tokens/s) → $4.42 (3008 MB arm64, 9 tokens/s) per",
    ],
    ["less memory", { before: size(4096), after: size(3008) }],
    ["a size below one CPU", { before: size(1536), after: size(1769) }],
    ["an unknown size", { before: size(3008) }],

    ["a higher limit", { before: reserved(5), after: reserved(6) }, `${raised}$25.38 per day (6 `],
    ["no limit", { before: reserved(5), after: reserved(-1) }, `${raised}what the account's conc`],
    ["a lower limit", { before: reserved(6), after: reserved(5) }],
    ["a limit where there was none", { before: reserved(-1), after: reserved(100) }],
    ["the same limit and size", { before: reserved(5), after: reserved(5) }],

    ["snapshots of a new one", { kind: "create", after: on }, snapshots],
    ["snapshots", { before: size(3008), after: on }, snapshots],
    ["snapshots that were off", { before: off, after: on }, snapshots],
    ["snapshots as before", { before: on, after: on }],
    ["snapshots no longer", { before: on, after: off }],
  ]);

  const kept = (count: number) => ({
    provisioned_concurrent_executions: count,
    function_name: "f",
  });
  const costs = (text: string) => `standing-cost: ${text}`;
  eachChangeOf("aws_lambda_provisioned_concurrency_config", [
    [
      "an unknown function",
      { kind: "create", after: kept(2) },
      costs("0 → 2 environments kept warm"),
    ],
  ]);
  eachChangeOf(
    "aws_lambda_provisioned_concurrency_config",
    [
      [
        "the first environments",
        { kind: "create", after: kept(2) },
        costs(
          "0 → 2 environments kept warm: $0.00 → $64.33 per month while idle, $2.17 → $1.27 per million tokens",
        ),
      ],
      [
        "more environments",
        { before: kept(2), after: kept(3) },
        costs(
          "2 → 3 environments kept warm: $64.33 → $96.50 per month while idle, $1.27 → $1.27 per million tokens",
        ),
      ],
      ["fewer environments", { before: kept(2), after: kept(1) }],
      ["as many environments", { before: kept(2), after: kept(2) }],
      ["its deletion", { kind: "delete", before: kept(2) }],
    ],
    [
      planChange("aws_lambda_function", {
        kind: "keep",
        after: { ...size(3008), function_name: "f" },
      }),
    ],
  );

  const days = (retention_in_days: number) => ({ retention_in_days });
  const key = (kms_key_id: string) => ({ ...days(14), kms_key_id });
  eachChangeOf("aws_cloudwatch_log_group", [
    ["its deletion", { kind: "delete", before: days(14) }, "data-lost"],
    ["its replacement", { kind: "replace", before: days(14), after: days(14) }, "data-lost"],
    ["its management", { kind: "forget", before: days(14) }],
    ["removed retention", { before: days(14), after: days(0) }, "retention-removed"],
    ["retention that is not reported", { before: days(14) }, "retention-removed"],
    ["a new one without retention", { kind: "create" }, "retention-removed"],
    ["shorter retention", { before: days(14), after: days(1) }],
    ["one that never had retention", {}],
    ["a removed key", { before: key("k"), after: key("") }, "encryption-dropped"],
    ["another key", { before: key("k"), after: key("l") }],
    ["an unknown key", { before: key("k"), after: days(14), unknown: { kms_key_id: true } }],
  ]);

  const kms = (type: string) => ({ encryption_configuration: [{ encryption_type: type }] });
  const [aes, dsse] = [kms("AES256"), kms("KMS_DSSE")];
  eachChangeOf("aws_ecr_repository", [
    ["its deletion", { kind: "delete" }, "data-lost"],
    ["its key", { before: kms("KMS"), after: aes }, "encryption-dropped"],
    ["its key to the default", { before: dsse }, "encryption-dropped"],
    ["no key to one", { before: aes, after: kms("KMS") }],
  ]);

  const sse = (sqs_managed_sse_enabled: boolean) => ({ sqs_managed_sse_enabled });
  const ownKey = { kms_master_key_id: "k" };
  eachChangeOf("aws_sqs_queue", [
    ["its deletion", { kind: "delete" }, "data-lost"],
    ["encryption that ends", { before: sse(true), after: sse(false) }, "encryption-dropped"],
    ["its own key", { before: ownKey, after: sse(true) }, "encryption-dropped"],
  ]);
  eachChangeOf("aws_cloudwatch_metric_alarm", [["its deletion", { kind: "delete" }]]);

  const closed = { block_public_acls: true, restrict_public_buckets: true };
  eachChangeOf("aws_s3_bucket_public_access_block", [
    ["nothing", { before: closed, after: closed }],
    [
      "its deletion",
      { kind: "delete", before: closed },
      "bucket-opened: nothing blocks public access to the bucket any more",
    ],
  ]);

  const places = (count: number) => ({ definition: `{"MaxConcurrency":${count}}` });
  const spending = (text: string) => `batch-spending: ${text} functions at once`;
  eachChangeOf("aws_sfn_state_machine", [
    ["a new one", { after: places(5) }, spending("0 → 5")],
    ["more places", { before: places(5), after: places(9) }, spending("5 → 9")],
    ["fewer places", { before: places(5), after: places(2) }],
    ["as many places", { before: places(5), after: places(5) }],
  ]);
});
