import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, platform } from "node:os";
import { basename, join, resolve } from "node:path";
import { runChild, runCommand } from "../../scripts/cli/run-command.ts";

/** Registries whose provider addresses Terraform and OpenTofu write for `hashicorp/aws`. */
const registries = ["registry.terraform.io", "registry.opentofu.org"] as const;

const system = `${platform()}_${process.arch === "x64" ? "amd64" : process.arch}`;

/** A provider for the tests, served to Terraform as the pinned version. */
export interface ServedProvider {
  /** What Terraform needs to find it. */
  readonly environment: Record<string, string>;
  /** `5.100.0` */
  readonly version: string;
}

/**
 * Serves a provider of this machine, or the pinned one by download, from a mirror in a folder.
 *
 * @throws Error that says why there is none
 */
export async function serveProvider(
  folder: string,
  terraform: string,
  pinned: string,
): Promise<ServedProvider> {
  const mirror = join(folder, "mirror");
  const program = await findProvider(pinned);
  if (program === undefined) await download(join(folder, "download"), terraform, pinned, mirror);
  for (const registry of program === undefined ? [] : registries) {
    const place = join(mirror, registry, "hashicorp/aws", pinned, system);
    mkdirSync(place, { recursive: true });
    symlinkSync(program ?? "", join(place, `terraform-provider-aws_v${pinned}_x5`));
  }
  const configuration = join(folder, "terraform.rc");
  const source = `filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }`;
  writeFileSync(configuration, `provider_installation {\n  ${source}\n}\n`);
  const cache = join(folder, "plugin-cache");
  mkdirSync(cache);
  return {
    environment: { TF_CLI_CONFIG_FILE: configuration, TF_PLUGIN_CACHE_DIR: cache },
    version: program === undefined ? pinned : versionOf(program),
  };
}

/** The program of a provider on this machine, the pinned version before the newest one. */
async function findProvider(pinned: string): Promise<string | undefined> {
  const folders = [
    process.env.TF_PLUGIN_CACHE_DIR ?? "",
    join(homedir(), ".terraform.d"),
    "temp/terraform-plugins",
    "/usr/local/share/terraform",
    "/opt",
  ].filter((folder) => existsSync(folder));
  const path = `*/hashicorp/aws/*/${system}/terraform-provider-aws*`;
  const { stdout } = await runChild({ file: "find", args: ["-L", ...folders, "-path", path] });
  const newestFirst = stdout
    .split("\n")
    .filter((found) => found !== "")
    .toSorted((a, b) => versionOf(b).localeCompare(versionOf(a), "en", { numeric: true }));
  const found = newestFirst.find((program) => versionOf(program) === pinned) ?? newestFirst[0];
  return found && resolve(found);
}

/** The version of `…/terraform-provider-aws_v5.100.0_x5`. */
function versionOf(program: string): string {
  return /_v([\d.]+)/.exec(basename(program))?.[1] ?? "";
}

async function download(folder: string, terraform: string, version: string, mirror: string) {
  mkdirSync(folder, { recursive: true });
  const required_providers = { aws: { source: "hashicorp/aws", version } };
  writeFileSync(
    join(folder, "main.tf.json"),
    JSON.stringify({ terraform: { required_providers } }),
  );
  await runCommand({
    file: terraform,
    args: [`-chdir=${folder}`, "providers", "mirror", mirror],
    failure: "no AWS provider is in a plugin folder of this machine, and the download failed",
  });
}

/** Removes from a synthesized stack what only providers from 6.29 know. */
export function removeNewArguments(path: string, { version }: ServedProvider): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > 6 || (major === 6 && minor >= 29)) return;
  const stack = JSON.parse(readFileSync(path, "utf8"));
  for (const permission of Object.values<object>(stack.resource.aws_lambda_permission ?? {})) {
    Reflect.deleteProperty(permission, "invoked_via_function_url");
  }
  writeFileSync(path, JSON.stringify(stack));
}
