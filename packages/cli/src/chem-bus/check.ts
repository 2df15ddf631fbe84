/**
 * `chem-bus check`: the mesh's health for Nagios, Icinga, Sensu and the like. Their convention decides here: one line on
 * standard output, exit 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. So a wrong option is 3 too, not 64: a plugin that ends with
 * another code is shown as broken, and one that ends with 1 or 2 accuses the mesh.
 */
import { Command } from "commander";
import { type Threshold, type Thresholds, judge, type Verdict } from "../check/judge.ts";
import { observe } from "../check/observe.ts";
import { PLUGIN_EXIT, pluginLine, summary, unknownLine } from "../check/plugin-line.ts";
import { usageError } from "../program/errors.ts";
import { existingHome, withCommonOptions, type CommonOptions } from "../program/home.ts";
import { onMistake } from "../program/mistakes.ts";
import { parseDuration } from "../program/moments.ts";
import { printJson, printLine } from "../program/output.ts";
import { collect } from "../program/repeated-option.ts";

interface CheckOptions extends CommonOptions {
  readonly daemon: readonly string[];
  readonly timeout: string;
  readonly warnLag: string;
  readonly critLag: string;
  readonly warnDead: string;
  readonly critDead: string;
  readonly warnLoop: string;
  readonly critLoop: string;
  readonly warnCrashes: string;
  readonly critCrashes: string;
}

/** Of the whole deadline for each of two questions that follow each other: the rest is for starting and judging. */
const ASK_SHARE = 0.4;

export function checkCommand(): Command {
  const command = new Command("check")
    .description("Health in one line for monitoring systems; exit 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.")
    .option("--daemon <name>", "only this one; repeatable", collect, [])
    .option("--timeout <duration>", "longest time for all of it", "8s")
    .option("--warn-lag <signals>", "a daemon has more unfinished signals than this", "1000")
    .option("--crit-lag <signals>", "the same, critical", "10000")
    .option("--warn-dead <letters>", "there are more dead letters than this", "10")
    .option("--crit-dead <letters>", "the same, critical", "100")
    .option("--warn-loop <duration>", "a daemon's event loop is later than this (p99 of a minute)", "250ms")
    .option("--crit-loop <duration>", "the same, critical", "2s")
    .option("--warn-crashes <starts>", "a daemon was started after a crash more often in 24 h", "5")
    .option("--crit-crashes <starts>", "the same, critical", "20");
  onMistake(command, unknown);
  return withCommonOptions(command)
    .action(async (options: CheckOptions) => {
      try {
        process.exitCode = await check(options);
      } catch (error) {
        unknown(error instanceof Error ? error.message : String(error));
      }
    })
    .addHelpText(
      "after",
      `
Examples:
  chem-bus check --home /var/lib/kloros
  chem-bus check --warn-dead 0 --crit-dead 10 --timeout 5s
  chem-bus check --daemon intent_router --crit-lag 500
  chem-bus check --json | jq '.problems[]'

Looked at: does every daemon answer and make progress, lag, dead letters, event loop, crashes, what is paused, and the checks
of orchestrator_monitor when it runs. A daemon that somebody stopped is a warning; one that is just starting is none.
A threshold of - switches it off.`,
    );
}

/** The exit code of the verdict, after it has been printed. */
async function check(options: CheckOptions): Promise<number> {
  const thresholds = thresholdsOf(options);
  const timeoutMs = parseDuration(options.timeout);
  if (timeoutMs <= 0) throw usageError(`--timeout ${options.timeout}: more than nothing`);
  const home = existingHome(options);
  const looking = observe(home, { daemons: options.daemon, askMs: timeoutMs * ASK_SHARE });
  const seen = await within(timeoutMs, looking);
  if (seen === null) throw usageError(`no result within ${options.timeout}`);
  if (seen.daemons.length === 0) throw usageError("no daemon is installed; npm run build");
  const verdict = judge(seen, thresholds);
  if (options.json === true) await printJson(verdictJson(verdict));
  else await printLine(pluginLine(verdict, thresholds));
  return PLUGIN_EXIT[verdict.level];
}

function verdictJson(verdict: Verdict): object {
  const { level, problems, ready, total, lag, deadLetters, loopMs, maintenance } = verdict;
  return {
    status: level,
    exit_code: PLUGIN_EXIT[level],
    message: summary(verdict),
    problems,
    ready,
    daemons: total,
    lag,
    dead_letters: deadLetters,
    event_loop_p99_ms: loopMs,
    maintenance,
  };
}

function thresholdsOf(options: CheckOptions): Thresholds {
  const pair = (warning: string, critical: string, read: (text: string) => number): Threshold => ({
    warning: warning === "-" ? null : read(warning),
    critical: critical === "-" ? null : read(critical),
  });
  return {
    lag: pair(options.warnLag, options.critLag, count),
    deadLetters: pair(options.warnDead, options.critDead, count),
    loopMs: pair(options.warnLoop, options.critLoop, parseDuration),
    crashes: pair(options.warnCrashes, options.critCrashes, count),
  };
}

function count(text: string): number {
  if (!/^\d{1,15}$/u.test(text)) throw usageError(`not a count: "${text}" (a whole number, or - for never)`);
  return Number(text);
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function unknown(reason: string): void {
  process.stdout.write(`${unknownLine(reason)}\n`);
  process.exitCode = PLUGIN_EXIT["UNKNOWN"];
}
