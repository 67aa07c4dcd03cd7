/** @type {import("jest").Config} */
export default {
  testEnvironment: "node",
  // On two cores jest would keep one for itself, and take twice as long.
  maxWorkers: "100%",
  testEnvironmentOptions: { globalsCleanup: "on" },
  globalSetup: "<rootDir>/tests/global-setup.mjs",
  testMatch: ["<rootDir>/tests/**/*.test.ts"],
  transform: { "^.+\\.[jt]s$": "@swc/jest" },
  // leven ships ES modules only; jest runs CommonJS.
  transformIgnorePatterns: ["/node_modules/(?!leven/)"],
};
