import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { loadContracts } from "../../src/signal/load-contracts.ts";
import { inputProblems } from "../../src/signal/signal-input.ts";
import { contractsOf } from "./contracts-of.ts";
import { SEED_EXAMPLES } from "./seed-examples.ts";

const contracts = loadContracts();
const trigger = { reason: "asked for", topic: null, promotion_count: 0 };

describe("every signal printed in the specification", () => {
  it.each(SEED_EXAMPLES.map((example) => [example.signal, example] as const))(
    "%s is accepted as input, as it stands",
    (signal, example) => {
      expect(inputProblems(example, contracts)).toEqual([]);
      expect(contracts.problemsOut(signal, example.facts)).toEqual([]);
      expect(contracts.mayEmit(example.source, signal)).toBe(true);
    },
  );
});

describe("the catalogue", () => {
  it("accepts every example of every contract, strictly and tolerantly", () => {
    for (const name of contracts.names) {
      const examples = contracts.get(name)!.schema["examples"] as readonly unknown[];
      expect(examples.length).toBeGreaterThan(0);
      for (const example of examples) {
        expect([name, contracts.problemsOut(name, example), contracts.problemsIn(name, example)]).toEqual([
          name,
          [],
          [],
        ]);
      }
    }
  });

  it("refuses every example with a required fact taken out, in both directions", () => {
    for (const name of contracts.names) {
      const { examples, required } = contracts.get(name)!.schema as {
        examples: object[];
        required: string[];
      };
      for (const fact of required) {
        const { [fact]: _gone, ...rest } = examples[0] as Record<string, unknown>;
        const missing = [{ path: `/${fact}`, message: "is required" }];
        expect([name, contracts.problemsOut(name, rest)]).toEqual([name, missing]);
        expect([name, contracts.problemsIn(name, rest)]).toEqual([name, missing]);
      }
    }
  });

  it("has nine daemons, each with a port of its own", () => {
    const ports = contracts.daemons.map((daemon) => daemon.port);
    expect(ports.sort()).toEqual([7777, 7778, 7779, 7780, 7781, 7782, 7783, 7784, 7785]);
  });

  it("lets the router emit what intents may ask for, and no D-REAM trigger", () => {
    expect(contracts.mayEmit("intent_router", "Q_CURIOSITY_INVESTIGATE")).toBe(true);
    expect(contracts.mayEmit("intent_router", "Q_SCAN_REQUESTED")).toBe(true);
    expect(contracts.mayEmit("intent_router", "Q_DREAM_TRIGGER")).toBe(false);
  });

  it("lets any daemon of the roster raise a health alert, and no stranger", () => {
    expect(contracts.emittersOf("Q_HEALTH_ALERT")).toEqual(contracts.daemons.map((daemon) => daemon.name));
    expect(contracts.mayEmit("tournament_consumer_daemon", "Q_HEALTH_ALERT")).toBe(true);
    expect(contracts.mayEmit("stranger", "Q_HEALTH_ALERT")).toBe(false);
  });

  it("tells each daemon what it consumes", () => {
    expect(contracts.consumedBy("capability_integrator_daemon")).toEqual(["Q_INVESTIGATION_COMPLETE"]);
    expect(contracts.consumedBy("stranger")).toEqual([]);
  });

  it("makes the monitor a watcher of every signal with which a wait begins or ends", () => {
    const expecting = contracts.names.flatMap((name) => {
      const expects = contracts.get(name)!.expects;
      return expects === null ? [] : [name, ...expects.any_of];
    });
    expect(expecting).toContain("Q_CURIOSITY_INVESTIGATE");
    expect(contracts.consumedBy("orchestrator_monitor")).toEqual(expect.arrayContaining(expecting));
    const listed = (name: string) => contracts.consumersOf(name).includes("orchestrator_monitor");
    expect(expecting.filter(listed)).toEqual(["Q_DAEMON_RESTART_REQUESTED"]);
    for (const name of expecting.filter((one) => !listed(one)))
      expect(contracts.watchersOf(name)).toEqual(["orchestrator_monitor"]);
    expect(contracts.consumersOf("Q_CURIOSITY_INVESTIGATE")).not.toContain("orchestrator_monitor");
  });

  it("knows no watcher where nothing is awaited, and none that is a listed consumer anyway", () => {
    expect(contracts.watchersOf("Q_MODULE_DISCOVERED")).toEqual([]);
    expect(contracts.watchersOf("Q_NOT_THERE")).toEqual([]);
    const expects = { any_of: ["Q_B_B"], within_seconds: 1, on_timeout: "Q_C_C", suggested_action: "x" };
    const small = contractsOf(
      { name: "Q_A_A", expects },
      { name: "Q_B_B" },
      { name: "Q_C_C", emitters: ["b"] },
    );
    expect(small.watchersOf("Q_A_A")).toEqual([]); // `b` is its consumer.
    expect([...small.consumedBy("b")].sort()).toEqual(["Q_A_A", "Q_B_B", "Q_C_C"]);
  });
});

describe("facts", () => {
  it("with a member that the contract does not know are refused going out, kept coming in", () => {
    const facts = { ...trigger, colour: "blue" };
    expect(contracts.problemsOut("Q_DREAM_TRIGGER", facts)).toEqual([
      { path: "/colour", message: "is not known to the contract" },
    ]);
    expect(contracts.problemsIn("Q_DREAM_TRIGGER", facts)).toEqual([]);
    expect(facts.colour).toBe("blue");
  });

  it("may hold anything at a level that the contract leaves open", () => {
    const facts = {
      question: "?",
      question_id: "q",
      priority: "low",
      evidence: [],
      context: { any: { thing: 1 } },
    };
    expect(contracts.problemsOut("Q_CURIOSITY_INVESTIGATE", facts)).toEqual([]);
  });

  it("that are valid cost no allocation: the answer is one shared, frozen array", () => {
    const answers = [
      contracts.problemsOut("Q_DREAM_TRIGGER", trigger),
      contracts.problemsIn("Q_DREAM_TRIGGER", trigger),
    ];
    expect(answers[0]).toBe(answers[1]);
    expect(Object.isFrozen(answers[0])).toBe(true);
  });

  it("are told all their problems at once, with path, rule and what stood there", () => {
    expect(
      contracts.problemsOut("Q_INVESTIGATION_COMPLETE", {
        question_id: "",
        investigation_timestamp: "today",
        confidence: 1.5,
        evidence_count: -1,
        status: "perhaps",
      }),
    ).toEqual([
      { path: "/hypothesis", message: "is required" },
      { path: "/question_id", message: 'must have at least 1 characters (got "")' },
      { path: "/investigation_timestamp", message: 'must match ^[0-9]{8}_[0-9]{6}$ (got "today")' },
      { path: "/confidence", message: "must be at most 1 (got 1.5)" },
      { path: "/evidence_count", message: "must be at least 0 (got -1)" },
      { path: "/status", message: 'must be one of completed, failed (got "perhaps")' },
    ]);
  });

  it.each([null, undefined, 1, "text", [], true])("that are %j are refused, not thrown over", (facts) => {
    expect(contracts.problemsOut("Q_DREAM_TRIGGER", facts)[0]).toMatchObject({ path: "" });
    expect(contracts.problemsIn("Q_DREAM_TRIGGER", facts)[0]).toMatchObject({ path: "" });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    "with the number %d are refused: JSON has no such number",
    (number) => {
      const facts = { ...trigger, promotion_count: number };
      expect(contracts.problemsOut("Q_DREAM_TRIGGER", facts)).not.toEqual([]);
    },
  );

  it("with half a million wrong items are refused in a few words", () => {
    const facts = {
      question: "?",
      question_id: "q",
      priority: "low",
      evidence: Array.from({ length: 500_000 }, () => 1),
    };
    const problems = contracts.problemsOut("Q_CURIOSITY_INVESTIGATE", facts);
    expect(problems.length).toBeLessThanOrEqual(20);
    expect(JSON.stringify(problems).length).toBeLessThan(5000);
  });

  it("count characters, not UTF-16 units, against a limit", () => {
    const questionId = (length: number) => ({
      question: "?",
      question_id: "🎧".repeat(length),
      priority: "low",
      evidence: [],
    });
    expect(contracts.problemsOut("Q_CURIOSITY_INVESTIGATE", questionId(1024))).toEqual([]);
    expect(contracts.problemsOut("Q_CURIOSITY_INVESTIGATE", questionId(1025))).toHaveLength(1);
  });

  it("of an unknown signal are refused, with the names that come close", () => {
    const [problem] = contracts.problemsOut("Q_DREAM_TIGGER", trigger);
    expect(problem!.message).toContain("no contract is named Q_DREAM_TIGGER");
    expect(problem!.message).toContain("Q_DREAM_TRIGGER");
    expect(contracts.problemsOut("constructor", trigger)).toHaveLength(1);
  });
});

describe("a process that uses the catalogue", () => {
  it("does not load ajv: its validators were generated", () => {
    const child = fileURLToPath(new URL("children/use-catalogue.mjs", import.meta.url));
    const { stdout, stderr } = spawnSync(process.execPath, [child], { encoding: "utf8" });
    expect({ stdout: stdout.trim(), stderr }).toEqual({
      stdout: '{"valid":true,"ajvCore":false}',
      stderr: "",
    });
  });
});
