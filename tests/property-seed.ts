import * as fc from "fast-check";

// Property tests and fuzzing draw the same cases in every run, so that a failure comes from a
// change. PROPERTY_SEED draws others.

const defaultSeed = 20_261_125;

const seed = Number(process.env.PROPERTY_SEED || defaultSeed);
if (!Number.isInteger(seed)) {
  throw new Error(`PROPERTY_SEED=${process.env.PROPERTY_SEED}: must be a whole number`);
}
fc.configureGlobal({ seed });
