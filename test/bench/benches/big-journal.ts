/**
 * Whether a journal grows slow: one with a thousand and one with a million signals, asked the same things in turns. Each
 * turn is a new process; what is compared is the ratio of the two.
 */
import { CONSUMER, SIGNAL } from "../bench-signal.ts";
import { Part } from "../processes/part.ts";
import { atMost, type Row } from "../report/row.ts";
import { median } from "../statistics.ts";
import type { Run } from "./bench.ts";

interface Sample {
  readonly index: number;
  readonly id: string;
}
interface Subject {
  readonly home: string;
  readonly samples: readonly Sample[];
  size: number;
}
type Figures = Record<Question, number>;
type Question = keyof typeof UNITS;

const SIZES = {
  full: { small: 1_000, big: 1_000_000, rounds: 7 },
  quick: { small: 1_000, big: 100_000, rounds: 3 },
};
/** Signals of one turn: emitted in a burst while the consumer is away, then caught up by it. */
const BURST = 1_000;
/** Emits in flight while a journal is filled: so few that both are made of commits of one size. */
const FILL_IN_FLIGHT = 512;
/** Ids that are looked up in each turn, spread over the whole journal. */
const LOOKUPS = 500;
/** "As with a thousand", and room for the noise of the machine. */
const TARGET = 1.5;

const UNITS = { open: "ms", emit: "µs", emit_cpu: "µs", catch_up: "ms", lookup: "µs" };
const MEANING: Record<Question, string> = {
  open: "node opened and started",
  emit: `each of ${BURST} emits, durable`,
  emit_cpu: "CPU of each emit, all threads",
  catch_up: `consumer opened to the last ${BURST} handled and committed`,
  lookup: "an id the journal holds, emitted again and recognised",
};

export async function bigJournal({ scratch, quick, progress }: Run): Promise<Row[]> {
  const { small, big, rounds } = quick ? SIZES.quick : SIZES.full;
  const subjects = { small: await subject(small), big: await subject(big) };
  const figures = { small: [] as Figures[], big: [] as Figures[] };
  for (let round = 1; round <= rounds; round++) {
    progress(`round ${round}/${rounds}`);
    const order = round % 2 === 0 ? (["small", "big"] as const) : (["big", "small"] as const);
    for (const which of order) figures[which].push(await question(subjects[which]));
  }
  return (Object.keys(UNITS) as Question[]).flatMap((name): Row[] => {
    const middle = (of: readonly Figures[]) => median(of.map((turn) => turn[name]));
    const [few, many] = [middle(figures.small), middle(figures.big)];
    return [
      {
        name: `${name}_ratio`,
        value: many / few,
        unit: "x",
        target: atMost(TARGET),
        detail: `${MEANING[name]}: ${big} signals / ${small}, medians of ${rounds} turns`,
      },
      { name: `${name}_small`, value: few, unit: UNITS[name] },
      { name: `${name}_big`, value: many, unit: UNITS[name] },
    ];
  });

  async function subject(size: number): Promise<Subject> {
    progress(`writing a journal of ${size} signals`);
    const home = await scratch.home();
    const emitter = new Part("emitter", { home, signal: SIGNAL });
    const sampleEvery = Math.floor(size / LOOKUPS);
    const filling = { first: 0, count: size, sampleEvery, maxInFlight: FILL_IN_FLIGHT };
    const { samples } = await emitter.ask<{ samples: Sample[] }>("emitAll", filling);
    // A consumer that begins here and has seen nothing of what lies before.
    const consumer = consumerOf(home);
    await consumer.ask("ready");
    await emitter.ask("emitAll", { first: size, count: 1 });
    await consumer.ask("handled", { count: 1 });
    await consumer.end();
    await emitter.end();
    return { home, samples, size: size + 1 };
  }
}

async function question(of: Subject): Promise<Figures> {
  const emitter = new Part("emitter", { home: of.home, signal: SIGNAL });
  const open = await emitter.ask<number>("openMs");
  const before = await emitter.ask<number>("usage");
  const { tookNs } = await emitter.ask<{ tookNs: number }>("emitAll", { first: of.size, count: BURST });
  const emit_cpu = ((await emitter.ask<number>("usage")) - before) / BURST;
  of.size += BURST;
  await emitter.ask("emitAgain", { samples: of.samples }); // A new process has no page of the journal mapped yet.
  const lookup = await emitter.ask<number>("emitAgain", { samples: of.samples });
  const consumer = consumerOf(of.home);
  const { sinceOpenMs } = await consumer.ask<{ sinceOpenMs: number }>("handled", { count: BURST });
  await consumer.end();
  await emitter.end();
  return { open, emit: tookNs / 1e3 / BURST, emit_cpu, catch_up: sinceOpenMs, lookup };
}

function consumerOf(home: string): Part {
  return new Part("consumer", { home, daemon: CONSUMER, signal: SIGNAL, handler: "count", from: "now" });
}
