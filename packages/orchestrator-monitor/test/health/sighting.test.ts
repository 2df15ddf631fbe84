import { describe, expect, it } from "vitest";
import { type Knowledge, sight } from "../../src/supervision/sighting.ts";

const NOW = Date.parse("2025-11-15T10:30:00Z");
const NOTHING: Knowledge = {
  answer: null,
  supervised: null,
  isLeftOut: false,
  lockedSinceMs: null,
  lastEnd: null,
  nowMs: NOW,
};
const seen = (known: Partial<Knowledge>): string => {
  const sighting = sight({ ...NOTHING, ...known });
  return sighting.kind === "well"
    ? "well"
    : sighting.kind === "silent"
      ? `silent${sighting.alive ? "" : ", gone"}`
      : sighting.what;
};
const phase = (name: string) => ({ supervised: { name: "d", phase: name, reason: "exit 1" } });

describe("a daemon is not sick", () => {
  it("while it starts or stops, or when nobody wants it to run", () => {
    expect(seen({ answer: { state: "starting" } })).toBe("starting");
    expect(seen({ answer: { state: "stopping" } })).toBe("stopping");
    expect(seen({ answer: { state: "ready" } })).toBe("well");
    expect(seen(phase("starting"))).toBe("starting");
    expect(seen(phase("stopped"))).toBe("stopped");
    expect(seen({ isLeftOut: true })).toBe("left_out");
    expect(seen({ lastEnd: "clean" })).toBe("stopped");
    expect(seen({ lockedSinceMs: NOW - 1_000 })).toBe("starting");
    expect(seen({})).toBe("not_installed");
  });
});

describe("a daemon is meant to run and does not", () => {
  it("when its supervisor says so, its process is deaf, or its last one was killed", () => {
    expect(seen(phase("ready"))).toBe("silent");
    expect(seen(phase("aborting"))).toBe("silent");
    expect(seen(phase("backoff"))).toBe("silent, gone");
    expect(seen(phase("failed"))).toBe("silent, gone");
    expect(seen({ lockedSinceMs: NOW - 120_000 })).toBe("silent");
    expect(seen({ lockedSinceMs: NOW - 120_000, isLeftOut: true })).toBe("silent");
    expect(seen({ lastEnd: "unclean" })).toBe("silent, gone");
  });
});
