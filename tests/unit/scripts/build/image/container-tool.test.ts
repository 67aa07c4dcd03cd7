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
    [undefined, "buildah,docker,podman", "buildah,docker,podman", "docker", /first choice/],
    [undefined, "buildah,podman", "buildah,podman", "podman", /docker: not installed/],
    [undefined, "docker,finch", "docker version,finch", "finch", /docker: .*buildx is missing/],
    [
      ...[undefined, "docker,buildah", "buildah", "buildah"],
      /docker: .*start Docker; podman: not installed; finch: not installed/,
    ],
    ["buildah", "docker,buildah", "docker,buildah", "buildah", /^named by CONTAINER_TOOL$/],
  ] as [string | undefined, string, string, string, RegExp][])(
    "takes the named one (%s) or the first that works: of %s, %s work",
    async (named, installed, working, tool, reason) => {
      const choice = await choose(named, installed, working);

      expect(choice).toEqual({ tool, reason: expect.stringMatching(reason) });
    },
  );

  it.each([
    ["docker", "docker,buildah", /start Docker/],
    [undefined, "finch", /docker: not installed\n {2}podman: not.*\n {2}finch: .*finch vm start/],
    ["kaniko", "", "CONTAINER_TOOL=kaniko: must be one of docker, podman, finch, buildah"],
  ])("says what is wrong: CONTAINER_TOOL=%s, installed: %s", async (named, installed, message) => {
    await expect(choose(named, installed, "buildah")).rejects.toThrow(message);
  });
});
