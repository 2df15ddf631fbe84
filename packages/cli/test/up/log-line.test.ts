import { expect, test } from "vitest";
import { paintFor } from "../../src/program/paint.ts";
import { formatLogRecord, parseLogLine } from "../../src/up/log-line.ts";

const plain = paintFor({ isTTY: false });
const now = new Date(2026, 0, 1, 12, 0, 1, 5);

function shown(line: string): string {
  return formatLogRecord({ ...parseLogLine(line, now), time: now }, "intent_router", {
    paint: plain,
    nameWidth: 14,
    width: 200,
  });
}

test("an emission is shown with its facts abbreviated and the id to trace", () => {
  const msg = '[intent_router] Emitted Q_X_DONE: {"question_id":"q.1","evidence":["a","b"]}';
  const line = shown(
    JSON.stringify({ level: "info", daemon: "intent_router", signal: "Q_X_DONE", id: "0191", msg }),
  );
  expect(line).toBe(
    '12:00:01.005 intent_router  Emitted Q_X_DONE  question_id=q.1 evidence=["a","b"]  id=0191',
  );
});

test("fields follow the message, housekeeping does not", () => {
  const line = shown(
    '{"level":"warn","time":"2026-01-01T00:00:00Z","daemon":"d","file":"a b.json","n":2,"msg":"Intent rejected"}',
  );
  expect(line).toBe('12:00:01.005 intent_router  Intent rejected  file="a b.json" n=2');
});

test("an error shows its message, a fatal error the head of its stack", () => {
  const err = { type: "Error", message: "boom", stack: "Error: boom\n    at a\n    at b" };
  expect(shown(JSON.stringify({ level: "error", msg: "Failed", err }))).toContain("Failed  boom");
  expect(shown(JSON.stringify({ level: "fatal", msg: "Failed", error: err }))).toContain(
    "\n    Error: boom\n        at a",
  );
});

test.each(["plain words", "{broken json", '{"no":"message"}', "12"])(
  "a line that is no log record is shown as it is: %s",
  (line) => {
    expect(shown(line)).toContain(line);
  },
);

test("control characters in a line are written out", () => {
  expect(shown("\u001b]0;title\u0007")).toContain("\\x1b]0;title\\x07");
});

test("a line of a foreign time or level is shown all the same", () => {
  expect(parseLogLine('{"msg":"x","time":"never","level":"loud"}', now)).toMatchObject({
    time: now,
    level: 30,
  });
});

test("a line is cut to the width of the window, but not what went wrong", () => {
  const style = { paint: plain, nameWidth: 14, width: 100 };
  const record = parseLogLine(JSON.stringify({ level: "info", msg: "m".repeat(300) }), now);
  expect(formatLogRecord(record, "intent_router", style)).toHaveLength(100);
  expect(formatLogRecord({ ...record, level: 40 }, "intent_router", style)).toContain("m".repeat(300));
});
