import { CreateFunctionCommand, GetFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import { createAwsClients } from "../../scripts/deploy/aws-clients.ts";
import { publishVersion } from "../../scripts/lab/remote-benchmark/measurement.ts";
import { stackConfig } from "../helpers/stack-config.ts";
import { makeLambdaRole, makeRepository, putImage, requireEmulator } from "./emulated-aws.ts";

const clients = createAwsClients(stackConfig());
const functionName = "bitnet-lambda-bench-function";

/** The function as `make benchmark-remote` deploys it. */
async function makeFunction(): Promise<void> {
  const role = await makeLambdaRole(await requireEmulator(), "role");
  await makeRepository(clients.ecr, "images");
  const digest = await putImage(clients.ecr, "images", "tag");
  await clients.lambda.send(
    new CreateFunctionCommand({
      FunctionName: functionName,
      PackageType: "Image",
      Code: { ImageUri: `123456789012.dkr.ecr.us-east-1.amazonaws.com/images@${digest}` },
      Role: role,
      MemorySize: 3008,
      Environment: { Variables: { BITNET_ENGINE: "llama-server" } },
      Publish: true,
    }),
  );
}

describe("the benchmark's versions against moto", () => {
  it("are published one after the other, each with its description and the same settings", async () => {
    await makeFunction();
    const dependencies = {
      client: clients.lambda,
      functionName,
      signal: new AbortController().signal,
    };

    const first = await publishVersion(dependencies, "make benchmark-remote #1");
    const second = await publishVersion(dependencies, "make benchmark-remote #2");

    expect(second).not.toBe(first);
    const version = await clients.lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: functionName, Qualifier: second }),
    );
    expect(version).toMatchObject({
      Description: "make benchmark-remote #2",
      MemorySize: 3008,
      Environment: { Variables: { BITNET_ENGINE: "llama-server" } },
    });
  });
});
