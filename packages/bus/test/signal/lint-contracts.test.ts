import { describe, expect, it } from "vitest";
import type { Expectation } from "../../src/signal/contract.ts";
import { lintContracts } from "../../src/signal/lint-contracts.ts";
import { loadContracts } from "../../src/signal/load-contracts.ts";
import { contractsOf, type ContractChanges } from "./contracts-of.ts";

const fromBToA = { emitters: ["b"], consumers: ["a"] } as const;
const guard = "It ends after one round.";

function expecting(changes: Partial<Expectation> = {}): { expects: Expectation } {
  return {
    expects: {
      any_of: ["Q_WORK_DONE"],
      within_seconds: 60,
      on_timeout: "Q_WORK_TIMEOUT",
      suggested_action: "restart",
      ...changes,
    },
  };
}

const DONE: ContractChanges = { name: "Q_WORK_DONE", ...fromBToA, guard };
const TIMEOUT: ContractChanges = {
  name: "Q_WORK_TIMEOUT",
  ...fromBToA,
  guard,
  schema: {
    type: "object",
    properties: { question_id: { type: "string", description: "What was waited for." } },
    required: ["question_id"],
    additionalProperties: false,
    examples: [{ question_id: "x" }],
  },
};
const WAITED_FOR = [DONE, TIMEOUT];

function findings(...contracts: readonly ContractChanges[]) {
  return lintContracts(contractsOf(...contracts));
}

describe("the contract lint", () => {
  it("finds nothing in the catalogue that is shipped", () => {
    expect(lintContracts(loadContracts())).toEqual([]);
  });

  it("finds nothing in a sound mesh with a fulfilled expectation", () => {
    expect(findings({ name: "Q_WORK_WANTED", ...expecting({ match: "/key" }) }, ...WAITED_FOR)).toEqual([]);
  });

  it.each([
    ["an unknown emitter", "unknown-daemon", "stranger", [{ name: "Q_A_B", emitters: ["stranger"] }]],
    ["an unknown consumer", "unknown-daemon", "stranger", [{ name: "Q_A_B", consumers: ["b", "stranger"] }]],
    ["a signal that nobody emits", "never-emitted", "", [{ name: "Q_A_B", emitters: [] }]],
    ["a signal that nobody consumes", "never-consumed", "", [{ name: "Q_A_B", consumers: [] }]],
    [
      "ingress that nobody may emit",
      "ingress-without-emitter",
      "",
      [{ name: "Q_A_B", emitters: [], ingress: true }],
    ],
    [
      "a name that begins another",
      "name-is-prefix",
      "Q_SCAN_DONE_LATE",
      [{ name: "Q_SCAN_DONE" }, { name: "Q_SCAN_DONE_LATE" }],
    ],
    [
      "an ordering key that is no fact",
      "unknown-fact",
      "/topic",
      [{ name: "Q_A_B", ordering_key: "/topic" }],
    ],
    [
      "an ordering key inside a fact that has no such member",
      "unknown-fact",
      "/key/x",
      [{ name: "Q_A_B", ordering_key: "/key/x" }],
    ],
    [
      "a match that is no fact",
      "unknown-fact",
      "/topic",
      [{ name: "Q_WORK_WANTED", ...expecting({ match: "/topic" }) }, ...WAITED_FOR],
    ],
    [
      "an expectation without contract",
      "unfulfillable-expectation",
      "Q_NOT_THERE",
      [{ name: "Q_WORK_WANTED", ...expecting({ any_of: ["Q_NOT_THERE"] }) }, ...WAITED_FOR],
    ],
    [
      "an expectation that no consumer leads to",
      "unfulfillable-expectation",
      "Q_WORK_DONE",
      [{ name: "Q_WORK_WANTED", ...expecting() }, { ...DONE, emitters: ["a"], consumers: ["b"] }, TIMEOUT],
    ],
    [
      "a timeout without contract",
      "unfulfillable-expectation",
      "Q_NOT_THERE",
      [{ name: "Q_WORK_WANTED", ...expecting({ on_timeout: "Q_NOT_THERE" }) }, ...WAITED_FOR],
    ],
    [
      "a timeout that is awaited itself",
      "unfulfillable-expectation",
      "Q_WORK_DONE",
      [{ name: "Q_WORK_WANTED", ...expecting({ on_timeout: "Q_WORK_DONE" }) }, ...WAITED_FOR],
    ],
    [
      "a timeout that any daemon may emit: nobody would watch",
      "unfulfillable-expectation",
      "name the one that watches",
      [{ name: "Q_WORK_WANTED", ...expecting() }, DONE, { ...TIMEOUT, emitters: ["*"] }],
    ],
    [
      "a timeout that requires a fact which no watchdog can give",
      "unfulfillable-expectation",
      "requires key",
      [{ name: "Q_WORK_WANTED", ...expecting() }, DONE, { name: "Q_WORK_TIMEOUT", ...fromBToA, guard }],
    ],
    [
      "a wait that begins with telemetry",
      "unfulfillable-expectation",
      "Q_WORK_WANTED is telemetry",
      [{ name: "Q_WORK_WANTED", kind: "telemetry", ...expecting() }, ...WAITED_FOR],
    ],
    [
      "a wait that ends with telemetry",
      "unfulfillable-expectation",
      "Q_WORK_DONE is telemetry",
      [{ name: "Q_WORK_WANTED", ...expecting() }, { ...DONE, kind: "telemetry" }, TIMEOUT],
    ],
    [
      "a timeout that asks again for ever",
      "unguarded-cycle",
      "Q_WORK_TIMEOUT → Q_WORK_WANTED → Q_WORK_TIMEOUT",
      [
        { name: "Q_WORK_WANTED", ...expecting() },
        { ...DONE, consumers: ["b"] },
        { ...TIMEOUT, guard: null },
      ],
    ],
    [
      "a cycle without a guard",
      "unguarded-cycle",
      "Q_A_B → Q_B_A → Q_A_B",
      [{ name: "Q_A_B" }, { name: "Q_B_A", ...fromBToA }],
    ],
    [
      "a signal that may cause itself",
      "unguarded-cycle",
      "Q_A_A → Q_A_A",
      [{ name: "Q_A_A", consumers: ["a"] }],
    ],
  ] satisfies [string, string, string, ContractChanges[]][])(
    "refuses %s",
    (_what, rule, words, contracts) => {
      const found = findings(...contracts).filter((finding) => finding.rule === rule);
      expect(found).not.toEqual([]);
      for (const { message } of found) expect(message).toContain(words);
    },
  );

  it("refuses an example that the contract itself refuses", () => {
    const schema = {
      type: "object",
      properties: { key: { type: "string" } },
      required: ["key"],
      additionalProperties: false,
      examples: [{ key: "x" }, { key: 1 }, { key: "x", extra: true }],
    };
    expect(findings({ name: "Q_A_B", schema })).toMatchObject([
      { rule: "invalid-example", pointer: "/examples/1/key", message: "must be string (got 1)" },
      { rule: "invalid-example", pointer: "/examples/2/extra", message: "is not known to the contract" },
    ]);
  });

  it.each([
    ["a keyword that is none", { type: "string", lenght: 3 }, "/properties/key/lenght"],
    ["a type that is none", { type: "sting" }, "/properties/key/type"],
    ["a format that is not known here", { type: "string", format: "emial" }, "/properties/key"],
    ["a pattern that is no regular expression", { type: "string", pattern: "(" }, "/properties/key/pattern"],
    ["a reference to nothing", { $ref: "#/$defs/nothing" }, "/properties/key/$ref"],
  ])("refuses a schema with %s, and says where and what to do", (_what, key, pointer) => {
    const file = "/contracts/signals/Q_A_B.schema.json";
    const schema = { type: "object", properties: { key }, examples: [{ key: "x" }] };
    expect(findings({ name: "Q_A_B", file, schema })).toMatchObject([
      { rule: "invalid-schema", signal: "Q_A_B", file, pointer, remedy: expect.stringContaining("2020-12") },
    ]);
  });

  it("takes a watcher to cause the timeout only, not all else that it emits", () => {
    const more: ContractChanges = { name: "Q_OTHER_NOTE", emitters: ["b"], consumers: ["a"], guard };
    const asked: ContractChanges = { name: "Q_WORK_WANTED", emitters: ["a"], consumers: ["b"], guard };
    const awaitingNote = { ...asked, consumers: ["a"], ...expecting({ any_of: ["Q_OTHER_NOTE"] }) };
    // `b` watches the request and emits the note, but not because it watches.
    expect(findings(awaitingNote, more, TIMEOUT).map(({ message }) => message)).toEqual([
      "expects Q_OTHER_NOTE, but no consumer of Q_WORK_WANTED leads to it",
    ]);
  });

  it("accepts a cycle once one of its signals says why it ends", () => {
    expect(findings({ name: "Q_A_B", guard }, { name: "Q_B_A", ...fromBToA })).toEqual([]);
  });

  it("still finds the cycle beside a guarded one", () => {
    const loop: ContractChanges = { name: "Q_LOOP_AGAIN", emitters: ["b"], consumers: ["b"] };
    const rules = findings({ name: "Q_A_B", guard }, { name: "Q_B_A", ...fromBToA }, loop);
    expect(rules.map(({ rule, signal }) => [rule, signal])).toEqual([["unguarded-cycle", "Q_LOOP_AGAIN"]]);
  });

  it("counts every daemon as emitter where the contract says any", () => {
    const alert: ContractChanges = { name: "Q_HEALTH_ALERT", emitters: ["*"] };
    expect(findings(alert).map((finding) => finding.rule)).toEqual(["unguarded-cycle"]);
    expect(findings({ ...alert, guard })).toEqual([]);
  });
});
