import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { journalFields } from "../../src/log/journal-fields.ts";
import { MESSAGE_IDS } from "../../src/log/message-ids.ts";

const NAME = "kloros_policy_engine";
const line = (record: object) => journalFields(NAME, { level: "info", time: "t", daemon: NAME, ...record });

describe("a log line in the journal", () => {
  test("has the priority of its level, and a message that says what it is about", () => {
    expect(line({ msg: "Policies loaded", rules: 3, origin: "file" })).toEqual({
      MESSAGE: "Policies loaded (rules: 3, origin: file)",
      PRIORITY: "6",
      SYSLOG_IDENTIFIER: NAME,
      DAEMON: NAME,
      KLOROS_RULES: "3",
      KLOROS_ORIGIN: "file",
    });
    const priorities = ["fatal", "error", "warn", "info", "debug", "trace"].map(
      (level) => line({ level, msg: "x" })["PRIORITY"],
    );
    expect(priorities).toEqual(["2", "3", "4", "6", "7", "7"]);
  });

  test("of a known event has its MESSAGE_ID and the fields people search for", () => {
    const decision = {
      event: "decision",
      rule: "dream_on_promotions",
      outcome: "yes",
      signal: "Q_PROMOTIONS_DETECTED",
      id: "i",
      correlation_id: "c",
      msg: "Decided",
    };
    expect(line(decision)).toMatchObject({
      MESSAGE_ID: MESSAGE_IDS.decision,
      EVENT: "decision",
      RULE: "dream_on_promotions",
      OUTCOME: "yes",
      SIGNAL: "Q_PROMOTIONS_DETECTED",
      SIGNAL_ID: "i",
      CORRELATION_ID: "c",
    });
    expect(line({ event: "toString", msg: "x" })).not.toHaveProperty("MESSAGE_ID");
  });

  test("tells an error in its message, and its code and stack in fields", () => {
    const err = { type: "DiskFullError", message: "no room", code: "E_DISK_FULL", stack: "a\nb" };
    expect(line({ level: "error", err, msg: "Not written" })).toMatchObject({
      MESSAGE: "Not written: no room",
      ERROR_CODE: "E_DISK_FULL",
      ERROR_TYPE: "DiskFullError",
      ERROR_STACK: "a\nb",
    });
    expect(line({ error: "broken", code: "E_X", msg: "Dead letter" })).toMatchObject({
      MESSAGE: expect.stringContaining("Dead letter: broken") as string,
      ERROR_CODE: "E_X",
    });
  });

  test("is bounded in the number of its fields, their names and their values", () => {
    const many = Object.fromEntries(
      Array.from({ length: 200 }, (_, n) => [`field-${n}`, "y".repeat(10_000)]),
    );
    const fields = line({ ...many, ["x".repeat(300)]: 1, msg: "z".repeat(10_000) });
    expect(Object.keys(fields).length).toBeLessThan(60);
    for (const [name, value] of Object.entries(fields)) {
      expect(name).toMatch(/^[A-Z][A-Z0-9_]{0,63}$/);
      expect(value.length).toBeLessThanOrEqual(4_000);
    }
  });
});

describe("the catalogue for journalctl -x", () => {
  const catalog = readFileSync(new URL("../../../../systemd/kloros.catalog", import.meta.url), "utf8");
  const entries = catalog.split(/^-- /mu).slice(1);

  test("explains every class of events once, and what to do", () => {
    const ids = entries.map((entry) => entry.slice(0, 32));
    expect([...ids].sort()).toEqual(Object.values(MESSAGE_IDS).sort());
    for (const entry of entries) {
      expect(entry).toMatch(
        /^[0-9a-f]{32}\nSubject: \S.*\nDefined-By: KLoROS signal mesh\nSupport: \S.*\n\n\S/u,
      );
    }
  });

  test("refers only to fields that lines have", () => {
    const known = ["SIGNAL", "SIGNAL_ID", "CORRELATION_ID", "SOURCE", "DAEMON", "RULE", "OUTCOME", "REASON"];
    const more = ["FINGERPRINT", "ERROR_CODE", "ALERT_TYPE", "SEVERITY", "_SYSTEMD_UNIT"];
    for (const [, field] of catalog.matchAll(/@([A-Z_]+)@/gu)) expect([...known, ...more]).toContain(field);
  });

  test("has no subject with a field that some lines lack: journalctl would print its name", () => {
    const always = ["DAEMON", "SIGNAL", "SOURCE", "OUTCOME", "ALERT_TYPE", "SEVERITY"];
    const subjects = catalog.split("\n").filter((text) => text.startsWith("Subject: "));
    for (const [, field] of subjects.join("\n").matchAll(/@([A-Z_]+)@/gu)) expect(always).toContain(field);
  });

  test("and the documentation has the same ids", () => {
    const operations = readFileSync(new URL("../../../../docs/operations.md", import.meta.url), "utf8");
    for (const [event, id] of Object.entries(MESSAGE_IDS))
      expect(operations).toContain(`| \`${event}\` | \`${id}\``);
  });
});
