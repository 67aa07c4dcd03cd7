import { initialize } from "../../../runtime/initialization.ts";
import { scriptedEngine, statelessEngine } from "../../helpers/fakes/scripted-engine.ts";

/** Parts whose engine and file are ready when the test says so. */
function slowParts(initializationType: string | undefined) {
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const read: string[] = [];
  return {
    read,
    finish,
    parts: {
      config: { modelPath: "/model", initializationType },
      engine: { ...scriptedEngine(), ...statelessEngine, settled: () => finished },
      readIntoPageCache: async (path: string) => {
        read.push(path);
        await finished;
        return 1;
      },
    },
  };
}

describe("initialize", () => {
  it.each([undefined, "on-demand"])("waits for nothing when it is %s", async (type) => {
    const { parts, read } = slowParts(type);

    await initialize(parts);

    expect(read).toEqual(["/model"]);
  });

  it.each(["snap-start", "provisioned-concurrency"])(
    "waits for engine and page cache under %s",
    async (type) => {
      const { parts, finish } = slowParts(type);
      let isDone = false;
      const initialized = initialize(parts).then(() => {
        isDone = true;
      });

      await new Promise(setImmediate);
      const wasDone = isDone;
      finish();
      await initialized;

      expect(wasDone).toBe(false);
    },
  );

  it("leaves a model that cannot be read for the first request to tell", async () => {
    const { parts, finish } = slowParts("snap-start");
    finish();
    const readIntoPageCache = () => Promise.reject(new Error("ENOENT"));

    await expect(initialize({ ...parts, readIntoPageCache })).resolves.toBeUndefined();
  });
});
