/** One emitter and eight consumers, each a process, each durable: how much of the rate is left, in deliveries. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EMITTER } from "../bench-signal.ts";
import { Part } from "../processes/part.ts";
import type { Row } from "../report/row.ts";
import { median } from "../statistics.ts";
import type { Run } from "./bench.ts";

const CONSUMERS = 8;
const FIRST_PORT = 17_000;
const SIGNAL = "Q_BENCH_MEASURED";
const SIZES = { full: { signals: 20_000, rounds: 3 }, quick: { signals: 5_000, rounds: 3 } };

export async function fanOut({ scratch, quick, progress }: Run): Promise<Row[]> {
  const { signals, rounds } = quick ? SIZES.quick : SIZES.full;
  const home = await scratch.home();
  const names = Array.from({ length: CONSUMERS }, (_, index) => `bench_consumer_${index + 1}`);
  const contractDirs = [writeContract(join(home, "contracts"), names)];
  const emitter = new Part("emitter", { home, signal: SIGNAL, contractDirs });
  const consumers = names.map(
    (daemon) => new Part("consumer", { home, daemon, signal: SIGNAL, handler: "count", contractDirs }),
  );
  const rates: number[] = [];
  for (let round = 0, sent = 0; round <= rounds; round++) {
    const count = round === 0 ? 1 : signals;
    const first = sent;
    sent += count;
    const target = sent;
    const done = Promise.all(
      consumers.map((consumer) => consumer.ask<{ atNs: number }>("handled", { count: target })),
    );
    const { startNs } = await emitter.ask<{ startNs: number }>("emitAll", { first, count });
    const last = Math.max(...(await done).map(({ atNs }) => atNs));
    if (round === 0) continue; // All are connected now.
    rates.push((count * CONSUMERS) / ((last - startNs) / 1e9));
    progress(`round ${round}/${rounds}: ${Math.round(rates.at(-1) ?? NaN)} deliveries/s`);
  }
  for (const part of [...consumers, emitter]) await part.end();
  return [
    {
      name: "rate",
      value: median(rates),
      unit: "deliveries/s",
      detail: `1 emitter, ${CONSUMERS} consumers, until the last has committed; median of ${rounds}`,
    },
  ];
}

/** A contract for as many consumers as the catalogue has none for. */
function writeContract(folder: string, consumers: readonly string[]): string {
  mkdirSync(join(folder, "signals"), { recursive: true });
  const daemons = consumers.map((name, index) => ({
    name,
    package: name.replaceAll("_", "-"),
    port: FIRST_PORT + index,
    description: "Counts.",
  }));
  writeFileSync(join(folder, "daemons.json"), JSON.stringify({ daemons }));
  const contract = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: `urn:kloros:signal:${SIGNAL}`,
    title: "A measurement",
    description: "What the bench sends to many.",
    "x-signal": {
      version: 1,
      kind: "trigger",
      priority: "normal",
      emitters: [EMITTER],
      consumers,
      ordering_key: "/question_id",
      retention_days: 1,
      ingress: false,
    },
    type: "object",
    properties: {
      question: { type: "string", description: "The question in words." },
      question_id: { type: "string", description: "Its id." },
      priority: { type: "string", description: "How urgent it is." },
      evidence: { type: "array", items: { type: "string" }, description: "What is known." },
    },
    required: ["question", "question_id", "priority", "evidence"],
    additionalProperties: false,
    examples: [{ question: "What?", question_id: "a", priority: "normal", evidence: [] }],
  };
  writeFileSync(join(folder, "signals", `${SIGNAL}.schema.json`), JSON.stringify(contract));
  return folder;
}
