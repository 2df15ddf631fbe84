import { describe, expect, it } from "vitest";
import { freePort } from "../../src/new/free-port.ts";
import { daemonNames, knownOr, signalConflict, signalNameProblem } from "../../src/new/names.ts";

describe("the names of a new daemon", () => {
  it("follow from one, however its words are joined", () => {
    for (const given of ["word-counter", "word_counter"]) {
      expect(daemonNames(given, undefined)).toEqual({
        kind: "named",
        names: {
          daemon: "word_counter",
          package: "word-counter",
          setup: "wordCounter",
          requested: "Q_WORD_COUNTER_REQUESTED",
          done: "Q_WORD_COUNTER_DONE",
          failed: "Q_WORD_COUNTER_FAILED",
          timeout: "Q_WORD_COUNTER_TIMEOUT",
        },
      });
    }
  });

  it("follow from the signal that says the work is done, where that is given", () => {
    expect(daemonNames("scribe", "Q_DAILY_NOTES_WRITTEN")).toMatchObject({
      names: { daemon: "scribe", requested: "Q_DAILY_NOTES_REQUESTED", done: "Q_DAILY_NOTES_WRITTEN" },
    });
  });

  it("are never words that the sources cannot use for a function", () => {
    for (const given of ["delete", "class", "import", "settings", "daemon"])
      expect(daemonNames(given, undefined)).toMatchObject({ names: { setup: `${given}Daemon` } });
  });

  it.each([
    ["Word Counter", undefined, "for example word-counter"],
    ["wordCounter", undefined, "for example word-counter"],
    ["9lives", undefined, "for example lives"],
    ["", undefined, "cannot be a daemon's name"],
    ["x".repeat(41), undefined, "at most 40 characters"],
    ["../etc", undefined, "for example etc"],
    ["a--b", undefined, "for example a-b"],
    ["limits", undefined, "a name of the mesh itself"],
    ["journal", undefined, "such as my-journal"],
    ["chem-bus", undefined, "such as my-chem-bus"],
    ["config", undefined, "has a source of the name config"],
    ["scribe", "notes written", "for example Q_NOTES_WRITTEN"],
    ["scribe", "Q_NOTES", "for example Q_NOTES_DONE"],
    ["scribe", "Q_NOTES_FAILED", "such as Q_NOTES_DONE"],
  ])("%j with signal %j are refused with a remedy", (given, signal, words) => {
    const refused = daemonNames(given, signal);
    expect(refused.kind).toBe("refused");
    expect(refused.kind === "refused" && refused.message).toContain(words);
  });
});

describe("the name of a new signal", () => {
  it("is taken as it is, or another is proposed that would do", () => {
    expect(signalNameProblem("Q_NOTE_TAKEN")).toBeNull();
    expect(signalNameProblem("note taken")).toContain("for example Q_NOTE_TAKEN");
    expect(signalNameProblem("!")).toContain("for example Q_NOTE_TAKEN");
  });

  it("is no other's, and neither begins another nor is begun by one", () => {
    const known = ["Q_NOTE_TAKEN", "Q_DREAM_TRIGGER"];
    expect(signalConflict("Q_NOTE_LOST", known)).toBeNull();
    expect(signalConflict("Q_NOTE_TAKEN", known)).toContain("already");
    expect(signalConflict("Q_NOTE_TAKEN_TWICE", known)).toContain("Q_NOTE_TAKEN begin alike");
    expect(signalConflict("Q_DREAM", known)).toContain("begin alike");
  });

  it("that is misspelt is known again", () => {
    expect(knownOr("Q_NOTE_TAKN", ["Q_NOTE_TAKEN"], "signal")).toMatchObject({
      message: expect.stringContaining("did you mean Q_NOTE_TAKEN?") as string,
    });
  });
});

it("a new daemon's port and ledger are nobody else's port or ledger", () => {
  expect(freePort([{ port: 7777 }, { port: 7785 }])).toBe(7901);
  expect(freePort([{ port: 7901 }, { port: 8002 }])).toBe(7903);
  expect(freePort([{ port: 7801 }])).toBe(7902);
});
