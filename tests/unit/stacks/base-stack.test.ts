import { type Synthesized, synthesized, synthesizedText } from "../../helpers/stack-config.ts";

const kinds = ["registry", "service"] as const;

describe.each(kinds)("the %s stack", (kind) => {
  const state = (environment: Record<string, string>) =>
    synthesized(kind, environment).terraform.backend;

  it("keeps its state in a folder of its own, by a relative path", () => {
    expect(state({})).toEqual({
      local: { path: `../../../.state/bitnet-lambda-dev/us-east-1/${kind}.tfstate` },
    });
  });

  it.each([{ APP_NAME: "other" }, { ENV_SUFFIX: "prod" }, { AWS_REGION: "eu-west-1" }])(
    "shares no state with %j",
    (environment) => {
      expect(state(environment)).not.toEqual(state({}));
    },
  );

  it("keeps its state in S3, encrypted and locked, when a bucket is named", () => {
    expect(state({ STATE_BUCKET: "my-state", STATE_REGION: "eu-west-1" })).toEqual({
      s3: {
        bucket: "my-state",
        key: `bitnet-lambda-dev/us-east-1/${kind}.tfstate`,
        region: "eu-west-1",
        encrypt: true,
        use_lockfile: true,
      },
    });
  });

  it("tags everything", () => {
    const [provider] = synthesized(kind, { TAGS: "team=ml" }).provider.aws;

    const ours = { Application: "bitnet-lambda", Environment: "dev", ManagedBy: "terraform" };
    expect(provider).toMatchObject({
      region: "us-east-1",
      default_tags: [{ tags: { ...ours, team: "ml" } }],
    });
  });

  it("refers only to what it declares", () => {
    const everything = {
      FUNCTION_URL: "AWS_IAM",
      CORS_ORIGINS: "https://a.example",
      LAMBDA_PROVISIONED_CONCURRENCY: "1",
    };

    const text = synthesizedText(kind, everything);

    const declared = declaredNames(JSON.parse(text));
    const used = [...text.matchAll(/\$\{((?:data\.)?aws_\w+\.[\w-]+)\./g)].map(([, name]) => name);
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((name) => name === undefined || !declared.has(name))).toEqual([]);
  });

  it("names no folder of this machine", () => {
    expect(synthesizedText(kind)).not.toContain(process.cwd());
  });
});

function declaredNames(stack: Synthesized): Set<string> {
  const names = (prefix: string, group: Synthesized["resource"] = {}) =>
    Object.entries(group).flatMap(([type, byName]) =>
      Object.keys(byName).map((name) => `${prefix}${type}.${name}`),
    );
  return new Set([...names("", stack.resource), ...names("data.", stack.data)]);
}
