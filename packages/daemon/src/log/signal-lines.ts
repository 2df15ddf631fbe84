/**
 * One line for each signal that goes out or comes in, readable by people and by grep:
 * `[policy_engine] Emitted Q_DREAM_TRIGGER: {…facts…}`, with the ids in fields; one more for each alert and each dead letter.
 */
import type { Contracts, LetteredSignal } from "@kloros/bus";
import type { Logger } from "pino";
import type { NativeJournal } from "./journal.ts";
import { MESSAGE_IDS } from "./message-ids.ts";

/** syslog's number for info. */
const SYSLOG_INFO = "6";
/** Facts longer than this are cut in the line; the journal has them whole (`chem-bus trace <id>`). */
const MAX_FACTS_CHARACTERS = 2_000;
const ALERT = "Q_HEALTH_ALERT";

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
  readonly onDeadLettered: (letter: LetteredSignal) => void;
}

/** The hooks that write the lines, to the journal natively where there is one; nothing is formatted when the level is off. */
export function signalLines(
  log: Logger,
  daemon: string,
  contracts: Contracts,
  journal: NativeJournal | null = null,
): SignalLines {
  const label = labelOf(daemon, contracts);
  const write = (event: "emitted" | "received", verb: string, envelope: Told) => {
    if (!log.isLevelEnabled("info")) return;
    const { signal, id, correlation_id, causation_id, source } = envelope;
    const text = `[${label}] ${verb} ${signal}: ${factsText(envelope.facts)}`;
    const asLine = () => {
      log.info({ signal, id, correlation_id, causation_id, source }, text);
    };
    if (journal === null) return asLine();
    const fields = {
      MESSAGE: text,
      MESSAGE_ID: MESSAGE_IDS[event],
      EVENT: event,
      PRIORITY: SYSLOG_INFO,
      SYSLOG_IDENTIFIER: daemon,
      DAEMON: daemon,
      SIGNAL: signal,
      SIGNAL_ID: id,
      CORRELATION_ID: correlation_id,
      ...(causation_id === null ? {} : { CAUSATION_ID: causation_id }),
      SOURCE: source,
    };
    if (!journal.write(fields, asLine)) asLine();
  };
  return {
    onEmitted(envelope) {
      write("emitted", "Emitted", envelope);
      if (envelope.signal === ALERT) tellAlert(log, envelope);
    },
    onReceived: (envelope) => write("received", "Received", envelope),
    onDeadLettered: (letter) => log.error({ event: "dead_letter", ...letter }, "Dead letter"),
  };
}

/** `info` says that what was wrong is over. */
function tellAlert(log: Logger, { signal, id, correlation_id, facts }: Told): void {
  const { severity } = facts as { readonly severity?: unknown };
  const fields = { event: "alert", signal, id, correlation_id, ...facts };
  if (severity === "critical") log.error(fields, "Health alert");
  else if (severity === "warning") log.warn(fields, "Health alert");
  else log.info(fields, "Health alert");
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
