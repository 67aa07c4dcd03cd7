import { chooseContainerTool } from "../../../../../scripts/build/image/container-tool.ts";

/** A machine where some tools are installed, and some of these, or some of their commands, work. */
function choose(named: string | undefined, installed: string, working: string) {
  return chooseContainerTool(
    named,
    (name) => (installed.split(",").includes(name) ? `/usr/bin/${name}` : undefined),
    async (file, [first]) =>
      working.split(",").some((works) => works === file || works === `${file} ${first}`),
  );
}

describe("chooseContainerTool", () => {
  it.each([
    [undefined, "buildah,docker,podman", "buildah,docker,podman", "docker"],
    [undefined, "buildah,podman", "buildah,podman", "podman"],
    [undefined, "docker,finch", "docker version,finch", "finch"],
    [undefined, "docker,buildah", "buildah", "buildah"],
    ["buildah", "docker,buildah", "docker,buildah", "buildah"],
  ])("takes the named one (%s) or the first that works: of %s, %s work", async (...given) => {
    const [named, installed, working, tool] = given;

    expect(await choose(named, installed, working)).toBe(tool);
  });

  it.each([
    ["docker", "docker,buildah", /start Docker/],
    [undefined, "finch", /docker: not installed\n {2}podman: not.*\n {2}finch: .*finch vm start/],
    ["kaniko", "", "CONTAINER_TOOL=kaniko: must be one of docker, podman, finch, buildah"],
  ])("says what is wrong: CONTAINER_TOOL=%s, installed: %s", async (named, installed, message) => {
    await expect(choose(named, installed, "buildah")).rejects.toThrow(message);
  });
});
