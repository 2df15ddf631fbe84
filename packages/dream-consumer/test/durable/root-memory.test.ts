import type { TxState } from "@kloros/bus";
import { expect, it } from "vitest";
import { hexOf, RootMemory } from "../../src/durable/root-memory.ts";

function memoryState(): TxState & { readonly entries: Map<string, unknown> } {
  const entries = new Map<string, unknown>();
  return {
    entries,
    get: <T>(key: string) => entries.get(key) as T | undefined,
    list: () => [],
    put: (key, value) => void entries.set(key, value),
    delete: (key) => void entries.delete(key),
  };
}

it("forgets the oldest triggers beyond its limit, and never one whose cycle waits or runs", () => {
  const state = memoryState();
  const memory = new RootMemory(3);
  const record = (standing: "running" | "failed") => ({
    cycle_id: "d",
    attempt: 1,
    trigger_id: "t",
    standing,
  });
  for (const id of ["a", "b", "c", "d", "e"]) memory.put(state, id, record("failed"));
  expect(["a", "b", "c", "d", "e"].filter((id) => memory.get(state, id) !== undefined)).toEqual([
    "c",
    "d",
    "e",
  ]);
  memory.put(state, "c", record("running"));
  for (const id of ["f", "g"]) memory.put(state, id, record("failed"));
  expect(memory.get(state, "c")).toMatchObject({ standing: "running" });
  memory.put(state, "c", record("failed"));
  memory.put(state, "h", record("failed"));
  expect(["c", "d", "e", "f", "g", "h"].filter((id) => memory.get(state, id) !== undefined)).toEqual([
    "f",
    "g",
    "h",
  ]);
  expect(state.entries.size).toBe(3 * 2 + 1);
});

it("takes any text for the id of a trigger", () => {
  expect(hexOf("0199d2a4-7a00-7000-8000-0000deadbeef")).toBe("0199d2a47a00700080000000deadbeef");
  expect(hexOf("x".repeat(1_024))).toMatch(/^[0-9a-f]{32}$/);
  expect(hexOf("")).toMatch(/^[0-9a-f]{32}$/);
});
