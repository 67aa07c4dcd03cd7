import { CreateAliasCommand, CreateFunctionCommand } from "@aws-sdk/client-lambda";
import { createAwsClients } from "../../scripts/deploy/aws-clients.ts";
import { createFunctionControl } from "../../scripts/lab/remote-benchmark/function-control.ts";
import { readMeasuredFunction } from "../../scripts/lab/remote-benchmark/measured-function.ts";
import { realClock } from "../../scripts/lab/remote-benchmark/waiting.ts";
import { stackConfig } from "../helpers/stack-config.ts";
import { makeLambdaRole, makeRepository, putImage, requireEmulator } from "./emulated-aws.ts";

const clients = createAwsClients(stackConfig());
const functionName = "bitnet-lambda-dev-function";
const waiting = { clock: realClock, signal: new AbortController().signal };
const original = {
  memoryMiB: 3008,
  description: "BitNet b1.58: prompt in, text out",
  variables: { BITNET_LOG_LEVEL: "error", OTHER: "ä" },
};

/** The function as `make deploy` makes it: an image, a version, the alias on it. */
async function makeFunction(): Promise<void> {
  const role = await makeLambdaRole(await requireEmulator(), "role");
  await makeRepository(clients.ecr, "images");
  const digest = await putImage(clients.ecr, "images", "tag");
  const { Version } = await clients.lambda.send(
    new CreateFunctionCommand({
      FunctionName: functionName,
      PackageType: "Image",
      Code: { ImageUri: `123456789012.dkr.ecr.us-east-1.amazonaws.com/images@${digest}` },
      Role: role,
      MemorySize: original.memoryMiB,
      Description: original.description,
      Environment: { Variables: original.variables },
      Timeout: 300,
      Publish: true,
    }),
  );
  await clients.lambda.send(
    new CreateAliasCommand({ FunctionName: functionName, Name: "live", FunctionVersion: Version }),
  );
}

describe("the benchmark's control of a function against moto", () => {
  it("reads a function, changes it, publishes and deletes versions, and puts it back", async () => {
    await makeFunction();
    const control = createFunctionControl({ ...waiting, client: clients.lambda, functionName });
    const changed = {
      memoryMiB: 1769,
      description: "make benchmark-remote run1 #1 1769 MB llama-server",
      variables: { ...original.variables, BITNET_ENGINE: "llama-server" },
    };

    const measured = await readMeasuredFunction(waiting, clients.lambda, functionName);
    await control.change(measured.original, changed);
    const version = await control.publish(changed);
    const published = await control.settled(version);
    const made = await control.versionsDescribed("make benchmark-remote run1 ");
    await control.deleteVersion(version);
    await control.change(changed, original);

    expect(measured.original).toMatchObject({ ...original, timeoutSeconds: 300 });
    expect(published).toMatchObject({ ...changed, version });
    expect(made).toEqual([version]);
    expect(await control.versionsDescribed("make benchmark-remote run1 ")).toEqual([]);
    expect(await control.settled()).toMatchObject(original);
    expect((await control.settled("live")).version).toBe("1");
  });
});
