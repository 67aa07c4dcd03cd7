import { createHash } from "node:crypto";
import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity/index.js";
import { DataAwsPartition } from "@cdktf/provider-aws/lib/data-aws-partition/index.js";
import type { LambdaAlias } from "@cdktf/provider-aws/lib/lambda-alias/index.js";
import { LambdaFunctionUrl } from "@cdktf/provider-aws/lib/lambda-function-url/index.js";
import { LambdaPermission } from "@cdktf/provider-aws/lib/lambda-permission/index.js";
import { Construct } from "constructs";
import type { StackConfig } from "../settings-schema.ts";

/** Headers that a web page may send; OpenAI's client sends those that begin with `x-stainless-`. */
const corsHeaders = [
  ...["content-type", "authorization", "x-api-key"],
  ...["arch", "async", "helper-method", "lang", "os"].map(stainless),
  ...["package-version", "retry-count", "runtime", "runtime-version", "timeout"].map(stainless),
];

function stainless(name: string): string {
  return `x-stainless-${name}`;
}

/** The URL of the alias, and the two permissions that each caller needs. */
export class FunctionUrl extends Construct {
  readonly url: LambdaFunctionUrl;

  constructor(
    scope: Construct,
    id: string,
    { config, alias }: { readonly config: StackConfig; readonly alias: LambdaAlias },
  ) {
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
          exposeHeaders: ["x-request-id", "retry-after"],
          maxAge: 3600,
        },
      }),
    });
    for (const [key, principal] of this.callers(config)) {
      this.permit(alias, config.functionUrl, principal, key);
    }
  }

  /**
   * The principals that may call, each by a key that does not depend on the others, so that removing
   * one caller leaves the permissions of the others alone. With `AWS_IAM` and no callers listed: this
   * account, whose policies decide who may call.
   */
  private callers({ functionUrl, functionUrlCallers }: StackConfig): ReadonlyMap<string, string> {
    if (functionUrl === "NONE") return new Map([["everyone", "*"]]);
    const partition = new DataAwsPartition(this, "partition").partition;
    // Read even if it is not among the callers: a plan review compares the callers with it.
    const thisAccount = new DataAwsCallerIdentity(this, "account").accountId;
    if (functionUrlCallers.length === 0) {
      return new Map([["this-account", rootArn(partition, thisAccount)]]);
    }
    return new Map(
      functionUrlCallers.map((caller) => {
        const account = accountOf(caller);
        return account ? [account, rootArn(partition, account)] : [shortHash(caller), caller];
      }),
    );
  }

  private permit(alias: LambdaAlias, authType: string, principal: string, key: string): void {
    const target = { functionName: alias.functionName, qualifier: alias.name, principal };
    new LambdaPermission(this, `call-url-${key}`, {
      ...target,
      statementId: `CallUrl-${key}`,
      action: "lambda:InvokeFunctionUrl",
      functionUrlAuthType: authType,
    });
    const invoke = new LambdaPermission(this, `invoke-by-url-${key}`, {
      ...target,
      statementId: `InvokeByUrl-${key}`,
      action: "lambda:InvokeFunction",
    });
    // The bindings do not know the argument yet. Without it, this would allow direct invocations.
    invoke.addOverride("invoked_via_function_url", true);
  }
}

/**
 * An account as a principal, in the form in which Lambda stores it. Terraform would replace a
 * permission that names the account by its id at every apply.
 */
function rootArn(partition: string, account: string): string {
  return `arn:${partition}:iam::${account}:root`;
}

/** The id of a caller that is a whole account: `123456789012` or `arn:aws:iam::123456789012:root`. */
function accountOf(caller: string): string | undefined {
  return /^(?:arn:aws[a-z-]*:iam::)?(\d{12})(?::root)?$/.exec(caller)?.[1];
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
