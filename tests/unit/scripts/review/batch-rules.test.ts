import { batchRules } from "../../../../scripts/review/batch-rules.ts";
import { findingsOf, planChange } from "../../../helpers/plan-change.ts";

const machine = (places: number) => ({ definition: `{"MaxConcurrency":${places}}` });
const closed = {
  block_public_acls: true,
  block_public_policy: true,
  ignore_public_acls: true,
  restrict_public_buckets: true,
};

describe("the state machine of make batch", () => {
  it.each([
    ["created", undefined, machine(5), ["batch-spending: 0 → 5 functions at once"]],
    ["with more places", machine(5), machine(9), ["batch-spending: 5 → 9 functions at once"]],
    ["with fewer places", machine(5), machine(2), []],
    ["the same", machine(5), machine(5), []],
  ])("%s", (_name, before, after, findings) => {
    const change = planChange("aws_sfn_state_machine", { ...(before && { before }), after });

    expect(findingsOf(batchRules, change)).toEqual(findings);
  });
});

describe("the bucket of make batch", () => {
  it.each([
    ["as it is deployed", closed, []],
    [
      "that lets policies open it",
      { ...closed, block_public_policy: false },
      ["bucket-opened: block_public_policy = false"],
    ],
  ])("%s", (_name, after, findings) => {
    const change = planChange("aws_s3_bucket_public_access_block", { before: closed, after });

    expect(findingsOf(batchRules, change)).toEqual(findings);
  });

  it.each([
    [
      "aws_s3_bucket_public_access_block",
      "bucket-opened: nothing blocks public access to the bucket any more",
    ],
    [
      "aws_s3_bucket_lifecycle_configuration",
      "bucket-keeps: the lifecycle configuration is deleted: objects no longer expire",
    ],
  ])("without %s", (type, finding) => {
    const change = planChange(type, { before: closed, kind: "delete" });

    expect(findingsOf(batchRules, change)).toEqual([finding]);
  });
});
