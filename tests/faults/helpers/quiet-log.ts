// Set up for the fault suite: the log's error lines are expected, and would hide jest's own.
jest.mock("../../../runtime/log-output.ts", () => ({ writeLogLine: () => undefined }));
