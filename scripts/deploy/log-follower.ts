import {
  type CloudWatchLogsClient,
  type FilteredLogEvent,
  paginateFilterLogEvents,
} from "@aws-sdk/client-cloudwatch-logs";
import { askAws } from "./aws-failure.ts";

/** Which log to follow, and how. */
export interface LogFollow {
  readonly client: CloudWatchLogsClient;
  readonly logGroupName: string;
  /** Milliseconds since 1970. */
  readonly startTime: number;
  /** Waits between two requests; `false` ends. */
  readonly pause: () => Promise<boolean>;
}

/** CloudWatch may show a line up to this much later; each request goes back that far. */
const lateMs = 10_000;

/** The lines of a log group since a time, in order of arrival, each once, until `pause` ends it. */
export async function* followLog(follow: LogFollow) {
  const seen = new Map<string, number>();
  let { startTime } = follow;
  do {
    const events = await askAws(`reading the log group ${follow.logGroupName}`, () =>
      readSince(follow, startTime),
    );
    for (const { eventId = "", timestamp = 0, message = "" } of events) {
      if (seen.has(eventId)) continue;
      seen.set(eventId, timestamp);
      startTime = Math.max(startTime, timestamp - lateMs);
      yield { timestamp, message };
    }
    for (const [id, timestamp] of seen) if (timestamp < startTime) seen.delete(id);
  } while (await follow.pause());
}

async function readSince({ client, logGroupName }: LogFollow, startTime: number) {
  const found: FilteredLogEvent[] = [];
  const pages = paginateFilterLogEvents({ client }, { logGroupName, startTime });
  for await (const { events = [] } of pages) found.push(...events);
  return found;
}
