/**
 * One line for each signal that goes out or comes in, readable by people and by grep:
 * `[policy_engine] Emitted Q_DREAM_TRIGGER: {…facts…}`, with the ids in fields.
 */
import type { Contracts } from "@kloros/bus";
import type { Logger } from "pino";
import type { NativeJournal } from "./journal.ts";

/** syslog's number for info. */
const SYSLOG_INFO = "6";
/** Facts longer than this are cut in the line; the journal has them whole (`chem-bus trace <id>`). */
const MAX_FACTS_CHARACTERS = 2_000;

/** What a line says; both what is emitted and what is received have it. */
interface Told {
  readonly signal: string;
  readonly id: string;
  readonly correlation_id: string;
  readonly causation_id: string | null;
  readonly source: string;
  readonly facts: object;
}

export interface SignalLines {
  readonly onEmitted: (envelope: Told) => void;
  readonly onReceived: (envelope: Told) => void;
}

/** The hooks that write the lines, to the journal natively where there is one; nothing is formatted when the level is off. */
export function signalLines(
  log: Logger,
  daemon: string,
  contracts: Contracts,
  journal: NativeJournal | null = null,
): SignalLines {
  const label = labelOf(daemon, contracts);
  const write = (verb: "Emitted" | "Received", envelope: Told) => {
    if (!log.isLevelEnabled("info")) return;
    const { signal, id, correlation_id, causation_id, source } = envelope;
    const text = `[${label}] ${verb} ${signal}: ${factsText(envelope.facts)}`;
    const fields = {
      MESSAGE: text,
      PRIORITY: SYSLOG_INFO,
      SYSLOG_IDENTIFIER: daemon,
      DAEMON: daemon,
      SIGNAL: signal,
      SIGNAL_ID: id,
      CORRELATION_ID: correlation_id,
      ...(causation_id === null ? {} : { CAUSATION_ID: causation_id }),
      SOURCE: source,
    };
    if (journal?.write(fields) === true) return;
    log.info({ signal, id, correlation_id, causation_id, source }, text);
  };
  return {
    onEmitted: (envelope) => write("Emitted", envelope),
    onReceived: (envelope) => write("Received", envelope),
  };
}

/** The package's name with underscores, as in the units' names: `kloros_policy_engine` → `policy_engine`. */
function labelOf(daemon: string, contracts: Contracts): string {
  const known = contracts.daemons.find((info) => info.name === daemon);
  return (known?.package ?? daemon).replaceAll("-", "_");
}

function factsText(facts: object): string {
  const text = JSON.stringify(facts);
  if (text.length <= MAX_FACTS_CHARACTERS) return text;
  return `${text.slice(0, MAX_FACTS_CHARACTERS)}… (${text.length - MAX_FACTS_CHARACTERS} characters more)`;
}
