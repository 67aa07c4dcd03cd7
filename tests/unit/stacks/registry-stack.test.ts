import { resource, synthesized, synthesizedText } from "../../helpers/stack-config.ts";

describe("the registry stack", () => {
  const stack = synthesized("registry");

  it("keeps the newest images, as many as asked for", () => {
    const keeping = synthesized("registry", { KEEP_IMAGES: "7" });

    const { policy } = resource(keeping, "aws_ecr_lifecycle_policy");
    expect(JSON.parse(String(policy)).rules).toEqual([
      {
        rulePriority: 1,
        description: "keep the newest 7 images",
        selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 7 },
        action: { type: "expire" },
      },
    ]);
  });

  it("lets Lambda pull for this function only", () => {
    const policy = resource(stack, "aws_ecr_repository_policy");

    const sources = [
      expect.stringMatching(/:function:bitnet-lambda-dev-function$/),
      expect.stringMatching(/:function:bitnet-lambda-dev-function:\*$/),
    ];
    expect(JSON.parse(String(policy.policy)).Statement).toMatchObject([
      {
        Principal: { Service: "lambda.amazonaws.com" },
        Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        Condition: { StringLike: { "aws:sourceArn": sources } },
      },
    ]);
  });

  it("keeps immutable, scanned, encrypted images, and lets Terraform delete none", () => {
    expect(synthesizedText("registry")).toMatchSnapshot();
  });
});
