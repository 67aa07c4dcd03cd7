import { constants } from "node:os";

/** Signals that a process does not end of, and second names of others. */
const others = [
  ["SIGCHLD", "SIGCONT", "SIGURG", "SIGWINCH"],
  ["SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU"],
  ["SIGIOT", "SIGPOLL", "SIGUNUSED", "SIGINFO"],
].flat();

/** Real-time signals have numbers only: the first and the last of Linux's. */
const realTime = process.platform === "linux" ? [34, 64] : [];

/** Every signal that ends a program which does nothing about it, by name or number. */
export const endingSignals: readonly (string | number)[] = [
  ...Object.keys(constants.signals).filter((name) => !others.includes(name)),
  ...realTime,
];
