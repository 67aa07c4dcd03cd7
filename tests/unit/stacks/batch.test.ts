import aslValidator from "asl-validator";
import { batchDefinition } from "../../../stacks/batch/definition.ts";
import { resource, resources, synthesized } from "../../helpers/stack-config.ts";

const stack = synthesized("service", {
  BATCH: "on",
  BATCH_CONCURRENCY: "3",
  BATCH_TOLERATED_FAILURES: "50",
  BATCH_RETENTION_DAYS: "2",
});

describe("the state machine of make batch", () => {
  it("is valid Amazon States Language", () => {
    const definition = batchDefinition({
      functionArn: "arn:aws:lambda:us-east-1:123456789012:function:f:live",
      bucketName: "bucket",
      maxConcurrency: 3,
      toleratedFailurePercentage: 50,
    });

    expect(aslValidator(definition)).toMatchObject({ isValid: true, errors: [] });
  });

  it("runs as many batches at once, and tolerates as many failures, as the settings say", () => {
    const { definition } = resource(stack, "aws_sfn_state_machine");

    expect(JSON.parse(String(definition)).States.Batches).toMatchObject({
      MaxConcurrency: 3,
      ToleratedFailurePercentage: 50,
    });
  });

  it("logs without prompts and answers", () => {
    expect(resource(stack, "aws_sfn_state_machine").logging_configuration).toMatchObject({
      include_execution_data: false,
    });
  });

  it("may do no more than its work, and the function gets no right to the bucket", () => {
    const policies = resources(stack, "aws_iam_role_policy").map(({ name, policy }) => ({
      name,
      statements: JSON.parse(String(policy)).Statement as { Action: string[]; Resource: string }[],
    }));
    const ofMachine = policies.find(({ name }) => name === "answer-batches")?.statements ?? [];

    expect(ofMachine.filter(({ Resource }) => Resource === "*")).toMatchObject([
      { Action: expect.arrayContaining(["logs:CreateLogDelivery"]) },
    ]);
    expect(
      ofMachine.flatMap(({ Action }) => Action).filter((name) => name.startsWith("s3:")),
    ).toEqual(["s3:GetObject", "s3:PutObject"]);
    const ofFunction = policies.find(({ name }) => name !== "answer-batches")?.statements ?? [];
    expect(JSON.stringify(ofFunction)).not.toContain("s3:");
  });
});

describe("the bucket of make batch", () => {
  it("is private, encrypted, by TLS only, goes with what is in it, and forgets", () => {
    expect(resource(stack, "aws_s3_bucket")).toMatchObject({ force_destroy: true });
    expect(resource(stack, "aws_s3_bucket_public_access_block")).toMatchObject({
      block_public_acls: true,
      block_public_policy: true,
      ignore_public_acls: true,
      restrict_public_buckets: true,
    });
    expect(
      JSON.stringify(resource(stack, "aws_s3_bucket_server_side_encryption_configuration")),
    ).toContain("AES256");
    expect(String(resource(stack, "aws_s3_bucket_policy").policy)).toContain("aws:SecureTransport");
    expect(resource(stack, "aws_s3_bucket_lifecycle_configuration").rule).toMatchObject([
      { status: "Enabled", expiration: [{ days: 2 }] },
    ]);
  });
});

describe("without BATCH=on", () => {
  it("there is neither bucket nor state machine", () => {
    const plain = synthesized("service");

    expect(resources(plain, "aws_s3_bucket")).toEqual([]);
    expect(resources(plain, "aws_sfn_state_machine")).toEqual([]);
    expect(resources(plain, "aws_cloudwatch_metric_alarm")).toHaveLength(3);
    expect(resources(stack, "aws_cloudwatch_metric_alarm")).toHaveLength(4);
  });
});
