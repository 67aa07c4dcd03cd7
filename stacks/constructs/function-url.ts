import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity/index.js";
import type { LambdaAlias } from "@cdktf/provider-aws/lib/lambda-alias/index.js";
import { LambdaFunctionUrl } from "@cdktf/provider-aws/lib/lambda-function-url/index.js";
import { LambdaPermission } from "@cdktf/provider-aws/lib/lambda-permission/index.js";
import { Construct } from "constructs";
import type { StackConfig } from "../settings-schema.ts";

/** Dependencies of {@link FunctionUrl}. */
interface FunctionUrlOptions {
  readonly config: StackConfig;
  readonly alias: LambdaAlias;
}

/** Headers that a web page may send. */
const corsHeaders = ["content-type", "authorization", "x-api-key"];

/** The URL of the alias, and the two permissions that each caller needs. */
export class FunctionUrl extends Construct {
  readonly url: LambdaFunctionUrl;

  constructor(scope: Construct, id: string, { config, alias }: FunctionUrlOptions) {
    super(scope, id);
    this.url = new LambdaFunctionUrl(this, "url", {
      functionName: alias.functionName,
      qualifier: alias.name,
      authorizationType: config.functionUrl,
      invokeMode: config.runtime.urlInvokeMode,
      ...(config.corsOrigins.length > 0 && {
        cors: {
          allowOrigins: config.corsOrigins,
          allowMethods: ["GET", "POST"],
          allowHeaders: corsHeaders,
          maxAge: 3600,
        },
      }),
    });
    for (const [index, principal] of this.principals(config).entries()) {
      this.permit(alias, config.functionUrl, principal, index);
    }
  }

  /** With `AWS_IAM` and no callers listed: this account, whose policies decide who may call. */
  private principals({ functionUrl, functionUrlCallers }: StackConfig): readonly string[] {
    if (functionUrl === "NONE") return ["*"];
    if (functionUrlCallers.length > 0) return functionUrlCallers;
    return [new DataAwsCallerIdentity(this, "account").accountId];
  }

  private permit(alias: LambdaAlias, authType: string, principal: string, index: number): void {
    const target = { functionName: alias.functionName, qualifier: alias.name, principal };
    new LambdaPermission(this, `call-url-${index}`, {
      ...target,
      statementId: `CallUrl${index}`,
      action: "lambda:InvokeFunctionUrl",
      functionUrlAuthType: authType,
    });
    const invoke = new LambdaPermission(this, `invoke-by-url-${index}`, {
      ...target,
      statementId: `InvokeByUrl${index}`,
      action: "lambda:InvokeFunction",
    });
    // The bindings do not know the argument yet. Without it, this would allow direct invocations.
    invoke.addOverride("invoked_via_function_url", true);
  }
}
