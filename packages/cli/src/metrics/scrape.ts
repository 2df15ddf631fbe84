/**
 * One scrape of the whole mesh: all daemons are asked at once, each within a deadline of its own (P10), and whoever does not
 * answer is down, not missing. What comes back is one text, each family once.
 */
import { join } from "node:path";
import { askDaemon } from "@kloros/client";
import { DAEMON_METRICS, type MetricFamily, renderFamily, type Sample } from "@kloros/daemon";
import { wantedDaemons } from "../status/wanted-daemons.ts";
import { DeadLetterCount } from "./dead-letter-count.ts";
import { homeSamples, type MeshSamples } from "./home-figures.ts";
import { MESH_METRICS } from "./mesh-families.ts";
import { parseExposition, type ReadFamily } from "./parse-exposition.ts";

/** Longest wait for one daemon, in milliseconds; Prometheus gives all of a scrape 10 s. */
export const SCRAPE_DEADLINE_MS = 3_000;
/** Largest answer of one daemon that is taken, in bytes. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

export interface Scrape {
  readonly daemons: readonly ScrapedDaemon[];
  readonly families: ReadonlyMap<string, ReadFamily>;
}

export interface ScrapedDaemon {
  readonly name: string;
  readonly up: boolean;
  readonly seconds: number;
  readonly families: ReadonlyMap<string, ReadFamily>;
  readonly leftOut: number;
}

export class MeshScraper {
  readonly #home: string;
  readonly #deadlineMs: number;
  readonly #deadLetters: DeadLetterCount;
  #running: Promise<Scrape> | null = null;

  constructor(home: string, deadlineMs = SCRAPE_DEADLINE_MS) {
    this.#home = home;
    this.#deadlineMs = deadlineMs;
    this.#deadLetters = new DeadLetterCount(home);
  }

  /** Several who ask at once share one scrape. */
  async scrape(): Promise<Scrape> {
    this.#running ??= this.#scrape().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #scrape(): Promise<Scrape> {
    const { names, supervised } = await wantedDaemons(this.#home);
    const [daemons, home] = await Promise.all([
      Promise.all(names.map((name) => this.#ask(name))),
      homeSamples(this.#home, names, this.#deadLetters),
    ]);
    const mesh: MeshSamples = {
      up: daemons.map(({ name, up }) => of(name, up ? 1 : 0)),
      scrapeDuration: daemons.map(({ name, seconds }) => of(name, seconds)),
      leftOut: daemons.map(({ name, leftOut }) => of(name, leftOut)),
      supervisorRestarts: [...supervised.values()].map(({ name, restarts }) => of(name, restarts)),
      ...home,
    };
    return { daemons, families: merged(mesh, daemons) };
  }

  async #ask(name: string): Promise<ScrapedDaemon> {
    const begunMs = performance.now();
    const text = await this.#textOf(name);
    const seconds = Math.round(performance.now() - begunMs) / 1_000;
    if (text === null) return { name, up: false, seconds, families: new Map(), leftOut: 0 };
    const { families, leftOut } = parseExposition(text, name);
    return { name, up: true, seconds, families, leftOut };
  }

  async #textOf(name: string): Promise<string | null> {
    const socket = join(this.#home, "run", `${name}.sock`);
    try {
      const timeoutMs = this.#deadlineMs;
      const answer = await askDaemon<{ text?: unknown }>(socket, "system:metrics", {}, { timeoutMs });
      const { text } = answer;
      return typeof text === "string" && text.length <= MAX_ANSWER_BYTES ? text : null;
    } catch {
      return null; // Stopped, stuck, or too old to know the question: down, as far as a scrape can tell.
    }
  }
}

/** The text of a scrape. */
export function renderScrape({ families }: Scrape): string {
  return [...families.values()]
    .map((family) => renderFamily({ ...family, labels: [] }, family.samples))
    .join("");
}

/** The same for programs. Names of JSON: snake_case. */
export function scrapeJson({ daemons, families }: Scrape): object {
  return {
    daemons: daemons.map(({ name, up, seconds, leftOut }) => ({
      name,
      up,
      seconds,
      left_out_lines: leftOut,
    })),
    metrics: [...families.values()].filter(({ samples }) => samples.length > 0),
  };
}

/** Every family once: its words are ours where we know it, else those of the first daemon that has it. */
function merged(mesh: MeshSamples, daemons: readonly ScrapedDaemon[]): Map<string, ReadFamily> {
  const families = new Map<string, ReadFamily>();
  for (const key of Object.keys(MESH_METRICS) as (keyof typeof MESH_METRICS)[])
    families.set(MESH_METRICS[key].name, { ...MESH_METRICS[key], samples: [...(mesh[key] ?? [])] });
  for (const family of Object.values<MetricFamily>(DAEMON_METRICS))
    families.set(family.name, { ...family, samples: [] });
  for (const daemon of daemons) {
    for (const family of daemon.families.values()) {
      const known = families.get(family.name);
      if (known === undefined) families.set(family.name, { ...family, samples: [...family.samples] });
      else if (known.type === family.type) known.samples.push(...family.samples);
    }
  }
  return families;
}

function of(daemon: string, value: number): Sample {
  return { labels: { daemon }, value };
}
