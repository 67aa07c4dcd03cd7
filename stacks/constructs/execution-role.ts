import { IamRole } from "@cdktf/provider-aws/lib/iam-role/index.js";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy/index.js";
import { Construct } from "constructs";
import { policyText } from "../policy-text.ts";

/** The function's role: may write to its log group and its dead-letter queue, nothing else. */
export class ExecutionRole extends Construct {
  readonly role: IamRole;
  readonly policy: IamRolePolicy;

  constructor(
    scope: Construct,
    id: string,
    options: Readonly<Record<"name" | "logGroupArn" | "deadLetterArn", string>>,
  ) {
    super(scope, id);
    this.role = new IamRole(this, "role", {
      name: options.name,
      assumeRolePolicy: policyText({
        Effect: "Allow",
        Principal: { Service: "lambda.amazonaws.com" },
        Action: "sts:AssumeRole",
      }),
    });
    this.policy = new IamRolePolicy(this, "policy", {
      name: "write-logs-and-dead-letters",
      role: this.role.name,
      policy: policyText(
        {
          Effect: "Allow",
          Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
          Resource: `${options.logGroupArn}:log-stream:*`,
        },
        { Effect: "Allow", Action: ["sqs:SendMessage"], Resource: options.deadLetterArn },
      ),
    });
  }
}
