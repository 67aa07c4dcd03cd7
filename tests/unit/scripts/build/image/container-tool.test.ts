import { chooseContainerTool } from "../../../../../scripts/build/image/container-tool.ts";

/** A machine where some tools are installed, and some of these work. */
async function choose(named: string | undefined, installed: string[], working: string[]) {
  const choice = await chooseContainerTool(
    named,
    (name) => (installed.includes(name) ? `/usr/bin/${name}` : undefined),
    async (file, [first = ""]) => working.includes(file) || working.includes(`${file} ${first}`),
  );
  return choice;
}

describe("chooseContainerTool", () => {
  it.each([
    ["docker first", ["buildah", "docker", "podman"], ["buildah", "docker", "podman"], "docker"],
    ["podman when there is no docker", ["buildah", "podman"], ["buildah", "podman"], "podman"],
    ["buildah when docker's daemon does not answer", ["docker", "buildah"], ["buildah"], "buildah"],
    ["finch when docker has no buildx", ["docker", "finch"], ["docker version", "finch"], "finch"],
  ])("takes %s", async (_case, installed, working, tool) => {
    expect((await choose(undefined, installed, working)).tool).toBe(tool);
  });

  it("takes the one that is named, and says so", async () => {
    const all = ["docker", "buildah"];

    expect(await choose("buildah", all, all)).toEqual({
      tool: "buildah",
      reason: "named by CONTAINER_TOOL",
    });
  });

  it("says why the better known ones were passed over", async () => {
    const { reason } = await choose(undefined, ["docker", "buildah"], ["buildah"]);

    expect(reason).toMatch(/docker: .*start Docker; podman: not installed; finch: not installed/);
  });

  it("does not take another one than the named", async () => {
    await expect(choose("docker", ["docker", "buildah"], ["buildah"])).rejects.toThrow(
      /start Docker/,
    );
  });

  it("says what each lacks when none works", async () => {
    const error = choose(undefined, ["finch"], []);

    await expect(error).rejects.toThrow(
      /docker: not installed\n {2}podman: not installed\n {2}finch: .*finch vm start/,
    );
  });

  it("knows four names", async () => {
    await expect(choose("kaniko", [], [])).rejects.toThrow(
      "CONTAINER_TOOL=kaniko: must be one of docker, podman, finch, buildah",
    );
  });
});
