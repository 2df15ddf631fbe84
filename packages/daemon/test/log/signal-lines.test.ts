import { fstatSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadContracts } from "@kloros/bus";
import { DgramSocket } from "node-unix-socket";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { journalDestination } from "../../src/log/create-log.ts";
import { encodeFields, openJournal } from "../../src/log/journal.ts";
import { MESSAGE_IDS } from "../../src/log/message-ids.ts";
import { signalLines } from "../../src/log/signal-lines.ts";

const ENVELOPE = {
  signal: "Q_DREAM_TRIGGER",
  id: "i",
  correlation_id: "c",
  causation_id: null,
  source: "kloros_policy_engine",
  facts: { reason: "two\nlines" },
} as const;

function memoryLog(level = "info") {
  const lines: Record<string, unknown>[] = [];
  return {
    lines,
    log: pino(
      { level, base: null, timestamp: false },
      { write: (line: string) => void lines.push(JSON.parse(line)) },
    ),
  };
}

/** `JOURNAL_STREAM` as systemd would set it for this very stdout. */
const stream = () => `${fstatSync(1).dev}:${fstatSync(1).ino}`;

test("the line names the package with underscores, as the units are named", () => {
  const { log, lines } = memoryLog();
  signalLines(log, "kloros_policy_engine", loadContracts()).onEmitted(ENVELOPE);
  expect(lines[0]).toMatchObject({
    signal: "Q_DREAM_TRIGGER",
    msg: '[policy_engine] Emitted Q_DREAM_TRIGGER: {"reason":"two\\nlines"}',
  });
});

test("nothing is written when the level is above info", () => {
  const { log, lines } = memoryLog("warn");
  signalLines(log, "x", loadContracts()).onReceived(ENVELOPE);
  expect(lines).toEqual([]);
});

test("under systemd the line goes to the journal with its fields, and not to stdout as well", async () => {
  const path = join(mkdtempSync(join(tmpdir(), "kloros-journal-")), "socket");
  const receiver = new DgramSocket();
  receiver.bind(path);
  onTestFinished(() => receiver.close());
  const received = new Promise<string>((resolve) =>
    receiver.once("data", (bytes: Buffer) => resolve(bytes.toString())),
  );
  const journal = await openJournal({ JOURNAL_STREAM: stream() }, path);
  const { log, lines } = memoryLog();
  signalLines(log, "kloros_policy_engine", loadContracts(), journal).onEmitted(ENVELOPE);
  expect((await received).split("\n")).toEqual(
    expect.arrayContaining([
      "SIGNAL=Q_DREAM_TRIGGER",
      "SIGNAL_ID=i",
      "CORRELATION_ID=c",
      "DAEMON=kloros_policy_engine",
      "PRIORITY=6",
      `MESSAGE_ID=${MESSAGE_IDS.emitted}`,
    ]),
  );
  expect(lines).toEqual([]);
  await journal?.close();
});

test("what the journal does not take goes to stdout", () => {
  const { log, lines } = memoryLog();
  const full = { write: () => false, pending: 0, close: async () => undefined };
  signalLines(log, "x", loadContracts(), full).onEmitted(ENVELOPE);
  expect(lines).toHaveLength(1);
});

test("an alert is told once more, in words and at its severity; a dead letter as an error", () => {
  const { log, lines } = memoryLog("warn");
  const { onEmitted, onDeadLettered } = signalLines(log, "x", loadContracts());
  const facts = { alert_type: "disk_space_low", severity: "warning", metric_value: "95 %" };
  onEmitted({ ...ENVELOPE, signal: "Q_HEALTH_ALERT", facts });
  onEmitted({ ...ENVELOPE, signal: "Q_HEALTH_ALERT", facts: { ...facts, severity: "critical" } });
  onEmitted({ ...ENVELOPE, signal: "Q_HEALTH_ALERT", facts: { ...facts, severity: "info" } });
  onDeadLettered({
    signal: null,
    id: null,
    correlation_id: null,
    error: "no JSON",
    code: "E_X",
    fingerprint: "f",
    attempts: 1,
  });
  expect(lines).toEqual([
    expect.objectContaining({ level: 40, event: "alert", ...facts }),
    expect.objectContaining({ level: 50, event: "alert", alert_type: "disk_space_low" }),
    expect.objectContaining({
      level: 50,
      event: "dead_letter",
      fingerprint: "f",
      code: "E_X",
      error: "no JSON",
    }),
  ]);
});

test("lines that the journal gives back go to stdout as text with their priority, a fatal one also when it is on its way", () => {
  const out: string[] = [];
  const taken: unknown[] = [];
  const state = { takes: false, pending: 0 };
  const journal = {
    write: (fields: unknown) => state.takes && taken.push(fields) > 0,
    get pending() {
      return state.pending;
    },
    close: async () => undefined,
  };
  const log = pino(
    { base: null, timestamp: false, formatters: { level: (level) => ({ level }) } },
    journalDestination("x", journal, { write: (line) => void out.push(line) }),
  );
  log.error("one");
  expect(out).toEqual([`<3>{"level":"error","msg":"one"}\n`]);
  state.takes = true;
  log.warn("two");
  expect(out).toHaveLength(1);
  state.pending = 1;
  log.fatal("three");
  expect(out[1]).toMatch(/^<2>/);
  expect(taken).toHaveLength(2);
});

test("without systemd, or with a redirected stdout, there is no journal", async () => {
  expect(await openJournal({}, "/dev/null")).toBeNull();
  expect(await openJournal({ JOURNAL_STREAM: "1:1" }, "/dev/null")).toBeNull();
  expect(await openJournal({ JOURNAL_STREAM: stream() }, "/nowhere")).toBeNull();
});

test("values with line breaks are written with their length", () => {
  expect(encodeFields({ A: "x", B: "1\n2" })).toEqual(Buffer.from("A=x\nB\n\x03\0\0\0\0\0\0\0" + "1\n2\n"));
});
