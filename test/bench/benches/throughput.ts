/**
 * One emitter, one consumer, two processes, ipc: durable, validated at both ends, handled, cursor committed. Beside it
 * bare zeromq.js sends and parses the very same JSON, one message at a time, with none of that. The two take turns.
 */
import { SEED_BYTES, seedForm, wireForm } from "../bench-signal.ts";
import { Part } from "../processes/part.ts";
import { atLeast, type Row } from "../report/row.ts";
import { median } from "../statistics.ts";
import type { Run } from "./bench.ts";
import { meshPair } from "./mesh-pair.ts";

interface Round {
  readonly perSecond: number;
  readonly senderMicros: number;
  readonly receiverMicros: number;
}
type Contestant = (count: number) => Promise<Round>;

const SIZES = { full: { signals: 50_000, rounds: 11 }, quick: { signals: 30_000, rounds: 3 } };

export async function throughput({ scratch, quick, progress }: Run): Promise<Row[]> {
  const bytes = JSON.stringify(seedForm(1)).length;
  if (bytes !== SEED_BYTES) throw new Error(`the signal has ${bytes} bytes, not ${SEED_BYTES}`);
  const { signals, rounds } = quick ? SIZES.quick : SIZES.full;
  const parts: Part[] = [];
  const contestants = {
    mesh: await meshContestant(await scratch.home(), parts),
    bare: await bareContestant(`ipc://${scratch.folder}/bare`, "wire", parts),
    seed: await bareContestant(`ipc://${scratch.folder}/seed`, "seed", parts),
  };
  const results = { mesh: [] as Round[], bare: [] as Round[], seed: [] as Round[] };
  const names = Object.keys(contestants) as (keyof typeof contestants)[];
  // The first round is for the compiler: it is not counted.
  for (let round = 0; round <= rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const result = await contestants[name](signals);
      if (round > 0) results[name].push(result);
      progress(`round ${round}/${rounds}: ${name} ${Math.round(result.perSecond)} signals/s`);
    }
  }
  for (const part of parts) await part.end();
  return rowsOf(results);
}

function rowsOf(results: Record<"mesh" | "bare" | "seed", Round[]>): Row[] {
  const middle = (rounds: Round[], figure: keyof Round) => median(rounds.map((round) => round[figure]));
  const ratio = (rounds: Round[]) =>
    median(rounds.map((round, index) => (results.mesh[index]?.perSecond ?? NaN) / round.perSecond));
  const cpuOf = (rounds: Round[]) => middle(rounds, "senderMicros") + middle(rounds, "receiverMicros");
  const wireBytes = JSON.stringify(wireForm(100_000)).length;
  const cpu = (name: string, rounds: Round[], detail: string): Row[] => [
    { name: `${name}_sender_cpu`, value: middle(rounds, "senderMicros"), unit: "µs/signal", detail },
    { name: `${name}_receiver_cpu`, value: middle(rounds, "receiverMicros"), unit: "µs/signal", detail },
  ];
  const { mesh, bare, seed } = results;
  return [
    {
      name: "ratio",
      value: ratio(bare),
      unit: "x",
      target: atLeast(1),
      detail: `mesh / bare zeromq.js, the same ${wireBytes}-byte line; median of ${mesh.length} rounds in turns`,
    },
    { name: "mesh", value: middle(mesh, "perSecond"), unit: "signals/s", detail: "emit to cursor committed" },
    { name: "bare", value: middle(bare, "perSecond"), unit: "signals/s", detail: `${wireBytes} bytes` },
    {
      name: "cpu_ratio",
      value: cpuOf(bare) / cpuOf(mesh),
      unit: "x",
      detail:
        "CPU of bare zeromq.js / CPU of the mesh, both ends: what is left of the ratio when others use the machine",
    },
    {
      name: "ratio_to_seed_form",
      value: ratio(seed),
      unit: "x",
      detail: `mesh / bare zeromq.js sending only the seed's four members, ${SEED_BYTES} bytes`,
    },
    {
      name: "bare_seed_form",
      value: middle(seed, "perSecond"),
      unit: "signals/s",
      detail: `${SEED_BYTES} bytes`,
    },
    ...cpu("mesh", mesh, "all threads, sync included"),
    ...cpu("bare", bare, "all threads"),
  ];
}

async function meshContestant(home: string, parts: Part[]): Promise<Contestant> {
  const { emitter, consumer } = await meshPair(home, "count");
  parts.push(consumer, emitter);
  let sent = 1; // The one by which they met.
  return (count) =>
    measured(emitter, consumer, count, async () => {
      const first = sent;
      sent += count;
      const done = consumer.ask<{ atNs: number }>("handled", { count: sent });
      const { startNs } = await emitter.ask<{ startNs: number }>("emitAll", { first, count });
      return (await done).atNs - startNs;
    });
}

async function bareContestant(address: string, form: "wire" | "seed", parts: Part[]): Promise<Contestant> {
  const publisher = new Part("bare-publisher", { address });
  const subscriber = new Part("bare-subscriber", { address });
  parts.push(publisher, subscriber);
  await publisher.ask("greet");
  await subscriber.ask("greeted");
  await publisher.ask("hush");
  let sent = 0;
  return (count) =>
    measured(publisher, subscriber, count, async () => {
      sent += count;
      const done = subscriber.ask<number>("received", { count: sent });
      const startNs = await publisher.ask<number>("send", { count, form });
      return (await done) - startNs;
    });
}

async function measured(
  sender: Part,
  receiver: Part,
  count: number,
  run: () => Promise<number>,
): Promise<Round> {
  const usage = () => Promise.all([sender.ask<number>("usage"), receiver.ask<number>("usage")]);
  const [senderBefore, receiverBefore] = await usage();
  const tookNs = await run();
  const [senderAfter, receiverAfter] = await usage();
  return {
    perSecond: count / (tookNs / 1e9),
    senderMicros: (senderAfter - senderBefore) / count,
    receiverMicros: (receiverAfter - receiverBefore) / count,
  };
}
