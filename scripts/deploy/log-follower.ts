import { type CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { askAws } from "./aws-failure.ts";

/** What to read. */
export interface LogFollow {
  readonly client: CloudWatchLogsClient;
  readonly logGroupName: string;
  /** Milliseconds since 1970. */
  readonly startTime: number;
  /** Waits between two looks; rejects or returns false to end. */
  readonly pause: () => Promise<boolean>;
}

/** One line of the log. */
export interface LogLine {
  readonly timestamp: number;
  readonly message: string;
}

/** CloudWatch may show a line this long after its time; each look goes back that far. */
const lateMs = 10_000;

/** The lines of a log group since a time, in order of arrival, each once, until `pause` ends it. */
export async function* followLog(follow: LogFollow): AsyncGenerator<LogLine> {
  const seen = new Map<string, number>();
  let { startTime } = follow;
  do {
    for await (const { eventId, timestamp, message } of readSince(follow, startTime)) {
      if (seen.has(eventId)) continue;
      seen.set(eventId, timestamp);
      startTime = Math.max(startTime, timestamp - lateMs);
      yield { timestamp, message };
    }
    for (const [id, timestamp] of seen) if (timestamp < startTime) seen.delete(id);
  } while (await follow.pause());
}

async function* readSince({ client, logGroupName }: LogFollow, startTime: number) {
  let nextToken: string | undefined;
  do {
    const page = await askAws(`reading the log group ${logGroupName}`, () =>
      client.send(new FilterLogEventsCommand({ logGroupName, startTime, nextToken })),
    );
    for (const { eventId = "", timestamp = 0, message = "" } of page.events ?? []) {
      yield { eventId, timestamp, message };
    }
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
}
