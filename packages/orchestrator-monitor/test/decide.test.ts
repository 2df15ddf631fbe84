import { describe, expect, it } from "vitest";
import {
  isNews,
  judgeLook,
  type KnownModule,
  type Look,
  NOTHING_WAITING,
  stateKeyOf,
} from "../src/decide.ts";
import type { RegisteredModule } from "../src/registry/registered-module.ts";

const module = (name: string, investigation_id: string | null = null): RegisteredModule => ({
  name,
  path: `src.${name}`,
  folder: null,
  investigation_id,
  py_files: null,
});
const key = (name: string) => stateKeyOf(module(name)) as string;
const found = (...modules: RegisteredModule[]) => new Map(modules.map((one) => [key(one.name), one]));
const known = (...names: string[]) =>
  new Map(
    names.map((name): [string, KnownModule] => [
      key(name),
      { name, path: `src.${name}`, announced: true, since: "" },
    ]),
  );

function look(changes: Partial<Look>): ReturnType<typeof judgeLook> {
  return judgeLook({
    found: new Map(),
    known: new Map(),
    isAdopted: true,
    waiting: NOTHING_WAITING,
    now: 1_000,
    graceMs: 600,
    settleMs: 50,
    forgetAfterMs: 100,
    ...changes,
  });
}

describe("a look at the registry", () => {
  it("takes everything as known when it is the first", () => {
    const verdict = look({ found: found(module("a"), module("b", "inv_b")), isAdopted: false });
    expect(verdict).toMatchObject({ announce: [], adopt: [key("a"), key("b")], lookAgainMs: null });
  });

  it("announces an entry added by hand once it has stood for a moment", () => {
    const first = look({ found: found(module("a")) });
    expect(first).toMatchObject({ announce: [], lookAgainMs: 50 });
    const second = look({ found: found(module("a")), waiting: first.waiting, now: 1_050 });
    expect(second).toMatchObject({ announce: [key("a")], lookAgainMs: null });
    expect(look({ found: found(module("a")), known: known("a") })).toMatchObject({ announce: [] });
  });

  it("leaves an integrated entry to its signal, but not for ever", () => {
    const first = look({ found: found(module("a", "inv_a")) });
    expect(first).toMatchObject({ announce: [], lookAgainMs: 600 });
    const second = look({ found: found(module("a", "inv_a")), waiting: first.waiting, now: 1_300 });
    expect(second).toMatchObject({ announce: [], lookAgainMs: 300 });
    expect(look({ found: found(module("a", "inv_a")), waiting: second.waiting, now: 1_600 })).toMatchObject({
      announce: [key("a")],
    });
  });

  it("does not announce what was only there while the file was being written", () => {
    const first = look({ found: found(module("au")) });
    const second = look({ found: found(module("audio")), waiting: first.waiting, now: 1_060 });
    expect(second.announce).toEqual([]);
    expect(look({ found: found(module("audio")), waiting: second.waiting, now: 1_120 }).announce).toEqual([
      key("audio"),
    ]);
  });

  it("forgets what has been gone for a while, and only that", () => {
    const first = look({ known: known("a", "b"), found: found(module("b")) });
    expect(first).toMatchObject({ forget: [], lookAgainMs: 100 });
    const second = look({ known: known("a", "b"), waiting: first.waiting, now: 1_100 });
    expect(second).toMatchObject({ forget: [key("a")], lookAgainMs: 100 });
    const back = look({ known: known("b"), found: found(module("b")), waiting: second.waiting, now: 1_200 });
    expect(back).toMatchObject({ forget: [], announce: [], lookAgainMs: null });
  });

  it("takes another path under the same name as another module", () => {
    const moved = { ...module("a"), path: "lib.a" };
    const verdict = look({
      found: new Map([[stateKeyOf(moved) as string, moved]]),
      known: known("a"),
      settleMs: 0,
    });
    expect(verdict.announce).toEqual([stateKeyOf(moved)]);
  });
});

it("an integration is news unless the module was announced", () => {
  expect(isNews(undefined)).toBe(true);
  expect(isNews({ name: "a", path: "a", announced: false, since: "" })).toBe(true);
  expect(isNews({ name: "a", path: "a", announced: true, since: "" })).toBe(false);
});

it("a module has no key when it cannot be stored or announced", () => {
  expect(stateKeyOf({ name: "n".repeat(257), path: "p" })).toBeNull();
  expect(stateKeyOf({ name: "n", path: "ä".repeat(500) })).toBeNull();
});
