import { constants } from "node:os";
import { describeEngineKilled } from "./engine-faults.ts";

/** Signals that do not end a process, and second names of others. */
const harmlessSignals =
  "SIGCHLD SIGCONT SIGURG SIGWINCH SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGIOT SIGPOLL SIGUNUSED SIGINFO";

/** Real-time signals have numbers only: the first and the last of Linux's. */
const realTimeSignals = process.platform === "linux" ? [34, 64] : [];

/** Every signal that ends a program which does not handle it. */
const endingSignals: readonly (string | number)[] = [
  ...Object.keys(constants.signals).filter((name) => !harmlessSignals.split(" ").includes(name)),
  ...realTimeSignals,
];

describeEngineKilled(endingSignals);
