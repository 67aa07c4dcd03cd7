import { availableParallelism } from "node:os";

/** What every project shares. @type {import("jest").Config} */
const shared = {
  testEnvironment: "node",
  testEnvironmentOptions: { globalsCleanup: "on" },
  globalSetup: "<rootDir>/tests/global-setup.mjs",
  setupFiles: ["<rootDir>/tests/property-seed.ts"],
  transform: { "^.+\\.[jt]s$": "@swc/jest" },
  // These ship ES modules only; jest runs CommonJS.
  transformIgnorePatterns: ["/node_modules/(?!(leven|nano-spawn)/)"],
};

/** A project of the files that match a pattern: `jest --selectProjects NAME`. */
const project = (displayName, pattern) => ({
  ...shared,
  displayName,
  testMatch: [`<rootDir>/tests/${pattern}`],
});

const quietLog = { setupFilesAfterEnv: ["<rootDir>/tests/helpers/quiet-log.ts"] };

/** @type {import("jest").Config} */
export default {
  // One for each core, and one more, since many tests wait for other processes.
  maxWorkers: availableParallelism() + 1,
  // Catches what hangs; benchmarks measure speed. Jest reads it here only, not in a project.
  testTimeout: 60_000,
  projects: [
    { ...project("unit", "**/*.test.ts"), ...quietLog },
    { ...project("faults", "faults/**/*.faults.ts"), ...quietLog },
    project("lambda", "lambda/**/*.lambda.ts"),
    project("page", "page/**/*.page.ts"),
    project("aws", "aws/**/*.aws.ts"),
  ],
};
