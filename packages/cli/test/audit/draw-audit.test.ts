import type { AuditRow } from "@kloros/bus";
import pc from "picocolors";
import { expect, test } from "vitest";
import { drawAudit } from "../../src/audit/draw-audit.ts";
import { markWatchers } from "../../src/audit/mark-watchers.ts";

const row = (consumer: string): AuditRow => ({
  signal: "Q_DREAM_TRIGGER",
  emitter: "kloros_policy_engine",
  consumer,
  emitted: 2,
  handled: 2,
  dead_lettered: 0,
  pending: 0,
  expired: 0,
  balanced: true,
  note: null,
});

test("who only watches a signal is told from its consumers, in the table and in JSON", () => {
  const audit = {
    balanced: true,
    rows: [row("dream_consumer_daemon"), row("orchestrator_monitor")],
    unreadable: [],
  };
  const marked = markWatchers(audit, { watchersOf: () => ["orchestrator_monitor"] });
  expect(marked.rows.map(({ watches }) => watches)).toEqual([false, true]);
  const lines = drawAudit(marked, pc.createColors(false));
  expect(lines[1]).not.toContain("(watches)");
  expect(lines[2]).toContain("orchestrator_monitor (watches)");
});

test("pairs that no signal has come to are counted in one line, and shown with --all", () => {
  const idle = { ...row("winner_deployer_daemon"), emitted: 0, handled: 0 };
  const audit = { balanced: true, rows: [row("dream_consumer_daemon"), idle], unreadable: [] };
  const marked = markWatchers(audit, { watchersOf: () => [] });
  const short = drawAudit(marked, pc.createColors(false)).join("\n");
  expect(short).not.toContain("winner_deployer_daemon");
  expect(short).toContain("and 1 without a signal yet");
  expect(drawAudit(marked, pc.createColors(false), true).join("\n")).toContain("winner_deployer_daemon");
});
