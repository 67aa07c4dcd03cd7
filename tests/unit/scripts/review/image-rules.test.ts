import { imageRules } from "../../../../scripts/review/image-rules.ts";
import { planChange } from "../../../helpers/plan-change.ts";

const digest = `repository@sha256:${"0".repeat(64)}`;

describe("image-by-tag", () => {
  it.each([
    ["a digest", { after: { image_uri: digest } }, []],
    ["a digest and more", { after: { image_uri: `${digest}0` } }, [`${digest}0 names no digest`]],
    ["a tag", { after: { image_uri: "repository:1" } }, ["repository:1 names no digest"]],
    ["the tag of before", { before: { image_uri: "r:1" }, after: { image_uri: "r:1" } }, []],
    [
      "what nobody knows",
      { unknown: { image_uri: true } },
      ["image_uri is known only after the apply"],
    ],
    ["a function that goes", { kind: "delete", before: { image_uri: "r:1" } }, []],
  ] as const)("%s", (_name, change, found) => {
    const inference = planChange("aws_lambda_function", change);
    const plan = { stack: "stack", resources: [inference], drifted: [] };

    expect(imageRules.flatMap(({ find }) => find(inference, plan))).toEqual(found);
  });
});
