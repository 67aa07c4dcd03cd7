import {
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { createAwsClients, signedInAccount } from "../../scripts/deploy/aws-clients.ts";
import { ImageRegistry } from "../../scripts/deploy/image-registry.ts";
import { followLog } from "../../scripts/deploy/log-follower.ts";
import { createRemoteFunction } from "../../scripts/remote/remote-function.ts";
import { stackConfig } from "../helpers/stack-config.ts";
import { requireEmulator } from "./emulated-aws.ts";

const clients = createAwsClients(stackConfig());

// What Terraform's tests do not call: they deploy and destroy by the other calls.
describe("the scripts' AWS calls against moto", () => {
  beforeEach(requireEmulator);

  it("return the account, and get a password for docker", async () => {
    expect(await signedInAccount(clients.sts)).toBe("123456789012");
    expect(await new ImageRegistry(clients.ecr, "images").password()).not.toBe("");
  });

  it("follow a log", async () => {
    const [logGroupName, logStreamName] = ["/aws/lambda/bitnet-lambda-dev-function", "stream"];
    const timestamp = Date.now();
    await clients.logs.send(new CreateLogGroupCommand({ logGroupName }));
    await clients.logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
    const logEvents = ["one", "two"].map((message) => ({ timestamp, message }));
    await clients.logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));

    const lines: string[] = [];
    const looks = [true, false];
    const pause = async () => looks.shift() ?? false;
    const follow = { client: clients.logs, logGroupName, startTime: timestamp - 1000, pause };
    for await (const { message } of followLog(follow)) lines.push(message);

    expect(lines).toEqual(["one", "two"]);
  });

  it("say that a log group or a function is missing", async () => {
    const functionName = "bitnet-lambda-dev-function";
    const address = { client: clients.lambda, functionName, qualifier: "live" };
    const call = createRemoteFunction(address);
    const pause = async () => false;
    const log = followLog({ client: clients.logs, logGroupName: "nowhere", startTime: 0, pause });

    await expect(call({ prompt: "Hi" })).rejects.toThrow(
      /invoking bitnet-lambda-dev-function.*\n.*`make deploy` creates it/,
    );
    await expect(log.next()).rejects.toThrow(
      /reading the log group nowhere.*\n.*`make deploy` creates it/,
    );
  });
});
