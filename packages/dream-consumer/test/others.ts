/** The rest of the mesh, scripted: who triggers, who evaluates, who listens. Real nodes. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Envelope, type Facts, loadContracts, type Node, openNode } from "@kloros/bus";
import {
  type Candidate,
  type CandidateResult,
  encodeResult,
  median,
  parseCandidates,
} from "@kloros/experiments";
import { onTestFinished } from "vitest";

export async function nodeIn(
  home: string,
  daemon: string,
  prepare: (node: Node) => void = () => undefined,
): Promise<Node> {
  const node = await openNode({ daemon, home, contracts: loadContracts() });
  onTestFinished(() => node.close());
  prepare(node);
  await node.start();
  return node;
}

type Asked = Facts<"Q_TOURNAMENT_REQUESTED">;

export interface Script {
  /** Measurements of a candidate, or why it fails. */
  readonly measure?: (
    candidate: Candidate,
    asked: Asked,
  ) => readonly number[] | "Timeout" | "NonZeroExit" | "OutOfTime";
  /** false: the tournament says nothing. */
  readonly answers?: (asked: Asked) => boolean;
}

export interface Tournament {
  readonly node: Node;
  readonly asked: Asked[];
  /** The same, with envelopes. */
  readonly requests: Envelope<"Q_TOURNAMENT_REQUESTED">[];
}

/** Evaluates by the script; every candidate in no time at all. */
export async function tournamentIn(home: string, script: Script = {}): Promise<Tournament> {
  const requests: Envelope<"Q_TOURNAMENT_REQUESTED">[] = [];
  const asked: Asked[] = [];
  const node = await nodeIn(home, "tournament_consumer_daemon", (own) =>
    own.on("Q_TOURNAMENT_REQUESTED", async (signal, tx) => {
      const { facts } = signal;
      requests.push(signal);
      asked.push(facts);
      if (script.answers?.(facts) === false) return;
      const results = await writeResults(home, facts, script);
      const winner = results.find(({ status }) => status === "ok");
      if (winner?.status !== "ok") {
        const { tournament_id, cycle_id } = facts;
        const error = {
          error_type: "AllCandidatesFailed",
          error_message: "all failed",
          retry_possible: true,
        };
        tx.emit("Q_TOURNAMENT_FAILED", { tournament_id, cycle_id, ...error });
        return;
      }
      tx.emit("Q_TOURNAMENT_COMPLETE", completionOf(facts, results));
    }),
  );
  return { node, asked, requests };
}

export function completionOf(
  { tournament_id, cycle_id, candidates_path }: Asked,
  results: readonly CandidateResult[],
): Facts<"Q_TOURNAMENT_COMPLETE"> {
  const ok = results.flatMap((result) => (result.status === "ok" ? [result] : []));
  return {
    tournament_id,
    cycle_id,
    candidates_evaluated: ok.length,
    candidates_failed: results.length - ok.length,
    winner_id: ok[0]?.candidate_id ?? "none",
    winner_fitness: ok[0]?.fitness ?? 0,
    results_path: candidates_path.replace("candidates", "results"),
    duration_seconds: 0.1,
  };
}

export async function writeResults(
  home: string,
  asked: Asked,
  script: Script = {},
): Promise<CandidateResult[]> {
  const path = join(home, asked.candidates_path);
  const candidates = parseCandidates(await readFile(path, "utf8"));
  const results = candidates.map((candidate) =>
    resultOf(candidate, (script.measure ?? byX)(candidate, asked)),
  );
  await writeFile(
    path.replace(".candidates.", ".results."),
    results.map((result) => `${encodeResult(result)}\n`).join(""),
  );
  return results;
}

/** The larger x, the better; measured once, or as often as the final comparison asks. */
export function byX({ params }: Candidate, { repeats = 1 }: Asked): number[] {
  return Array.from({ length: repeats }, () => Number(params["x"]));
}

function resultOf(
  { candidate_id }: Candidate,
  measured: readonly number[] | "Timeout" | "NonZeroExit" | "OutOfTime",
): CandidateResult {
  const common = {
    candidate_id,
    started_at: "2025-11-15T10:30:00.000Z",
    finished_at: "2025-11-15T10:30:01.000Z",
    duration_ms: 3,
    cpu_seconds: 0.01,
    peak_memory_bytes: 1_000_000,
    artifact_sha256: null,
  };
  if (typeof measured !== "string")
    return {
      ...common,
      status: "ok",
      fitness: median(measured),
      measurements: measured,
      metrics: { n: 1 },
      error: null,
    };
  const error = { type: measured, message: "it failed", stderr_tail: "" };
  return { ...common, status: "failed", fitness: null, measurements: [], metrics: null, error };
}

export type Told = Envelope<"Q_DREAM_COMPLETE"> | Envelope<"Q_DREAM_FAILED">;

export interface Policy {
  readonly node: Node;
  readonly told: Told[];
  readonly trigger: (facts?: Partial<Facts<"Q_DREAM_TRIGGER">>) => Promise<string>;
  readonly complete: () => Envelope<"Q_DREAM_COMPLETE">[];
  readonly failed: () => Envelope<"Q_DREAM_FAILED">[];
}

/** Triggers cycles and hears how they end. */
export async function policyIn(home: string): Promise<Policy> {
  const told: Told[] = [];
  const node = await nodeIn(home, "kloros_policy_engine", (own) => {
    own.on("Q_DREAM_COMPLETE", (signal) => void told.push(signal));
    own.on("Q_DREAM_FAILED", (signal) => void told.push(signal));
  });
  return {
    node,
    told,
    trigger: async (facts = {}) => {
      const receipt = await node.emit("Q_DREAM_TRIGGER", {
        reason: "test",
        topic: null,
        promotion_count: 0,
        ...facts,
      });
      return receipt.id;
    },
    complete: () => told.filter((signal) => signal.signal === "Q_DREAM_COMPLETE"),
    failed: () => told.filter((signal) => signal.signal === "Q_DREAM_FAILED"),
  };
}
