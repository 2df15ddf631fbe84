/** The real daemon as a process of its own, and in this process the node that hands it completions. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ensureHome, type Envelope, type Facts, loadContracts, type Node, openNode } from "@kloros/bus";
import { askDaemon } from "@kloros/client";
import { onTestFinished } from "vitest";
import type { QuestionEntry } from "../src/evidence/question-entry.ts";

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));

interface Evidence {
  readonly schema: string;
  readonly questions_count: number;
  readonly suppressed: readonly string[];
  readonly clusters: readonly { readonly cluster: string; readonly question_ids: readonly string[] }[];
  readonly questions: readonly QuestionEntry[];
}

export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  deadlineMs = 40_000,
): Promise<NonNullable<T>> {
  const giveUpAt = performance.now() + deadlineMs;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (performance.now() > giveUpAt) throw new Error(`not in ${deadlineMs} ms: ${what}`);
    await sleep(20);
  }
}

export class Mesh {
  readonly home: string;
  readonly investigator: Node;
  readonly requests: Envelope<"Q_REINVESTIGATION_REQUESTED">[] = [];
  daemon: ChildProcess | null = null;
  output = "";

  constructor(home: string, investigator: Node) {
    this.home = home;
    this.investigator = investigator;
    investigator.on("Q_REINVESTIGATION_REQUESTED", (signal) => void this.requests.push(signal));
  }
  get evidencePath(): string {
    return join(this.home, "semantic_evidence.json");
  }
  async evidence(): Promise<Evidence | null> {
    return readFile(this.evidencePath, "utf8").then(
      (text) => (text.endsWith("}\n") ? (JSON.parse(text) as Evidence) : null),
      () => null,
    );
  }
  async entry(
    questionId: string,
    holds: (entry: QuestionEntry) => boolean = () => true,
  ): Promise<QuestionEntry> {
    return until(`${questionId} in the evidence`, async () =>
      (await this.evidence())?.questions.find((entry) => entry.question_id === questionId && holds(entry)),
    );
  }
  async start(...flags: string[]): Promise<void> {
    const places = ["--home", this.home, "--workspace", this.home, "--write-interval", "20ms"];
    const args = [MAIN, ...places, "--reinvestigate-delay", "20ms", ...flags];
    const daemon = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => void daemon.kill("SIGKILL"));
    daemon.stdout.on("data", (chunk: Buffer) => (this.output += chunk.toString()));
    this.daemon = daemon;
    await until("ready", async () => (await this.health().catch(() => null))?.["state"] === "ready");
  }
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    this.daemon?.kill(signal);
    if (this.daemon) await once(this.daemon, "exit");
  }
  async health(): Promise<Record<string, unknown>> {
    return askDaemon(join(this.home, "run", "semantic_dedup_consumer_daemon.sock"), "system:health");
  }
  /** As the investigation consumer does it: the record first, then the completion. */
  async investigated(
    n: number,
    record: Record<string, unknown>,
    facts: Partial<Facts<"Q_INVESTIGATION_COMPLETE">> = {},
  ) {
    const whole = {
      question_id: `q${n}`,
      investigation_timestamp: "20251115_103000",
      hypothesis: `UNDISCOVERED_MODULE_m${n}`,
      confidence: 0.9,
      evidence_count: 1,
      investigation_id: `inv_${n}`,
      status: "completed" as const,
      ...facts,
    };
    const line = { investigation_id: whole.investigation_id, question_id: whole.question_id, ...record };
    await appendFile(join(this.home, "curiosity_investigations.jsonl"), `${JSON.stringify(line)}\n`);
    await this.investigator.emit("Q_INVESTIGATION_COMPLETE", whole);
  }
}

export async function mesh(): Promise<Mesh> {
  const home = await mkdtemp(join(tmpdir(), "kdd-"));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  await ensureHome(home);
  const node = await openNode({ daemon: "investigation_consumer_daemon", home, contracts: loadContracts() });
  onTestFinished(() => node.close());
  const made = new Mesh(home, node);
  await node.start();
  return made;
}
