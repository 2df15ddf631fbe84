/**
 * An embedding program that somebody plugged in: texts in, vectors out, one run per question with the few that may be alike.
 * It may fail; then words are compared, and that is said, once per outage and as long as it lasts in the health.
 */
import { runBounded } from "@kloros/bounded-process";
import type { DaemonContext } from "@kloros/daemon";
import type { Config } from "./config.ts";

/** Longest output for one question, in bytes: nine vectors of 4,096 numbers. */
const MAX_OUTPUT_BYTES = 1024 * 1024;
/** Resident memory of the embedder's processes, in bytes. */
const MAX_MEMORY_BYTES = 4 * 1024 ** 3;

type Context = Pick<DaemonContext<Config>, "config" | "home" | "log">;

export class Embedder {
  readonly #context: Context;
  #trouble: string | null = null;
  #runs = 0;
  #failures = 0;

  constructor(context: Context) {
    this.#context = context;
  }

  get isPluggedIn(): boolean {
    return this.#context.config.embedder.length > 0;
  }

  health(): Record<string, unknown> {
    return {
      plugged_in: this.isPluggedIn,
      runs: this.#runs,
      failures: this.#failures,
      trouble: this.#trouble,
    };
  }

  /** Cosines of the first text with each of the others; null when the embedder fails. */
  async similarities(text: string, others: readonly string[], signal: AbortSignal): Promise<number[] | null> {
    const { config, home, log } = this.#context;
    this.#runs++;
    const outcome = await runBounded({
      command: config.embedder,
      cwd: home,
      stdin: [text, ...others].map((each, id) => `${JSON.stringify({ id, text: each })}\n`).join(""),
      timeoutMs: config.embedder_timeout,
      memoryBytes: MAX_MEMORY_BYTES,
      outputBytes: MAX_OUTPUT_BYTES,
      signal,
      label: "semantic_dedup.embedder",
    });
    const vectors =
      outcome.kind === "exited" && outcome.code === 0 ? vectorsOf(outcome.stdout, others.length + 1) : null;
    const [first, ...rest] = vectors ?? [];
    if (first === undefined) {
      this.#failures++;
      const trouble =
        outcome.kind === "exited"
          ? `exit code ${outcome.code}${outcome.code === 0 ? " without a vector for each text" : ""}`
          : outcome.kind;
      if (this.#trouble === null)
        log.warn(
          { trouble, stderr: outcome.stderr.slice(-500) },
          "Embedder failed, words are compared instead",
        );
      this.#trouble = trouble;
      return null;
    }
    if (this.#trouble !== null) log.info("Embedder works again");
    this.#trouble = null;
    return rest.map((vector) => cosine(first, vector));
  }
}

/** One vector per text, all of one length, of finite numbers; null for anything else. */
function vectorsOf(output: string, count: number): number[][] | null {
  const vectors = new Map<number, number[]>();
  try {
    for (const line of output.split("\n")) {
      if (line.trim() === "") continue;
      const { id, embedding } = JSON.parse(line) as { id: number; embedding: unknown };
      if (!Array.isArray(embedding) || !embedding.every(Number.isFinite)) return null;
      vectors.set(id, embedding as number[]);
    }
  } catch {
    return null;
  }
  const inOrder = Array.from({ length: count }, (_, id) => vectors.get(id) ?? []);
  const length = inOrder[0]?.length ?? 0;
  return length > 0 && inOrder.every((vector) => vector.length === length) ? inOrder : null;
}

function cosine(a: readonly number[], b: readonly number[]): number {
  let dot = 0;
  let squaresA = 0;
  let squaresB = 0;
  a.forEach((value, index) => {
    const other = b[index] ?? 0;
    dot += value * other;
    squaresA += value * value;
    squaresB += other * other;
  });
  return dot === 0 ? 0 : Math.min(1, Math.max(0, dot / Math.sqrt(squaresA * squaresB)));
}
