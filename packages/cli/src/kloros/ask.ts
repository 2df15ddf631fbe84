/** `kloros ask`: one control request to a daemon, or to all of them, and what it answers. */
import { loadContracts } from "@kloros/bus";
import { connect, type MeshClient } from "@kloros/client";
import { Command, InvalidArgumentError } from "commander";
import { asJson, askAll, exitCodeOf, type Said } from "../ask/ask-all.ts";
import {
  drawEvents,
  type EventWords,
  explainEvent,
  type KnownEvents,
  unknownName,
} from "../ask/explain-event.ts";
import { contractDirs } from "../program/contract-dirs.ts";
import { answerNo, unreachable, usageError } from "../program/errors.ts";
import { type CommonOptions, existingHome, withCommonOptions } from "../program/home.ts";
import { printJson, printLine, remark } from "../program/output.ts";
import { paintFor } from "../program/paint.ts";

interface AskOptions extends CommonOptions {
  readonly timeout: number;
}

/** Longest wait for an answer, in seconds: a little more than a daemon takes before it gives up itself. */
const DEFAULT_TIMEOUT_S = 35;
/** The supervisor's control socket; not one of "all", for it is no daemon of the mesh. */
const SUPERVISOR = "kloros-up";

export function askCommand(): Command {
  const command = new Command("ask")
    .description("Send one control request to a daemon and print what it answers.")
    .argument(
      "<daemon>",
      `name, as kloros status shows it; all: those that run; ${SUPERVISOR}: the supervisor`,
    )
    .argument(
      "[event]",
      "such as system:health; help: explain the event that follows; left out: list all events",
    )
    .argument("[data]", 'JSON object, such as \'{"level":"debug"}\'')
    .option("--timeout <seconds>", "longest wait for an answer", seconds, DEFAULT_TIMEOUT_S);
  return withCommonOptions(command, "print whole replies as JSON")
    .action(
      async (daemon: string, event: string | undefined, data: string | undefined, options: AskOptions) => {
        const home = existingHome(options);
        await using mesh = await connect({
          home,
          daemons: "all",
          timeoutMs: options.timeout * 1000,
          reconnect: false,
        });
        const daemons = await askedDaemons(mesh, home, daemon);
        if (event === undefined) return await listEvents(mesh, daemons, options);
        if (event === "help") return await explain(mesh, daemon, daemons, data, options);
        await ask(mesh, daemons, event, data === undefined ? {} : readData(data), daemon !== "all", options);
      },
    )
    .addHelpText(
      "after",
      `
Examples:
  kloros ask intent_router                               which events does it know?
  kloros ask intent_router help state:set                what does this one take?
  kloros ask intent_router log:level '{"level":"debug"}'
  kloros ask all system:health --json | jq '.[] | {daemon, state: .data.state}'

Exit codes: 0 answered · 1 refused · 64 usage · 69 no answer. The protocol: docs/control-socket.md`,
    );
}

async function ask(
  mesh: MeshClient,
  daemons: readonly string[],
  event: string,
  data: unknown,
  single: boolean,
  { json }: AskOptions,
): Promise<void> {
  const said = await askAll(mesh, daemons, event, data);
  if (json === true) await printJson(single ? said.map(asJson)[0] : said.map(asJson));
  for (const one of said) {
    if (one.kind === "failure") remark(`kloros: ${single ? "" : `${one.daemon}: `}${one.error.message}`);
    else if (json !== true) await printReply(one, single);
    if (one.kind === "reply" && opensStream(one.reply.data))
      remark(
        "kloros: what it opened has ended with this command; @kloros/client stays, and chem-bus listen follows the signals",
      );
  }
  process.exitCode = exitCodeOf(said);
}

/** One request ends here: a stream needs a client that stays, such as `@kloros/client`. */
function opensStream(data: unknown): boolean {
  return typeof data === "object" && data !== null && typeof Reflect.get(data, "subscription") === "string";
}

async function printReply({ daemon, reply }: Said & { kind: "reply" }, single: boolean): Promise<void> {
  if (!single) await printLine(`${daemon}:`);
  await printJson(reply.data ?? null);
}

async function listEvents(mesh: MeshClient, daemons: readonly string[], { json }: AskOptions): Promise<void> {
  const known = await discover(mesh, daemons);
  if (json === true) await printJson(known);
  else for (const line of drawEvents(known, paintFor())) await printLine(line);
}

async function explain(
  mesh: MeshClient,
  asked: string,
  daemons: readonly string[],
  event: string | undefined,
  { json }: AskOptions,
): Promise<void> {
  if (event === undefined) throw usageError(`which event? Try: kloros ask ${asked} help system:health`);
  const known = await discover(mesh, daemons);
  const knows = known.find(({ events }) => events.some((words) => words.event === event));
  if (!knows) {
    const names = [...new Set(known.flatMap(({ events }) => events.map((words) => words.event)))];
    throw answerNo(unknownName("event", event, names));
  }
  const words = await mesh.daemon(knows.daemon).sendSingle("system:help", { event });
  if (json === true) await printJson(words);
  else for (const line of explainEvent(asked, words as EventWords, paintFor())) await printLine(line);
}

async function discover(mesh: MeshClient, daemons: readonly string[]): Promise<KnownEvents[]> {
  const said = await askAll(mesh, daemons, "system:discover", {});
  const [failure] = said.flatMap((one) => (one.kind === "failure" ? [one.error] : []));
  const known = said.flatMap((one) =>
    one.kind === "reply" ? [{ daemon: one.daemon, events: (one.reply.data as KnownEvents).events }] : [],
  );
  if (known.length === 0 && failure) throw unreachable(failure.message, { cause: failure });
  return known;
}

async function askedDaemons(mesh: MeshClient, home: string, daemon: string): Promise<readonly string[]> {
  const running = mesh.daemons();
  if (daemon === "all") {
    if (running.length > 0) return running;
    throw unreachable(`no daemon runs on ${home}; start the mesh with: kloros up --home ${home}`);
  }
  if (daemon === SUPERVISOR || running.includes(daemon)) return [daemon];
  const names = loadContracts({ extraDirs: await contractDirs(home) }).daemons.map(({ name }) => name);
  if (!names.includes(daemon)) throw usageError(unknownName("daemon", daemon, [...names, "all"]));
  throw unreachable(`${daemon} does not run on ${home}; start it with: kloros start ${daemon}, or kloros up`);
}

function readData(text: string): unknown {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    const hint = `put it into single quotes, with names in double quotes: '{"level":"debug"}'`;
    throw usageError(`the data are no JSON (${(cause as Error).message}); ${hint}`, { cause });
  }
  if (typeof data === "object" && data !== null && !Array.isArray(data)) return data;
  throw usageError(`the data must be a JSON object, such as '{"level":"debug"}' (got ${text})`);
}

function seconds(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 3_600) return value;
  throw new InvalidArgumentError("seconds, more than 0 and at most 3,600, are expected.");
}
