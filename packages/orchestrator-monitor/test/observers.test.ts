import type { Envelope, Handler, HandlerTx, Node, SignalName } from "@kloros/bus";
import { expect, it } from "vitest";
import { SignalObservers } from "../src/observers.ts";

it("every observer of a name sees its signals in the same transaction, in the order of asking", async () => {
  const handlers = new Map<SignalName, Handler[]>();
  const node = {
    on: (name: SignalName, handler: Handler) =>
      void handlers.set(name, [...(handlers.get(name) ?? []), handler]),
  } as unknown as Pick<Node, "on">;
  const seen: [string, HandlerTx][] = [];
  const observers = new SignalObservers();
  observers.observe("Q_DREAM_COMPLETE", async (_, tx) => {
    await Promise.resolve();
    seen.push(["first", tx]);
  });
  observers.observe("Q_DREAM_COMPLETE", (_, tx) => void seen.push(["second", tx]));
  observers.observe("Q_DREAM_FAILED", (_, tx) => void seen.push(["other", tx]));
  observers.register(node);
  expect([...handlers].map(([name, { length }]) => [name, length])).toEqual([
    ["Q_DREAM_COMPLETE", 1],
    ["Q_DREAM_FAILED", 1],
  ]);
  const tx = {} as HandlerTx;
  await handlers.get("Q_DREAM_COMPLETE")?.[0]?.({} as Envelope, tx);
  expect(seen).toEqual([
    ["first", tx],
    ["second", tx],
  ]);
});
