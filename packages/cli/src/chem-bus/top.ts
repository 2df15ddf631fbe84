/** `chem-bus top`: what each daemon does at this moment. */
import { setTimeout as sleep } from "node:timers/promises";
import { Command, Option } from "commander";
import { MeshScraper } from "../metrics/scrape.ts";
import { unreachable, usageError } from "../program/errors.ts";
import { existingHome, withCommonOptions, type CommonOptions } from "../program/home.ts";
import { parseDuration } from "../program/moments.ts";
import { printJson, printLine } from "../program/output.ts";
import { paintFor } from "../program/paint.ts";
import { collectStatus } from "../status/collect-status.ts";
import { drawHead, drawTop } from "../top/draw-top.ts";
import { SORT_KEYS, type SortKey, sortedRows, type TopRow, topRows } from "../top/rates.ts";
import { type MeshSample, meshSample } from "../top/sample.ts";
import { openScreen } from "../top/screen.ts";

interface TopOptions extends CommonOptions {
  readonly interval: string;
  readonly once?: boolean;
  readonly sort: SortKey;
}

/** Shorter looks would mostly see themselves, in milliseconds. */
const MIN_INTERVAL_MS = 100;

export function topCommand(): Command {
  const command = new Command("top").description(
    "Live table of all daemons: processor, memory, signals per second, lag, latency, dead letters.",
  );
  return withCommonOptions(command)
    .option("--interval <duration>", "between two looks", "2s")
    .option("--once", "look once, over one interval, and end; without a terminal it is always so")
    .addOption(
      new Option("--sort <column>", "the largest first").choices(Object.keys(SORT_KEYS)).default("name"),
    )
    .action(async (options: TopOptions) => {
      const intervalMs = parseDuration(options.interval);
      if (intervalMs < MIN_INTERVAL_MS)
        throw usageError(`--interval ${options.interval}: at least ${String(MIN_INTERVAL_MS)}ms`);
      const look = looker(existingHome(options));
      const live = options.once !== true && options.json !== true && process.stdout.isTTY;
      if (live) await watch(options, look, intervalMs);
      else await printOnce(options, look, intervalMs);
    })
    .addHelpText(
      "after",
      `
Keys: ${Object.entries(SORT_KEYS)
        .map(([column, { key }]) => `${key} by ${column}`)
        .join(", ")}, q quit.

Examples:
  chem-bus top
  chem-bus top --sort lag --interval 5s
  chem-bus top --once --json | jq '.daemons[] | {name, handled_per_s, latency_p99_ms}'

emit/s, handled/s, cpu, p50 and p99 (from emission to handled) are of the last interval; dead: unresolved dead letters.`,
    );
}

type Look = () => Promise<MeshSample>;

function looker(home: string): Look {
  const scraper = new MeshScraper(home);
  return async () => {
    const [scrape, { daemons, anyoneAnswered }] = await Promise.all([scraper.scrape(), collectStatus(home)]);
    if (!anyoneAnswered)
      throw unreachable(`no mesh runs on ${home}; start it with: kloros up --home ${home}`);
    return meshSample(scrape, daemons, performance.now());
  };
}

async function printOnce({ sort, json }: TopOptions, look: Look, intervalMs: number): Promise<void> {
  const before = await look();
  await sleep(intervalMs);
  const rows = sortedRows(topRows(before, await look()), sort);
  if (json === true) return printJson({ interval_s: intervalMs / 1_000, daemons: rows });
  for (const line of drawTop(rows, paintFor())) await printLine(line);
}

async function watch(options: TopOptions, look: Look, intervalMs: number): Promise<void> {
  const ended = new AbortController();
  let { sort } = options;
  let rows: readonly TopRow[] = [];
  const paint = paintFor();
  const home = existingHome(options);
  const draw = (): void =>
    screen.show([drawHead(home, rows, sort, paint), "", ...drawTop(sortedRows(rows, sort), paint)]);
  const screen = openScreen(
    { input: process.stdin, output: process.stdout },
    {
      onEnd: () => ended.abort(),
      onKey(key) {
        const found = Object.entries(SORT_KEYS).find(([, column]) => column.key === key);
        if (found !== undefined) sort = found[0] as SortKey;
        draw();
      },
    },
  );
  const onSignal = (): void => ended.abort();
  process.once("SIGTERM", onSignal).once("SIGINT", onSignal);
  try {
    let before = await look();
    rows = topRows(before, before);
    while (!ended.signal.aborted) {
      draw();
      await sleep(intervalMs, undefined, { signal: ended.signal }).catch(() => undefined);
      if (ended.signal.aborted) break;
      const now = await look();
      rows = topRows(before, now);
      before = now;
    }
  } finally {
    screen.close();
  }
}
