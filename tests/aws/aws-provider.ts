import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, platform } from "node:os";
import { join, resolve } from "node:path";
import type { Environment } from "../../runtime/variables.ts";
import { runCommand } from "../../scripts/cli/run-command.ts";

/** Registries whose provider addresses Terraform and OpenTofu write for `hashicorp/aws`. */
const registries = ["registry.terraform.io", "registry.opentofu.org"] as const;

const system = `${platform()}_${process.arch === "x64" ? "amd64" : process.arch}`;

/** A provider on this machine: the path of its program, and its version (`5.100.0`). */
interface FoundProvider {
  readonly program: string;
  readonly version: string;
}

/**
 * Finds an AWS provider that Terraform could use, the pinned version before the newest one: in
 * `TF_PLUGIN_CACHE_DIR`, in the folders that Terraform's CLI configuration names, in those where
 * Terraform looks by itself, in the checkout's own cache and in `/opt`.
 *
 * @param pinned the version that the stacks ask for
 */
function findProvider(environment: Environment, pinned: string): FoundProvider | undefined {
  const newestFirst = pluginFolders(environment)
    .flatMap(providersIn)
    .toSorted((a, b) => b.version.localeCompare(a.version, "en", { numeric: true }));
  return newestFirst.find(({ version }) => version === pinned) ?? newestFirst[0];
}

/** The providers in a folder that is laid out as a mirror or as Terraform's plugin cache. */
function providersIn(folder: string): FoundProvider[] {
  return registries.flatMap((registry) => {
    const versions = join(folder, registry, "hashicorp/aws");
    return namesIn(versions).flatMap((version) =>
      namesIn(join(versions, version, system))
        .filter((name) => name.startsWith("terraform-provider-aws"))
        .map((name) => ({ program: join(versions, version, system, name), version })),
    );
  });
}

/** Names in a folder; none if there is no such folder. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function pluginFolders(environment: Environment): string[] {
  const home = environment.HOME ?? homedir();
  const shared = environment.XDG_DATA_DIRS || "/usr/local/share:/usr/share";
  return [
    environment.TF_PLUGIN_CACHE_DIR ?? "",
    ...configuredFolders(environment.TF_CLI_CONFIG_FILE ?? join(home, ".terraformrc"), home),
    join(home, ".terraform.d/plugins"),
    join(home, ".terraform.d/plugin-cache"),
    ...shared.split(":").map((folder) => join(folder, "terraform/plugins")),
    "temp/terraform-plugins",
    ...namesIn("/opt").map((name) => join("/opt", name)),
  ].filter((folder) => folder !== "");
}

/** The paths of a plugin cache and of filesystem mirrors in Terraform's CLI configuration. */
function configuredFolders(path: string, home: string): string[] {
  try {
    const paths = readFileSync(path, "utf8").matchAll(
      /^\s*(?:plugin_cache_dir|path)\s*=\s*"(.+)"/gm,
    );
    return [...paths].map(([, folder = ""]) => folder.replace(/^(~|\$HOME)(?=\/)/, home));
  } catch {
    // Most machines have no such file.
    return [];
  }
}

/** A provider for the tests, served to Terraform as the pinned version. */
export interface ServedProvider {
  /** What Terraform needs to find it. */
  readonly environment: Record<string, string>;
  /** `provider 5.100.0, served as 6.29.0`, for the log. */
  readonly name: string;
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
  const found = findProvider(process.env, pinned);
  const mirror = join(folder, "mirror");
  if (found === undefined) {
    const place = stackOfProvider(join(folder, "download"), pinned);
    await runCommand({
      file: terraform,
      args: [`-chdir=${place}`, "providers", "mirror", mirror],
      failure: "no AWS provider is in a plugin folder of this machine, and the download failed",
    });
  } else {
    for (const registry of registries) {
      const place = join(mirror, registry, "hashicorp/aws", pinned, system);
      mkdirSync(place, { recursive: true });
      symlinkSync(resolve(found.program), join(place, `terraform-provider-aws_v${pinned}_x5`));
    }
  }
  const configuration = join(folder, "terraform.rc");
  const source = `filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }`;
  writeFileSync(configuration, `provider_installation {\n  ${source}\n}\n`);
  const cache = join(folder, "plugin-cache");
  mkdirSync(cache);
  return {
    environment: { TF_CLI_CONFIG_FILE: configuration, TF_PLUGIN_CACHE_DIR: cache },
    name: `provider ${found?.version ?? pinned}, served as ${pinned}`,
  };
}

/** A folder with a stack that asks for the provider and nothing else. */
function stackOfProvider(folder: string, version: string): string {
  mkdirSync(folder, { recursive: true });
  const required_providers = { aws: { source: "hashicorp/aws", version } };
  const stack = JSON.stringify({ terraform: { required_providers } });
  writeFileSync(join(folder, "main.tf.json"), stack);
  return folder;
}

/** A block of the provider's schema. */
interface Block {
  readonly attributes?: Record<string, unknown>;
  readonly block_types?: Record<string, { readonly block: Block }>;
}

/** The blocks of all resources and data sources, by `resource aws_…` or `data aws_…`. */
export type ProviderSchema = ReadonlyMap<string, Block>;

/** The schema of a served provider. */
export async function readSchema(
  folder: string,
  terraform: string,
  pinned: string,
): Promise<ProviderSchema> {
  const inPlace = `-chdir=${stackOfProvider(join(folder, "schema"), pinned)}`;
  const run = (...args: string[]) => runCommand({ file: terraform, args: [inPlace, ...args] });
  await run("init", "-input=false");
  const { stdout } = await run("providers", "schema", "-json");
  const [schemas] = Object.values<Record<string, Record<string, { block: Block }>>>(
    JSON.parse(stdout).provider_schemas,
  );
  const blocks = (kind: string, types = {}) =>
    Object.entries<{ block: Block }>(types).map(
      ([type, { block }]) => [`${kind} ${type}`, block] as const,
    );
  return new Map([
    ...blocks("resource", schemas?.resource_schemas),
    ...blocks("data", schemas?.data_source_schemas),
  ]);
}

/** Arguments that Terraform itself knows in every resource. */
const metaArguments = ["//", "depends_on", "lifecycle", "provider", "count", "for_each"];

type Values = Record<string, unknown>;

/**
 * Removes the arguments that the provider does not know from a synthesized stack.
 *
 * @returns their names, such as `aws_lambda_permission.invoked_via_function_url`
 */
export function removeUnknownArguments(path: string, schema: ProviderSchema): string[] {
  const stack: Record<string, Record<string, Record<string, Values>>> = JSON.parse(
    readFileSync(path, "utf8"),
  );
  const removed = (["resource", "data"] as const).flatMap((kind) =>
    Object.entries(stack[kind] ?? {}).flatMap(([type, named]) =>
      Object.values(named).flatMap((values) =>
        removeFrom(values, schema.get(`${kind} ${type}`) ?? {}, type),
      ),
    ),
  );
  writeFileSync(path, JSON.stringify(stack));
  return [...new Set(removed)];
}

function removeFrom(
  values: Values,
  { attributes = {}, block_types = {} }: Block,
  path: string,
): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const inner = block_types[name]?.block;
    const place = `${path}.${name}`;
    if (inner)
      return [value].flat().flatMap((nested) => removeFrom(nested as Values, inner, place));
    if (name in attributes || metaArguments.includes(name)) return [];
    delete values[name];
    return [place];
  });
}
