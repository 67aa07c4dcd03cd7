/** @type {import("jest").Config} */
export default {
  testEnvironment: "node",
  testEnvironmentOptions: { globalsCleanup: "on" },
  globalSetup: "<rootDir>/tests/global-setup.mjs",
  testMatch: ["<rootDir>/tests/**/*.test.ts"],
  transform: { "^.+\\.[jt]s$": "@swc/jest" },
  // leven ships ES modules only; jest runs CommonJS.
  transformIgnorePatterns: ["/node_modules/(?!leven/)"],
};
