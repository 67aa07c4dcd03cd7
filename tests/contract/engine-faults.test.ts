import {
  describeCallerGone,
  describeEngineKilled,
  describeEngineStuck,
} from "../faults/engine-faults.ts";

// A sample of `make test-faults`, which goes through every signal and every way to hang.
describeEngineKilled(["SIGKILL", "SIGSEGV"]);
describeEngineStuck([{ fault: "hang-deaf", way: "stream" }]);
describeCallerGone(["ask", "stream"]);
