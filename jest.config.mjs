/** @type {import("jest").Config} */
export default {
  testEnvironment: "node",
  // On two cores jest would keep one for itself, and take twice as long.
  maxWorkers: "100%",
  // For what hangs. How fast something is, is for benchmarks to say.
  testTimeout: 60_000,
  testEnvironmentOptions: { globalsCleanup: "on" },
  globalSetup: "<rootDir>/tests/global-setup.mjs",
  setupFiles: ["<rootDir>/tests/property-seed.ts"],
  // Every line that the run logs is noted, and scanned in the end.
  setupFilesAfterEnv: ["<rootDir>/tests/log-scan/record-test.ts"],
  globalTeardown: "<rootDir>/tests/global-teardown.ts",
  testMatch: ["<rootDir>/tests/**/*.test.ts"],
  transform: { "^.+\\.[jt]s$": "@swc/jest" },
  // These ship ES modules only; jest runs CommonJS.
  transformIgnorePatterns: ["/node_modules/(?!(leven|nano-spawn)/)"],
};
