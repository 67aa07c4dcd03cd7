// Set up for suites in which lines of the log are expected: they would hide jest's own. A test that
// reads the log spies on standard error.
jest.mock("../../runtime/logger.ts", () => {
  const logger = jest.requireActual("../../runtime/logger.ts");
  const writeLogLine = (line: string) => {
    if (jest.isMockFunction(process.stderr.write)) logger.writeLogLine(line);
  };
  return { ...logger, writeLogLine };
});
