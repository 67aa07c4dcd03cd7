import { resource, synthesized, synthesizedText } from "../../helpers/stack-config.ts";

describe("the registry stack", () => {
  const stack = synthesized("registry");

  it("has immutable tags, scans on push, encrypts, and does not let Terraform delete images", () => {
    expect(resource(stack, "aws_ecr_repository")).toMatchObject({
      name: "bitnet-lambda-dev-images",
      image_tag_mutability: "IMMUTABLE",
      image_scanning_configuration: { scan_on_push: true },
      encryption_configuration: [{ encryption_type: "AES256" }],
      force_delete: false,
    });
  });

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

  it("matches its snapshot", () => {
    expect(synthesizedText("registry")).toMatchSnapshot();
  });
});
