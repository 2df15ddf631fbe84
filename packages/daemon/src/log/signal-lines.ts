/**
 * One line for each signal that goes out or comes in, readable by people and by grep:
 * `[policy_engine] Emitted Q_DREAM_TRIGGER: {…facts…}`, with the ids in fields.
 */
import type { Contracts, Envelope } from "@kloros/bus";
import type { Logger } from "pino";

/** Facts longer than this are cut in the line; the journal has them whole (`chem-bus trace <id>`). */
const MAX_FACTS_CHARACTERS = 2_000;

type Told = Pick<Envelope, "signal" | "id" | "correlation_id" | "causation_id" | "source" | "facts">;

export interface SignalLines {
  readonly onEmitted: (envelope: Told) => void;
  readonly onReceived: (envelope: Told) => void;
}

/** The hooks that write the lines; nothing is formatted when the level is off. */
export function signalLines(log: Logger, daemon: string, contracts: Contracts): SignalLines {
  const label = labelOf(daemon, contracts);
  const write = (verb: "Emitted" | "Received", envelope: Told) => {
    if (!log.isLevelEnabled("info")) return;
    const { signal, id, correlation_id, causation_id, source } = envelope;
    const text = `[${label}] ${verb} ${signal}: ${factsText(envelope.facts)}`;
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

function factsText(facts: unknown): string {
  const text = JSON.stringify(facts);
  if (text.length <= MAX_FACTS_CHARACTERS) return text;
  return `${text.slice(0, MAX_FACTS_CHARACTERS)}… (${text.length - MAX_FACTS_CHARACTERS} characters more)`;
}
