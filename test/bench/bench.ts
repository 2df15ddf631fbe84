/**
 * `npm run bench`: the figures that this project promises, measured here and now. Nothing is judged by an absolute time
 * that another machine would miss for its own reasons: where it can be, the rival or the disk is measured in the same run.
 *
 * The result goes to stdout, progress to stderr. Exit code 0 when it was measured, whatever came out; 64 usage.
 */
import { parseArgs } from "node:util";
import type { Bench, Run } from "./benches/bench.ts";
import { backlog } from "./benches/backlog.ts";
import { bigJournal } from "./benches/big-journal.ts";
import { candidateOverhead } from "./benches/candidate-overhead.ts";
import { controlFlood } from "./benches/control-flood.ts";
import { dreamStart } from "./benches/dream-start.ts";
import { fanOut } from "./benches/fan-out.ts";
import { idleDaemon } from "./benches/idle-daemon.ts";
import { intentLatency } from "./benches/intent-latency.ts";
import { latency } from "./benches/latency.ts";
import { ledger } from "./benches/ledger.ts";
import { promotionsScan } from "./benches/promotions-scan.ts";
import { searchQuality } from "./benches/search-quality.ts";
import { semanticDedup } from "./benches/semantic-dedup.ts";
import { throughput } from "./benches/throughput.ts";
import { tx } from "./benches/tx.ts";
import { describeMachine } from "./machine/machine.ts";
import { useLimits } from "./processes/limits.ts";
import { DEFAULT_PARENT, Scratch } from "./processes/scratch.ts";
import { asJson, asTable } from "./report/print.ts";
import type { Row } from "./report/row.ts";

const BENCHES: Readonly<Record<string, Bench>> = {
  throughput,
  latency,
  "intent-latency": intentLatency,
  backlog,
  "idle-daemon": idleDaemon,
  "big-journal": bigJournal,
  "fan-out": fanOut,
  ledger,
  tx,
  "promotions-scan": promotionsScan,
  "dream-start": dreamStart,
  "candidate-overhead": candidateOverhead,
  "control-flood": controlFlood,
  "search-quality": searchQuality,
  "semantic-dedup": semanticDedup,
};
const USAGE = 64;
const HELP = `Usage: npm run bench -- [options]

  --only <name>   run one bench (repeatable): ${Object.keys(BENCHES).join(", ")}
  --quick         fewer signals and rounds: a look, not a measurement
  --json          {machine, rows} instead of the table (npm run --silent bench -- --json for nothing else on stdout)
  --limits <file> limits of the bus to measure with, such as deployed/tune_bus/current/params.json
  --dir <folder>  where journals are written; must be on a disk (default ${DEFAULT_PARENT})
`;

const options = readOptions();
if (options.help === true) process.stdout.write(HELP);
else await main(options.only ?? Object.keys(BENCHES));

async function main(names: readonly string[]): Promise<void> {
  const scratch = new Scratch(options.dir ?? DEFAULT_PARENT);
  process.on("SIGINT", () => process.exit(130));
  const machine = describeMachine(scratch.folder);
  const rows: Row[] = [];
  for (const name of names) {
    const run: Run = {
      scratch,
      quick: options.quick === true,
      progress: (text) => process.stderr.write(`${name}: ${text}\n`),
    };
    const measured = await (BENCHES[name] as Bench)(run);
    rows.push(...measured.map((row) => ({ ...row, name: `${name}.${row.name}` })));
  }
  process.stdout.write(options.json === true ? asJson(machine, rows) : asTable(machine, rows));
  process.exit(0);
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: "string", multiple: true },
        quick: { type: "boolean" },
        json: { type: "boolean" },
        dir: { type: "string" },
        limits: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
    const unknown = values.only?.find((name) => !Object.hasOwn(BENCHES, name));
    if (unknown !== undefined) throw new Error(`there is no bench called ${unknown}`);
    if (values.limits !== undefined) useLimits(values.limits);
    return values;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${HELP}`);
    return process.exit(USAGE);
  }
}
