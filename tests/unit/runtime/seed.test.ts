import * as fc from "fast-check";
import { kernelRandomBytes, seedOf } from "../../../runtime/seed.ts";

describe("seedOf", () => {
  it("differs between two copies of a snapshot with the same random bytes, and between two requests of one id", () => {
    const sameInBoth = kernelRandomBytes(8);

    expect(seedOf(sameInBoth, "request-of-one")).not.toBe(seedOf(sameInBoth, "of-other"));
    expect(seedOf(kernelRandomBytes(8), "id")).not.toBe(seedOf(kernelRandomBytes(8), "id"));
  });

  it("is a whole number from 0 to 2^32-2, always the same for the same input", () => {
    void fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), fc.string(), (bytes, id) => {
        const seed = seedOf(bytes, id);

        expect(Number.isInteger(seed) && seed >= 0 && seed <= 2 ** 32 - 2).toBe(true);
        expect(seedOf(bytes, id)).toBe(seed);
      }),
    );
  });
});
