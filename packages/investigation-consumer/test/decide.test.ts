import type { Envelope } from "@kloros/bus";
import { describe, expect, it } from "vitest";
import type { InvestigationOutcome } from "../src/analysis/findings.ts";
import { askedModule, completionOf, recordOf } from "../src/decide.ts";
import { fitDetail } from "../src/analysis/fit-detail.ts";
import { found, tempTree } from "./temp-tree.ts";

const STARTED = new Date("2025-11-15T10:30:00.250Z");
const FINISHED = new Date("2025-11-15T10:30:01.750Z");

function question(facts: Partial<Envelope<"Q_CURIOSITY_INVESTIGATE">["facts"]> = {}) {
  const asked = {
    question: "What does it do?",
    question_id: "discover.module.audio",
    priority: "normal",
    evidence: [],
    ...facts,
  };
  return {
    signal: "Q_CURIOSITY_INVESTIGATE",
    id: "0199d2a4-7a00-7000-8000-000000000001",
    facts: asked,
  } as unknown as Envelope<"Q_CURIOSITY_INVESTIGATE">;
}

describe("which module a question is about", () => {
  it("reads paths from the evidence and the name from the question id", () => {
    expect(
      askedModule({
        question_id: "discover.module.audio",
        evidence: ["path:/w/src/audio", "has_init:true", "path: src/b "],
      }),
    ).toEqual({
      paths: ["/w/src/audio", "src/b"],
      module_name: "audio",
    });
    expect(
      askedModule({ question_id: "reinvestigate.discover.module.src.audio", evidence: [] }).module_name,
    ).toBe("src.audio");
    expect(askedModule({ question_id: "discover.module.@acme/store", evidence: [] }).module_name).toBe(
      "@acme/store",
    );
  });

  it("finds none in a question about something else", () => {
    for (const question_id of [
      "curiosity_why_slow",
      "discover.module",
      "discover.module.",
      "rediscover.module.x",
    ]) {
      expect(askedModule({ question_id, evidence: ["path:", "note:x"] })).toEqual({
        paths: [],
        module_name: null,
      });
    }
  });
});

describe("the record and what is emitted of it", () => {
  it("says all about a module that was found", async () => {
    const workspace = await tempTree({ "audio/__init__.py": "def play(): ...\n" });
    const record = recordOf(question(), await found(workspace, { module_name: "audio" }), STARTED, FINISHED);
    expect(record).toMatchObject({
      investigation_id: "inv_0199d2a4-7a00-7000-8000-000000000001",
      status: "completed",
      hypothesis: "UNDISCOVERED_MODULE_audio",
      capabilities: ["play"],
      module: { name: "audio", import_path: "audio" },
      duration_ms: 1_500,
    });
    expect(record.evidence).toEqual(
      expect.arrayContaining([`path:${workspace}/audio`, "has_init:true", "functions:1"]),
    );
    expect(completionOf(record)).toEqual({
      question_id: "discover.module.audio",
      investigation_timestamp: "20251115_103001",
      hypothesis: "UNDISCOVERED_MODULE_audio",
      confidence: record.confidence,
      evidence_count: record.evidence.length,
      investigation_id: record.investigation_id,
      status: "completed",
    });
  });

  it("says why an investigation failed", () => {
    const outcome: InvestigationOutcome = {
      kind: "failed",
      error: { type: "PathNotFound", message: "x".repeat(5_000) },
      notes: [],
    };
    const record = recordOf(question(), outcome, STARTED, FINISHED);
    expect(completionOf(record)).toMatchObject({
      status: "failed",
      hypothesis: "INVESTIGATION_FAILED",
      confidence: 0,
      evidence_count: 0,
      error_type: "PathNotFound",
    });
    expect(record.error?.message).toHaveLength(1_000);
  });

  it("gives the registry a name that it takes", async () => {
    const workspace = await tempTree({ "a/x.py": "x = 1\n" });
    const outcome = await found(workspace, { paths: ["a"] });
    const nameOf = (name: string) =>
      recordOf(question(), { ...outcome, module: { ...outcome.module, name } }, STARTED, FINISHED).hypothesis;
    expect(nameOf("@acme/store")).toBe("UNDISCOVERED_MODULE_@acme/store");
    expect(nameOf("../a b/ü\n")).toBe("UNDISCOVERED_MODULE__a_b_");
    expect(nameOf("ü")).toBe("UNDISCOVERED_MODULE__");
    expect(nameOf("...")).toBe("UNDISCOVERED_MODULE_module");
    expect(nameOf("x".repeat(500))).toHaveLength("UNDISCOVERED_MODULE_".length + 128);
  });

  it("leaves out detail, least important first, until the record fits its limit", async () => {
    const body = Array.from(
      { length: 40 },
      (_, index) =>
        `def function_${index}(argument: "a long annotation") -> "another long one":\n    """Doc ${"word ".repeat(20)}"""\n`,
    ).join("");
    const workspace = await tempTree(
      Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`m/f${index}.py`, `import os\n${body}`])),
    );
    const record = recordOf(question(), await found(workspace, { paths: ["m"] }), STARTED, FINISHED);
    const details: string[] = [];
    for (let limit = 1e9; details.at(-1) !== "none";) {
      const fitted = fitDetail(record, limit);
      expect(Buffer.byteLength(fitted.line)).toBeLessThanOrEqual(limit);
      expect(JSON.parse(fitted.line)).toEqual(JSON.parse(JSON.stringify(fitted.value)));
      expect(fitted.value.module).toMatchObject({ functions_count: 400, source_files_count: 10 });
      details.push(fitted.value.detail);
      limit = Buffer.byteLength(fitted.line) - 1;
    }
    expect(Buffer.byteLength(fitDetail(record, 1).line)).toBeLessThan(64 * 1024); // The smallest limit that can be set.
    expect(details).toEqual(["full", "signatures", "names", "files", "none"]);
  });
});
