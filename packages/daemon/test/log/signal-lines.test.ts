import { fstatSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadContracts } from "@kloros/bus";
import { DgramSocket } from "node-unix-socket";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { encodeFields, openJournal } from "../../src/log/journal.ts";
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
    ]),
  );
  expect(lines).toEqual([]);
  await journal?.close();
});

test("what the journal does not take goes to stdout", () => {
  const { log, lines } = memoryLog();
  signalLines(log, "x", loadContracts(), { write: () => false, close: async () => undefined }).onEmitted(
    ENVELOPE,
  );
  expect(lines).toHaveLength(1);
});

test("without systemd, or with a redirected stdout, there is no journal", async () => {
  expect(await openJournal({}, "/dev/null")).toBeNull();
  expect(await openJournal({ JOURNAL_STREAM: "1:1" }, "/dev/null")).toBeNull();
  expect(await openJournal({ JOURNAL_STREAM: stream() }, "/nowhere")).toBeNull();
});

test("values with line breaks are written with their length", () => {
  expect(encodeFields({ A: "x", B: "1\n2" })).toEqual(Buffer.from("A=x\nB\n\x03\0\0\0\0\0\0\0" + "1\n2\n"));
});
