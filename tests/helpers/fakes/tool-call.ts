import type { EmulatedAccount } from "../emulators/aws-emulator.ts";

/** The output of a fake program, and its exit code. */
export interface ToolAnswer {
  readonly exitCode: number | "kill";
  readonly text: string;
}

/** What the fake programs do; a test may change it at any time. */
export interface ToolFaults {
  /** Terraform is killed, refused, or finds a resource: `kill:apply:registry:1`, `fail:plan:service`. */
  terraform?: string | undefined;
  terraformVersion?: string;
  /** The AWS account that Terraform's state is of. */
  stateAccount?: string;
  /** What fails: printing the tag, building, or pushing. */
  image?: "tag" | "build" | "push" | undefined;
  imageTag?: string;
  /** The architecture of the pushed image, whatever the command says. */
  imageArchitecture?: string;
  isImageIndex?: boolean;
  /** Awaited before a call is answered. */
  beforeAnswer?: ((call: string) => Promise<void>) | undefined;
}

/** A call of a fake program. */
export interface ToolCall {
  readonly account: EmulatedAccount;
  readonly faults: ToolFaults;
  readonly parts: readonly string[];
  readonly input: string;
}
