import fc from "fast-check";
import { type ContentInput, contentTag } from "../../../../../scripts/build/image/content-hash.ts";

const inputs = fc.array(fc.tuple(fc.string(), fc.string()), { minLength: 1 });

describe("contentTag", () => {
  it("changes with every name and every byte, and not with the order", () => {
    fc.assert(
      fc.property(inputs, fc.nat(), fc.boolean(), (rows, at, inName) => {
        const changed = rows.map(([name, content], index): ContentInput => {
          if (index !== at % rows.length) return [name, content];
          return inName ? [`${name}x`, content] : [name, `${content}x`];
        });
        expect(contentTag(rows.toReversed())).toBe(contentTag(rows));
        expect(contentTag(changed)).not.toBe(contentTag(rows));
      }),
    );
  });

  it("keeps apart what would run together, and takes text for its bytes", () => {
    expect(contentTag([["a", "bc"]])).not.toBe(contentTag([["ab", "c"]]));
    expect(contentTag([["a", "ü"]])).toBe(contentTag([["a", Buffer.from("ü")]]));
    expect(contentTag([["a", "b"]])).toMatch(/^[0-9a-f]{16}$/);
  });
});
