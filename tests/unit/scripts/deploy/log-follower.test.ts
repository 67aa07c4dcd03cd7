import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { followLog } from "../../../../scripts/deploy/log-follower.ts";
import { cloudWorkspace } from "../../../helpers/cloud-workspace.ts";

const workspace = cloudWorkspace();

const add = (eventId: string, timestamp: number) =>
  workspace.emulator.logEvents.push({ eventId, timestamp, message: eventId });

/** Follows the log; one entry of `between` runs after each request. */
async function follow(startTime: number, between: readonly (() => void)[] = []): Promise<string[]> {
  const steps = [...between];
  const messages: string[] = [];
  const lines = followLog({
    client: new CloudWatchLogsClient({ region: "us-east-1" }),
    logGroupName: "group",
    startTime,
    async pause() {
      const step = steps.shift();
      step?.();
      return step !== undefined;
    },
  });
  for await (const { message } of lines) messages.push(message);
  return messages;
}

describe("followLog", () => {
  it("reads lines since a time", async () => {
    add("old", 99);
    add("new", 100);

    expect(await follow(100)).toEqual(["new"]);
  });

  it("yields each line once, late ones too", async () => {
    add("a", 100_000);

    const lines = await follow(0, [
      () => add("b", 105_000),
      () => add("late", 101_000),
      () => add("c", 200_000),
    ]);

    expect(lines).toEqual(["a", "b", "late", "c"]);
  });

  it("says what is missing", async () => {
    const failure = { status: 400, code: "ResourceNotFoundException", message: "no such group" };
    workspace.emulator.failures.set("FilterLogEvents", failure);

    await expect(follow(0)).rejects.toThrow(
      "reading the log group group: no such group\n  `make deploy` creates it",
    );
  });
});
