import {
  resource,
  resources,
  type Synthesized,
  synthesized,
  synthesizedText,
} from "../../helpers/stack-config.ts";

const keySha256 = "a".repeat(64);

/** Every statement of the role's policies. */
function statements(stack: Synthesized): Record<string, unknown>[] {
  return resources(stack, "aws_iam_role_policy").flatMap(
    ({ policy }) => JSON.parse(String(policy)).Statement,
  );
}

/** The name that Terraform refers to the only resource, or data source, of a type by. */
function reference(stack: Synthesized, type: string, kind: "resource" | "data" = "resource") {
  return `${type}.${Object.keys(stack[kind]?.[type] ?? {})[0]}`;
}

/** The only resource of a type in a stack of these settings. */
const madeWith = (variables: Record<string, string>, type: string) =>
  resource(synthesized("service", variables), type);

/** A stack with a URL for signed requests. */
const withUrl = (variables: Record<string, string> = {}) =>
  synthesized("service", { FUNCTION_URL: "AWS_IAM", ...variables });

/** The dashboard's metrics, by the title of the widget. */
function widgets(stack: Synthesized): Map<string, string> {
  const body = JSON.parse(String(resource(stack, "aws_cloudwatch_dashboard").dashboard_body));
  return new Map(
    body.widgets.map(({ properties }: { properties: { title: string; metrics: unknown } }) => [
      properties.title,
      JSON.stringify(properties.metrics),
    ]),
  );
}

describe("the service stack", () => {
  const stack = synthesized("service");
  const lambda = resource(stack, "aws_lambda_function");

  it("runs a container image by digest, in the configured size, once its rights are made", () => {
    expect(lambda).toMatchObject({
      package_type: "Image",
      image_uri: `\${var.image_uri}`,
      function_name: "bitnet-lambda-dev-function",
      memory_size: 3008,
      timeout: 300,
      architectures: ["x86_64"],
      depends_on: [reference(stack, "aws_iam_role_policy")],
    });
    expect(stack.variable?.image_uri).toMatchObject({
      nullable: false,
      validation: [{ condition: expect.stringContaining("@sha256:[0-9a-f]{64}$") }],
    });
  });

  it("encrypts the log group with a key when one is named", () => {
    const kms_key_id = "arn:aws:kms:us-east-1:1:key/a";

    expect(
      madeWith(
        { LOG_KMS_KEY_ARN: kms_key_id, LOG_RETENTION_DAYS: "90" },
        "aws_cloudwatch_log_group",
      ),
    ).toMatchObject({ kms_key_id, retention_in_days: 90 });
  });

  it("may write to its log streams and its dead letters, and nothing else", () => {
    expect(statements(stack)).toEqual([
      {
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: `\${${reference(stack, "aws_cloudwatch_log_group")}.arn}:log-stream:*`,
      },
      {
        Effect: "Allow",
        Action: ["sqs:SendMessage"],
        Resource: `\${${reference(stack, "aws_sqs_queue")}.arn}`,
      },
    ]);
    expect(stack.resource).not.toHaveProperty("aws_iam_role_policy_attachment");
    expect(resource(stack, "aws_iam_role")).not.toHaveProperty("managed_policy_arns");
  });

  it("can be assumed by Lambda only", () => {
    const { assume_role_policy } = resource(stack, "aws_iam_role");

    const Principal = { Service: "lambda.amazonaws.com" };
    expect(JSON.parse(String(assume_role_policy)).Statement).toEqual([
      { Effect: "Allow", Principal, Action: "sts:AssumeRole" },
    ]);
  });

  it.each([
    ["LAMBDA_CONCURRENCY_LIMIT", "3", { reserved_concurrent_executions: 3 }],
    ["LAMBDA_SNAPSTART", "1", { snap_start: { apply_on: "PublishedVersions" } }],
  ])("does what %s=%s asks for", (name, value, expected) => {
    expect(madeWith({ [name]: value }, "aws_lambda_function")).toMatchObject(expected);
  });

  it("keeps environments warm on the alias that callers use", () => {
    const warm = synthesized("service", { LAMBDA_PROVISIONED_CONCURRENCY: "2" });

    expect(resource(warm, "aws_lambda_provisioned_concurrency_config")).toMatchObject({
      qualifier: `\${${reference(warm, "aws_lambda_alias")}.name}`,
      provisioned_concurrent_executions: 2,
    });
  });

  it("gives an IAM URL on the alias both permissions, for this account", () => {
    const open = withUrl();

    const alias = `\${${reference(open, "aws_lambda_alias")}.name}`;
    // Lambda stores an account's id as this ARN, and Terraform compares the texts.
    const account = expect.stringMatching(
      /^arn:\$\{data\.aws_partition\.\w+\.partition\}:iam::\$\{data\.aws_caller_identity\.\w+\.account_id\}:root$/,
    );
    const url = resource(open, "aws_lambda_function_url");
    expect(url).toMatchObject({ authorization_type: "AWS_IAM", qualifier: alias });
    expect(url).not.toHaveProperty("cors");
    const both = { principal: account, qualifier: alias };
    expect(resources(open, "aws_lambda_permission")).toMatchObject([
      { ...both, action: "lambda:InvokeFunctionUrl", function_url_auth_type: "AWS_IAM" },
      { ...both, action: "lambda:InvokeFunction", invoked_via_function_url: true },
    ]);
  });

  it.each<[Record<string, string>, string]>([
    [{}, "RESPONSE_STREAM"],
    [{ BITNET_URL_INVOKE_MODE: "BUFFERED" }, "BUFFERED"],
  ])("gives the URL the invoke mode that the handler answers in: %j", (runtime, invoke_mode) => {
    expect(resource(withUrl(runtime), "aws_lambda_function_url")).toMatchObject({ invoke_mode });
  });

  it("lets in the callers that are named, each with both permissions", () => {
    const role = "arn:aws:iam::123456789012:role/caller";

    const open = withUrl({ FUNCTION_URL_CALLERS: `210987654321,${role}` });

    const permissions = resources(open, "aws_lambda_permission");
    const account = `arn:\${data.${reference(open, "aws_partition", "data")}.partition}:iam::210987654321:root`;
    const rights = permissions.map(({ action, principal }) => `${principal} ${action}`);
    expect(rights.toSorted()).toEqual([
      `${account} lambda:InvokeFunction`,
      `${account} lambda:InvokeFunctionUrl`,
      `${role} lambda:InvokeFunction`,
      `${role} lambda:InvokeFunctionUrl`,
    ]);
    expect(new Set(permissions.map(({ statement_id }) => statement_id)).size).toBe(4);
  });

  it("leaves the permissions of other callers alone when one is removed", () => {
    const [first, last] = ["210987654321", "310987654321"];
    const caller = "arn:aws:iam::210987654321:user/x";
    const permissions = (...callers: readonly string[]) =>
      withUrl({ FUNCTION_URL_CALLERS: callers.join(",") }).resource.aws_lambda_permission ?? {};

    const [all, without] = [permissions(first, caller, last), permissions(caller, last)];

    expect([Object.keys(all).length, Object.keys(without).length]).toEqual([6, 4]);
    expect(all).toMatchObject(without);
  });

  it("lets in an account once, even if it is named by its id and by its ARN", () => {
    const open = withUrl({ FUNCTION_URL_CALLERS: "210987654321,arn:aws:iam::210987654321:root" });

    expect(resources(open, "aws_lambda_permission")).toHaveLength(2);
  });

  it("opens a URL to everyone only with a key in the function's environment", () => {
    const open = synthesized("service", { FUNCTION_URL: "NONE", BITNET_API_KEY_SHA256: keySha256 });

    expect(resource(open, "aws_lambda_function_url").authorization_type).toBe("NONE");
    expect(resources(open, "aws_lambda_permission")).toMatchObject([
      { principal: "*", function_url_auth_type: "NONE" },
      { principal: "*", invoked_via_function_url: true },
    ]);
    expect(resource(open, "aws_lambda_function").environment).toEqual({
      variables: { BITNET_API_KEY_SHA256: keySha256 },
    });
  });

  it("answers web pages of the listed origins only", () => {
    const open = withUrl({ CORS_ORIGINS: "https://a.example,https://b.example" });

    expect(resource(open, "aws_lambda_function_url").cors).toMatchObject({
      allow_origins: ["https://a.example", "https://b.example"],
      allow_methods: ["GET", "POST"],
    });
  });

  it("alarms on errors, throttles, and durations near the timeout, at the topic that is named", () => {
    const topic = "arn:aws:sns:us-east-1:1:alarms";
    const told = { alarm_actions: [topic], ok_actions: [topic] };
    const alarmsWith = (variables: Record<string, string>) =>
      resources(synthesized("service", variables), "aws_cloudwatch_metric_alarm");

    const alarms = alarmsWith({ LAMBDA_TIMEOUT: "100", ALARM_TOPIC_ARN: topic });

    expect(alarms).toMatchObject([
      { metric_name: "Errors", threshold: 0, ...told },
      { metric_name: "gen_ai.server.request.duration", threshold: 90, ...told },
      { metric_name: "Throttles", threshold: 0, ...told },
    ]);
    expect(alarmsWith({})[0]).not.toHaveProperty("alarm_actions");
  });

  it.each([
    // 3,008 MB = 2.9375 GB; a millisecond of x86_64 costs 2.9375 × 0.0000166667 / 1000 USD.
    ["x86_64", "ms*0.000000048958+requests*0.000000200000"],
    ["arm64", "ms*0.000000039167+requests*0.000000200000"],
  ])("shows the cost on %s by that architecture's price", (architecture, expression) => {
    const priced = synthesized("service", { LAMBDA_ARCHITECTURE: architecture });

    expect(widgets(priced).get("Cost, USD")).toContain(expression);
  });

  it("makes these resources and no others unless asked for more", () => {
    expect(synthesizedText("service")).toMatchSnapshot();
  });
});
