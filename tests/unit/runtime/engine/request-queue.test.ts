import { RequestQueue } from "../../../../runtime/engine/request-queue.ts";
import { never } from "../../../helpers/collect.ts";

/** What an `enter` has come to by now. */
async function stateOf(entering: Promise<unknown>): Promise<"waits" | "has its turn" | "left"> {
  await new Promise(setImmediate);
  const entered = await Promise.race([entering, "waits"]);
  if (entered === "waits") return entered;
  return entered === undefined ? "left" : "has its turn";
}

describe("RequestQueue", () => {
  it.each([0, 1, 3])("refuses a request when %d wait", async (most) => {
    const queue = new RequestQueue(most);
    const endFirst = await queue.enter(never());
    const fullness = Array.from({ length: most }, () => {
      const isFull = queue.isFull;
      void queue.enter(never());
      return isFull;
    });

    expect(fullness).not.toContain(true);
    expect(queue.isFull).toBe(true);
    await expect(queue.enter(never())).rejects.toMatchObject({ kind: "engine-busy" });
    endFirst?.();
    expect(queue.isFull).toBe(false);
  });

  it("frees the place of a request that is aborted while it waits, at once", async () => {
    const queue = new RequestQueue(1);
    const endFirst = await queue.enter(never());
    const leaving = new AbortController();
    const left = queue.enter(leaving.signal);

    leaving.abort();
    const isFull = queue.isFull;
    const next = queue.enter(never());
    endFirst?.();

    expect(isFull).toBe(false);
    expect(await stateOf(left)).toBe("left");
    expect(await stateOf(next)).toBe("has its turn");
  });

  it("admits no request whose signal has aborted, full or not", async () => {
    const queue = new RequestQueue(0);

    const free = await queue.enter(AbortSignal.abort());
    await queue.enter(never());
    const full = await queue.enter(AbortSignal.abort());

    expect([free, full]).toEqual([undefined, undefined]);
  });

  it("passes a turn on once, however often it is ended", async () => {
    const queue = new RequestQueue(2);
    const endFirst = await queue.enter(never());
    const others = [queue.enter(never()), queue.enter(never())];

    endFirst?.();
    endFirst?.();

    expect(await Promise.all(others.map(stateOf))).toEqual(["has its turn", "waits"]);
  });

  it("leaves no listener behind", async () => {
    const queue = new RequestQueue(1);
    const { signal } = new AbortController();
    const remove = jest.spyOn(signal, "removeEventListener");
    const endFirst = await queue.enter(never());
    const waiting = queue.enter(signal);

    endFirst?.();

    expect(await stateOf(waiting)).toBe("has its turn");
    expect(remove.mock.calls).toEqual([["abort", expect.any(Function)]]);
  });
});
