/** `chem-bus listen`: the sniffer. */
import { type Contracts, type Envelope, loadContracts, toCloudEvent } from "@kloros/bus";
import { didYouMean } from "@kloros/daemon";
import { Command, InvalidArgumentError } from "commander";
import { describeEnvelope } from "../listen/describe-envelope.ts";
import { listen } from "../listen/listen.ts";
import { compileWhere } from "../listen/where.ts";
import { commandTransport } from "../program/command-transport.ts";
import { contractDirs } from "../program/contract-dirs.ts";
import { usageError } from "../program/errors.ts";
import { EXIT } from "../program/exit-codes.ts";
import { nameMatcher } from "../program/globs.ts";
import { existingHome, withCommonOptions, type CommonOptions } from "../program/home.ts";
import { parseDuration, parseSince } from "../program/moments.ts";
import { printLine, remark } from "../program/output.ts";
import { paintFor, widthOf } from "../program/paint.ts";
import { collect } from "../program/repeated-option.ts";

interface ListenCommandOptions extends CommonOptions {
  readonly signal: readonly string[];
  readonly source: readonly string[];
  readonly where?: string;
  readonly cloudevents?: boolean;
  readonly count?: number;
  readonly timeout?: string;
  readonly since?: string;
}

export function listenCommand(): Command {
  const command = new Command("listen")
    .description("Print signals as they come, without being a consumer.")
    .option("--signal <name>", "only these; * and ? allowed, repeatable", collect, [])
    .option("--source <daemon>", "only from these daemons; * and ? allowed, repeatable", collect, [])
    .option("--where <expression>", "only what this CEL expression says yes to")
    .option("--cloudevents", "print CloudEvents 1.0, one JSON object per line")
    .option("--count <n>", "end after so many (exit 0)", parseCount)
    .option("--timeout <duration>", "end after so long (exit 1 when --count was not reached)")
    .option("--since <when>", "first what was emitted since: 10m, 2h, or 2026-01-31T12:00:00Z");
  return withCommonOptions(command, "print envelopes, one JSON object per line")
    .action(runListen)
    .addHelpText(
      "after",
      `
Examples:
  chem-bus listen --signal 'Q_MODULE_*' --signal Q_HEALTH_ALERT
  chem-bus listen --where 'facts.confidence < 0.5' --since 1h
  chem-bus listen --signal Q_MODULE_INTEGRATED --count 1 --timeout 60s --json

--where knows the fields of the envelope: signal, source, priority, facts.…, seq, timestamp, correlation_id and so on.`,
    );
}

async function runListen(options: ListenCommandOptions): Promise<void> {
  const home = existingHome(options);
  const where = options.where === undefined ? () => true : compileWhere(options.where);
  const sinceMs = options.since === undefined ? null : parseSince(options.since, Date.now());
  const timeoutMs = options.timeout === undefined ? null : parseDuration(options.timeout);
  const contracts = loadContracts({ extraDirs: await contractDirs(home) });
  const signals = choose("--signal", options.signal, contracts.names);
  const emitters = choose(
    "--source",
    options.source,
    contracts.daemons.map(({ name }) => name),
  );
  const format = formatter(options, contracts);
  const transport = await commandTransport(home, contracts);
  const stop = new AbortController();
  const timer = timeoutMs === null ? null : setTimeout(() => stop.abort(), timeoutMs);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => stop.abort());
  if (process.stdout.isTTY) remark(paintFor(process.stderr).dim(`listening on ${home}; Ctrl-C ends`));
  let count = 0;
  await listen({
    home,
    contracts,
    transport,
    signals,
    emitters,
    sinceMs,
    stop: stop.signal,
    onSignal: async (envelope) => {
      if (!where(envelope)) return;
      count++;
      await printLine(format(envelope));
      if (count === options.count) stop.abort();
    },
  });
  if (timer) clearTimeout(timer);
  if (options.count !== undefined && count < options.count) process.exitCode = EXIT.no;
}

/** The names that match; a pattern that matches none is a typing error. */
function choose(option: string, patterns: readonly string[], known: readonly string[]): readonly string[] {
  for (const pattern of patterns) {
    if (known.some(nameMatcher([pattern]))) continue;
    const meant = didYouMean(pattern, known);
    throw usageError(
      `${option} ${pattern}: matches nothing that is known here${meant === undefined ? "" : `; did you mean ${meant}?`}`,
    );
  }
  return known.filter(nameMatcher(patterns));
}

function formatter(options: ListenCommandOptions, contracts: Contracts): (envelope: Envelope) => string {
  if (options.cloudevents === true) return (envelope) => JSON.stringify(toCloudEvent(envelope));
  if (options.json === true) return (envelope) => JSON.stringify(envelope);
  const paint = paintFor();
  return (envelope) => describeEnvelope(envelope, contracts, paint, widthOf());
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1)
    throw new InvalidArgumentError("must be a whole number of at least 1.");
  return count;
}
