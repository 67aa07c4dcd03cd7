import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity/index.js";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket/index.js";
import { S3BucketLifecycleConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration/index.js";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy/index.js";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block/index.js";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration/index.js";
import { Construct } from "constructs";
import { policyText } from "../policy-text.ts";
import { globalName } from "../resource-names.ts";
import type { StackConfig } from "../settings-schema.ts";

/**
 * The bucket of batches and their results: private, encrypted, by TLS only. What is in it expires, and
 * goes with the bucket: `make batch` has collected it long before.
 */
export class BatchBucket extends Construct {
  readonly bucket: S3Bucket;

  constructor(scope: Construct, id: string, config: StackConfig) {
    super(scope, id);
    const account = new DataAwsCallerIdentity(this, "account").accountId;
    this.bucket = new S3Bucket(this, "bucket", {
      // Bucket names are shared by all accounts.
      bucket: `${globalName(config, "batch")}-${account}`,
      forceDestroy: true,
    });
    const { id: bucket, arn } = this.bucket;
    const access = new S3BucketPublicAccessBlock(this, "access", {
      bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    new S3BucketServerSideEncryptionConfigurationA(this, "encryption", {
      bucket,
      rule: [
        {
          applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" },
          // The default, which the provider would otherwise find changed at its next look.
          bucketKeyEnabled: false,
        },
      ],
    });
    new S3BucketLifecycleConfiguration(this, "expiry", {
      bucket,
      rule: [
        {
          id: "expire",
          status: "Enabled",
          filter: [{ prefix: "" }],
          expiration: [{ days: config.batchRetentionDays }],
          abortIncompleteMultipartUpload: [{ daysAfterInitiation: 1 }],
        },
      ],
    });
    new S3BucketPolicy(this, "policy", {
      bucket,
      policy: policyText({
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [arn, `${arn}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      }),
      // Both write the bucket's policy state; AWS refuses them at the same moment.
      dependsOn: [access],
    });
  }
}
