import { S3Client } from "@aws-sdk/client-s3";
import { SFNClient } from "@aws-sdk/client-sfn";
import { runBatchFile } from "../../scripts/batch/batch-run.ts";
import { cloudAnswering } from "../../scripts/batch/cloud-answering.ts";
import { fitForCloud } from "../../scripts/batch/cloud-batches.ts";

// `make batch` in the cloud as a process of its own, to be killed: INPUT OUT BUCKET STATE_MACHINE.

const [input = "", out = "", bucket = "", stateMachineArn = ""] = process.argv.slice(2);
const { signal } = new AbortController();
const region = "us-east-1";
const answering = cloudAnswering({
  cloud: {
    s3: new S3Client({ region, forcePathStyle: true }),
    states: new SFNClient({ region }),
    bucket,
    stateMachineArn,
  },
  places: 4,
  approve: async () => undefined,
  report: () => undefined,
  signal,
  pollMs: 100,
});
const context = { systemPrompt: undefined, modelName: undefined };
process.stdout.write("begun\n");
await runBatchFile(
  { input, out, skipsInvalid: false, context, fit: fitForCloud, signal },
  answering,
);
