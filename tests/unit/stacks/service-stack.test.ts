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
function reference(
  stack: Synthesized,
  type: string,
  kind: "resource" | "data" = "resource",
): string {
  return `${type}.${Object.keys(stack[kind]?.[type] ?? {})[0]}`;
}

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

  it("runs a container image by digest", () => {
    expect(lambda).toMatchObject({ package_type: "Image", image_uri: `\${var.image_uri}` });
    expect(stack.variable?.image_uri).toMatchObject({
      nullable: false,
      validation: [{ condition: expect.stringContaining("@sha256:[0-9a-f]{64}$") }],
    });
  });

  it("has the original project's name, and the configured size", () => {
    expect(lambda).toMatchObject({
      function_name: "bitnet-lambda-dev-function",
      memory_size: 3008,
      timeout: 300,
      architectures: ["x86_64"],
    });
  });

  it("publishes a version and keeps the alias `live` on it", () => {
    const name = reference(stack, "aws_lambda_function");

    expect(lambda.publish).toBe(true);
    expect(resource(stack, "aws_lambda_alias")).toMatchObject({
      name: "live",
      function_version: `\${${name}.version}`,
    });
  });

  it("writes JSON logs to its own group, which keeps them for a time", () => {
    const group = resource(stack, "aws_cloudwatch_log_group");

    expect(group).toMatchObject({
      name: "/aws/lambda/bitnet-lambda-dev-function",
      retention_in_days: 14,
    });
    expect(group).not.toHaveProperty("kms_key_id");
    expect(lambda.logging_config).toMatchObject({
      log_format: "JSON",
      log_group: `\${${reference(stack, "aws_cloudwatch_log_group")}.name}`,
    });
  });

  it("encrypts the log group with a key when one is named", () => {
    const key = "arn:aws:kms:us-east-1:1:key/a";

    const keyed = synthesized("service", { LOG_KMS_KEY_ARN: key, LOG_RETENTION_DAYS: "90" });

    expect(resource(keyed, "aws_cloudwatch_log_group")).toMatchObject({
      kms_key_id: key,
      retention_in_days: 90,
    });
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

    expect(JSON.parse(String(assume_role_policy)).Statement).toEqual([
      {
        Effect: "Allow",
        Principal: { Service: "lambda.amazonaws.com" },
        Action: "sts:AssumeRole",
      },
    ]);
  });

  it("waits for its rights before it is made", () => {
    expect(lambda.depends_on).toEqual([reference(stack, "aws_iam_role_policy")]);
  });

  it("keeps failed asynchronous calls in an encrypted queue for two weeks", () => {
    expect(resource(stack, "aws_sqs_queue")).toMatchObject({
      name: "bitnet-lambda-dev-dead-letters",
      message_retention_seconds: 1_209_600,
      sqs_managed_sse_enabled: true,
    });
    expect(lambda.dead_letter_config).toEqual({
      target_arn: `\${${reference(stack, "aws_sqs_queue")}.arn}`,
    });
  });

  it("requests nothing that a new account refuses", () => {
    expect(lambda).not.toHaveProperty("reserved_concurrent_executions");
    expect(lambda).not.toHaveProperty("snap_start");
    expect(stack.resource).not.toHaveProperty("aws_lambda_provisioned_concurrency_config");
  });

  it("reserves concurrency when asked to", () => {
    const limited = synthesized("service", { LAMBDA_CONCURRENCY_LIMIT: "3" });

    expect(resource(limited, "aws_lambda_function").reserved_concurrent_executions).toBe(3);
  });

  it("takes snapshots of published versions when asked to", () => {
    const snapped = synthesized("service", { LAMBDA_SNAPSTART: "1" });

    expect(resource(snapped, "aws_lambda_function").snap_start).toEqual({
      apply_on: "PublishedVersions",
    });
  });

  it("keeps environments warm on the alias that callers use", () => {
    const warm = synthesized("service", { LAMBDA_PROVISIONED_CONCURRENCY: "2" });

    expect(resource(warm, "aws_lambda_provisioned_concurrency_config")).toMatchObject({
      qualifier: `\${${reference(warm, "aws_lambda_alias")}.name}`,
      provisioned_concurrent_executions: 2,
    });
  });

  it("has no URL unless asked for", () => {
    expect(stack.resource).not.toHaveProperty("aws_lambda_function_url");
    expect(stack.resource).not.toHaveProperty("aws_lambda_permission");
    expect(stack.output.function_url).toEqual({ value: "" });
  });

  it("gives an IAM URL on the alias both permissions, for this account", () => {
    const open = synthesized("service", { FUNCTION_URL: "AWS_IAM" });

    const alias = `\${${reference(open, "aws_lambda_alias")}.name}`;
    // Lambda stores an account's id as this ARN, and Terraform compares the texts.
    const account = expect.stringMatching(
      /^arn:\$\{data\.aws_partition\.\w+\.partition\}:iam::\$\{data\.aws_caller_identity\.\w+\.account_id\}:root$/,
    );
    expect(resource(open, "aws_lambda_function_url")).toMatchObject({
      authorization_type: "AWS_IAM",
      qualifier: alias,
    });
    expect(resource(open, "aws_lambda_function_url")).not.toHaveProperty("cors");
    expect(resources(open, "aws_lambda_permission")).toEqual([
      expect.objectContaining({
        action: "lambda:InvokeFunctionUrl",
        function_url_auth_type: "AWS_IAM",
        principal: account,
        qualifier: alias,
      }),
      expect.objectContaining({
        action: "lambda:InvokeFunction",
        invoked_via_function_url: true,
        principal: account,
        qualifier: alias,
      }),
    ]);
  });

  it.each([
    [{}, "RESPONSE_STREAM"],
    [{ BITNET_URL_INVOKE_MODE: "BUFFERED" }, "BUFFERED"],
  ])("gives the URL the invoke mode that the handler answers in: %j", (runtime, mode) => {
    const open = synthesized("service", { FUNCTION_URL: "AWS_IAM", ...runtime });

    expect(resource(open, "aws_lambda_function_url")).toMatchObject({ invoke_mode: mode });
  });

  it("lets in the callers that are named, each with both permissions", () => {
    const role = "arn:aws:iam::123456789012:role/caller";

    const open = synthesized("service", {
      FUNCTION_URL: "AWS_IAM",
      FUNCTION_URL_CALLERS: `210987654321,${role}`,
    });

    const permissions = resources(open, "aws_lambda_permission");
    const account = `arn:\${data.${reference(open, "aws_partition", "data")}.partition}:iam::210987654321:root`;
    expect(permissions.map(({ action, principal }) => `${principal} ${action}`).toSorted()).toEqual(
      [
        `${account} lambda:InvokeFunction`,
        `${account} lambda:InvokeFunctionUrl`,
        `${role} lambda:InvokeFunction`,
        `${role} lambda:InvokeFunctionUrl`,
      ].toSorted(),
    );
    expect(new Set(permissions.map(({ statement_id }) => statement_id)).size).toBe(4);
  });

  it("leaves the permissions of other callers alone when one is removed", () => {
    const [first, last] = ["210987654321", "310987654321"];
    const caller = "arn:aws:iam::210987654321:user/x";
    const permissions = (...callers: readonly string[]) =>
      synthesized("service", {
        FUNCTION_URL: "AWS_IAM",
        FUNCTION_URL_CALLERS: callers.join(","),
      }).resource.aws_lambda_permission ?? {};

    const without = permissions(caller, last);

    expect(Object.keys(without)).toHaveLength(4);
    expect(permissions(first, caller, last)).toMatchObject(without);
    expect(Object.keys(permissions(first, caller, last))).toHaveLength(6);
  });

  it("lets in an account once, even if it is named by its id and by its ARN", () => {
    const callers = "210987654321,arn:aws:iam::210987654321:root";

    const open = synthesized("service", {
      FUNCTION_URL: "AWS_IAM",
      FUNCTION_URL_CALLERS: callers,
    });

    expect(resources(open, "aws_lambda_permission")).toHaveLength(2);
  });

  it("opens a URL to everyone only with a key in the function's environment", () => {
    const open = synthesized("service", { FUNCTION_URL: "NONE", BITNET_API_KEY_SHA256: keySha256 });

    expect(resource(open, "aws_lambda_function_url").authorization_type).toBe("NONE");
    expect(resources(open, "aws_lambda_permission")).toEqual([
      expect.objectContaining({ principal: "*", function_url_auth_type: "NONE" }),
      expect.objectContaining({ principal: "*", invoked_via_function_url: true }),
    ]);
    expect(resource(open, "aws_lambda_function").environment).toEqual({
      variables: { BITNET_API_KEY_SHA256: keySha256 },
    });
  });

  it("answers web pages of the listed origins only", () => {
    const open = synthesized("service", {
      FUNCTION_URL: "AWS_IAM",
      CORS_ORIGINS: "https://a.example,https://b.example",
    });

    expect(resource(open, "aws_lambda_function_url").cors).toMatchObject({
      allow_origins: ["https://a.example", "https://b.example"],
      allow_methods: ["GET", "POST"],
    });
  });

  it("alarms on errors, throttles, and durations near the timeout", () => {
    const alarmed = synthesized("service", { LAMBDA_TIMEOUT: "100" });

    const alarms = resources(alarmed, "aws_cloudwatch_metric_alarm");
    expect(alarms.map(({ metric_name, threshold }) => [metric_name, threshold]).toSorted()).toEqual(
      [
        ["Errors", 0],
        ["Throttles", 0],
        ["gen_ai.server.request.duration", 90],
      ],
    );
    expect(alarms[0]).not.toHaveProperty("alarm_actions");
  });

  it("sends alarms to the topic that is named", () => {
    const topic = "arn:aws:sns:us-east-1:1:alarms";

    const alarmed = synthesized("service", { ALARM_TOPIC_ARN: topic });

    for (const alarm of resources(alarmed, "aws_cloudwatch_metric_alarm")) {
      expect(alarm).toMatchObject({ alarm_actions: [topic], ok_actions: [topic] });
    }
  });

  it.each([
    ["Invocations, errors, throttles", '"Invocations"'],
    ["Cold starts", '"bitnet-lambda","faas.coldstarts","FunctionName"'],
    ["Tokens per second", '"gen_ai.server.time_per_output_token"'],
    ["Time to first token, s", '"gen_ai.server.time_to_first_token"'],
    ["Tokens read and generated", '"gen_ai.usage.input_tokens"'],
    ["Request duration, s", '"gen_ai.server.request.duration"'],
  ])("shows %s on the dashboard", (title, metric) => {
    expect(widgets(stack).get(title)).toContain(metric);
  });

  it.each([
    // 3,008 MB = 2.9375 GB; a millisecond of x86_64 costs 2.9375 × 0.0000166667 / 1000 USD.
    ["x86_64", "ms*0.000000048958+requests*0.000000200000"],
    ["arm64", "ms*0.000000039167+requests*0.000000200000"],
  ])("shows the cost on %s by that architecture's price", (architecture, expression) => {
    const priced = synthesized("service", { LAMBDA_ARCHITECTURE: architecture });

    expect(widgets(priced).get("Cost, USD")).toContain(expression);
  });

  it("outputs the names and addresses of what is deployed", () => {
    expect(Object.keys(stack.output).toSorted()).toEqual([
      "alias",
      "batch_bucket",
      "batch_state_machine",
      "console",
      "dead_letter_queue",
      "function_arn",
      "function_name",
      "function_url",
      "function_version",
      "image",
      "log_group",
    ]);
  });

  it("matches its snapshot", () => {
    expect(synthesizedText("service")).toMatchSnapshot();
  });
});
