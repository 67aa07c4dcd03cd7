// Set up for suites in which the log's error lines are expected: they would hide jest's own.
jest.mock("../../runtime/logger.ts", () => ({
  ...jest.requireActual("../../runtime/logger.ts"),
  writeLogLine: () => undefined,
}));
