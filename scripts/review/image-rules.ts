import { hasMasked } from "./attribute-value.ts";
import { isMadeOrChanged, type Rule } from "./rule.ts";

const namesDigest = /@sha256:[0-9a-f]{64}$/;

/** What runs is what was looked at. */
export const imageRules: readonly Rule[] = [
  {
    id: "image-by-tag",
    severity: "danger",
    title: "an image by a tag, which may be another tomorrow",
    find: (change) => {
      if (change.type !== "aws_lambda_function" || !isMadeOrChanged(change)) return [];
      if (hasMasked(change.unknown, ["image_uri"]))
        return ["image_uri is known only after the apply"];
      const { image_uri: image } = change.after;
      if (typeof image !== "string" || image === change.before.image_uri) return [];
      return namesDigest.test(image) ? [] : [`${image} names no digest`];
    },
  },
];
