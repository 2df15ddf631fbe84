import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_LIMITS } from "@kloros/bus";
import { defineSettings, loadConfig } from "@kloros/daemon";
import { expect, onTestFinished, test } from "vitest";

const settings = defineSettings({});

function emptyHome(): string {
  const home = mkdtempSync(join(tmpdir(), "kloros-tuned-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  return home;
}

/** A home in which these limits are deployed as the experiment's version in use. */
function homeWith(params: string, meshYaml = ""): string {
  const home = emptyHome();
  const folder = join(home, "deployed", "tune_bus");
  mkdirSync(join(folder, "versions", "v1"), { recursive: true });
  writeFileSync(join(folder, "versions", "v1", "params.json"), params);
  symlinkSync("versions/v1", join(folder, "current"));
  writeFileSync(join(home, "mesh.yaml"), meshYaml);
  return home;
}

async function load(home: string, environment: Record<string, string> = {}) {
  const places = { argv: [], environment: { KLOROS_HOME: home, ...environment }, cwd: "/" };
  const result = await loadConfig("intent_router", settings, places);
  if (result.kind !== "loaded") throw new Error(JSON.stringify(result));
  return result.loaded;
}

test("deployed limits stand above the defaults and below what somebody has set, and their origin is known", async () => {
  const home = homeWith(
    '{"max_frame_signals": 64, "max_fetch_signals": 999, "max_commit_signals": 2048}',
    "limits: {max_fetch_signals: 1000}",
  );
  const { limits, limitOrigins } = await load(home, { KLOROS_LIMITS_MAX_PUBLISH_QUEUE: "77" });
  expect(limits).toEqual({
    ...DEFAULT_LIMITS,
    maxFrameSignals: 64,
    maxFetchSignals: 1000,
    maxPublishQueue: 77,
  });
  expect(limitOrigins.changed).toEqual({
    max_frame_signals: {
      value: 64,
      default: 512,
      from: join(home, "deployed/tune_bus/current/params.json"),
    },
    max_fetch_signals: { value: 1000, default: 4096, from: "mesh.yaml" },
    max_publish_queue: { value: 77, default: 4096, from: "environment" },
  });
});

test("a home in which nothing was tuned is silent about it", async () => {
  const home = emptyHome();
  const { limits, limitOrigins } = await load(home);
  expect(limits).toEqual(DEFAULT_LIMITS);
  expect(limitOrigins).toEqual({ changed: {}, tuned: { kind: "none" } });
});

test("tuned limits can be left aside, or taken from elsewhere", async () => {
  const home = homeWith('{"max_frame_signals": 64}', "tuned_limits: none");
  expect((await load(home)).limitOrigins).toEqual({ changed: {}, tuned: { kind: "none" } });
  writeFileSync(join(home, "mine.json"), '{"max_frame_signals": 65}');
  expect((await load(home, { KLOROS_TUNED_LIMITS: "mine.json" })).limits.maxFrameSignals).toBe(65);
});

test.each([
  ["{", "is no JSON"],
  ["", "is no JSON"],
  ["[1]", "must be one JSON object of limits"],
  ['{"max_frame_signals": 1e9}', "max_frame_signals must be a whole number from 16 to 2048 (got 1000000000)"],
  ['{"max_frame_signals": 64.5}', "max_frame_signals must be a whole number"],
  ['{"max_frame_signals": "64"}', 'max_frame_signals must be a whole number from 16 to 2048 (got "64")'],
  [
    '{"max_frame_signal": 64}',
    "max_frame_signal is no limit that can be tuned (did you mean max_frame_signals?)",
  ],
  ['{"disk_reserve_bytes": 1}', "disk_reserve_bytes is no limit that can be tuned"],
  ['{"max_fetch_bytes": 1048576}', "max_fetch_bytes is no limit that can be tuned"],
  ['{"__proto__": 1}', "__proto__ is no limit that can be tuned"],
  [`{"max_frame_signals": 64${" ".repeat(70_000)}}`, "is no file of at most 65536 bytes"],
])("a bad file (%#) is ignored as a whole and keeps no daemon down", async (params, problem) => {
  const home = homeWith(params.replace("{", '{"max_fetch_signals": 999, ').replace(", }", "}"));
  const { limits, limitOrigins } = await load(home);
  expect(limits).toEqual(DEFAULT_LIMITS);
  expect(limitOrigins.changed).toEqual({});
  expect(limitOrigins.tuned).toMatchObject({ kind: "ignored" });
  expect(JSON.stringify(limitOrigins.tuned)).toContain(JSON.stringify(problem).slice(1, -1));
});

test("a version without the file, a folder in its place, and a link to itself keep no daemon down", async () => {
  const home = homeWith("{}");
  expect(
    (await load(home, { KLOROS_TUNED_LIMITS: "deployed/tune_bus/current" })).limitOrigins.tuned,
  ).toMatchObject({
    kind: "ignored",
  });
  expect((await load(home, { KLOROS_TUNED_LIMITS: "mesh.yaml/x" })).limitOrigins.tuned.kind).toBe("none");
  symlinkSync("loop", join(home, "loop"));
  expect((await load(home, { KLOROS_TUNED_LIMITS: "loop" })).limitOrigins.tuned.kind).toBe("ignored");
  if (process.getuid?.() === 0) return; // Root reads everything.
  chmodSync(join(home, "deployed/tune_bus/versions/v1/params.json"), 0);
  expect((await load(home)).limitOrigins.tuned.kind).toBe("ignored");
});
