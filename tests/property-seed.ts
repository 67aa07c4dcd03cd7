import * as fc from "fast-check";

// The same cases in every run, so that a change is judged by what it changes. PROPERTY_SEED draws
// others; `make test-faults` fuzzes at random.

/** The usual cases. */
const usualSeed = 20_261_125;

const seed = Number(process.env.PROPERTY_SEED || usualSeed);
if (!Number.isInteger(seed)) {
  throw new Error(`PROPERTY_SEED=${process.env.PROPERTY_SEED}: must be a whole number`);
}
fc.configureGlobal({ seed });
