import { createWaitingLine } from "../../../../runtime/engine/request-queue.ts";
import { never } from "../../../helpers/collect.ts";

/** What an `enter` has come to by now. */
async function stateOf(entering: Promise<unknown>): Promise<"waits" | "has its turn" | "left"> {
  await new Promise(setImmediate);
  const entered = await Promise.race([entering, "waits"]);
  if (entered === "waits") return entered;
  return entered === undefined ? "left" : "has its turn";
}

describe("a waiting line", () => {
  it("lets the first pass at once, the others one by one in the order of asking", async () => {
    const line = createWaitingLine(9);
    const entering = [line.enter(never()), line.enter(never()), line.enter(never())];
    const states = () => Promise.all(entering.map(stateOf));

    const before = await states();
    (await entering[0])?.();
    const between = await states();
    (await entering[1])?.();

    expect(before).toEqual(["has its turn", "waits", "waits"]);
    expect(between).toEqual(["has its turn", "has its turn", "waits"]);
    expect(await states()).toEqual(["has its turn", "has its turn", "has its turn"]);
  });

  it("is free again when everybody's turn is over", async () => {
    const line = createWaitingLine(0);

    (await line.enter(never()))?.();
    const next = line.enter(never());

    expect(await stateOf(next)).toBe("has its turn");
  });

  it.each([0, 1, 3])("refuses whoever comes when %d wait", async (most) => {
    const line = createWaitingLine(most);
    const endFirst = await line.enter(never());
    const fullness = Array.from({ length: most }, () => {
      const isFull = line.isFull();
      void line.enter(never());
      return isFull;
    });

    expect(fullness).not.toContain(true);
    expect(line.isFull()).toBe(true);
    await expect(line.enter(never())).rejects.toMatchObject({ kind: "engine-busy" });
    endFirst?.();
    expect(line.isFull()).toBe(false);
  });

  it("frees the place of one who leaves while waiting, at once", async () => {
    const line = createWaitingLine(1);
    const endFirst = await line.enter(never());
    const leaving = new AbortController();
    const left = line.enter(leaving.signal);

    leaving.abort();
    const isFull = line.isFull();
    const next = line.enter(never());
    endFirst?.();

    expect(isFull).toBe(false);
    expect(await stateOf(left)).toBe("left");
    expect(await stateOf(next)).toBe("has its turn");
  });

  it("lets nobody in who had left before, full or not", async () => {
    const line = createWaitingLine(0);

    const free = await line.enter(AbortSignal.abort());
    await line.enter(never());
    const full = await line.enter(AbortSignal.abort());

    expect([free, full]).toEqual([undefined, undefined]);
  });

  it("passes a turn on once, however often its end is told", async () => {
    const line = createWaitingLine(2);
    const endFirst = await line.enter(never());
    const second = line.enter(never());
    const third = line.enter(never());

    endFirst?.();
    endFirst?.();

    expect(await stateOf(second)).toBe("has its turn");
    expect(await stateOf(third)).toBe("waits");
  });

  it("leaves no listener behind", async () => {
    const line = createWaitingLine(1);
    const { signal } = new AbortController();
    const removed: string[] = [];
    const remove = signal.removeEventListener.bind(signal);
    signal.removeEventListener = (type: string, listener: () => void) => {
      removed.push(type);
      remove(type, listener);
    };
    const endFirst = await line.enter(never());
    const waiting = line.enter(signal);

    endFirst?.();

    expect(await stateOf(waiting)).toBe("has its turn");
    expect(removed).toEqual(["abort"]);
  });
});
