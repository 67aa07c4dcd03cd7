/** Names the folder into which every process of a test run notes what it logs and what it is sent. */
export const logNotesVariable = "LOG_NOTES";

/** Names the test that has started a process. */
export const logTestVariable = "LOG_NOTES_TEST";

/** Names the file that the scan's result goes to, where the run shall not fail by it. */
export const logScanVariable = "LOG_SCAN";
