/**
 * What a node has to say about itself when something cannot be healed (P4, P8): one `Q_HEALTH_ALERT` and one log line per
 * transition, never one per signal, and never about alerts themselves.
 */
import type { Node } from "./api.ts";
import type { Refusal } from "../transport/transport.ts";
import type { BusLog } from "./node-options.ts";

const ALERT = "Q_HEALTH_ALERT";
/** The same alert is repeated at most this often, in milliseconds. */
const REPEAT_MS = 60_000;
/** Different alerts remembered for that. */
const MAX_REMEMBERED = 256;
/** Characters of a stranger's text in an alert. */
const MAX_QUOTED = 80;

interface AlertFacts {
  readonly alert_type: string;
  readonly severity: "warning" | "critical";
  readonly metric_value: string;
  readonly threshold: string;
  readonly recommended_action: string;
}

/** Through which alerts are emitted: the node itself. */
export type AlertSink = Pick<Node, "emit" | "contracts" | "daemon">;

export class Alerts {
  readonly #sink: AlertSink;
  readonly #log: BusLog;
  readonly #raised = new Map<string, number>();

  constructor(options: { sink: AlertSink; log: BusLog }) {
    this.#sink = options.sink;
    this.#log = options.log;
  }

  signalsLost(emitter: string, signal: string, count: number | null, reason: string): void {
    const value = count === null ? "unknown" : String(count);
    this.#raise(`lost/${emitter}/${signal}`, {
      alert_type: "signals_lost",
      severity: "critical",
      metric_value: `${value} ${signal} of ${emitter}: ${reason}`,
      threshold: "0",
      recommended_action:
        "run chem-bus audit; restore the emitter's journal or raise limits.max_journal_bytes",
    });
  }

  owedRemoved(owed: Readonly<Record<string, number>>): void {
    const list = Object.entries(owed).map(([signal, count]) => `${String(count)} ${signal}`);
    this.#raise("owed", {
      alert_type: "journal_cap_reached",
      severity: "critical",
      metric_value: `${list.join(", ")} of ${this.#sink.daemon} removed before every consumer had acknowledged`,
      threshold: "limits.max_journal_bytes",
      recommended_action: "start or remove the consumer that lags, or raise limits.max_journal_bytes",
    });
  }

  contractMismatch(peer: string, signals: readonly string[]): void {
    this.#raise(`mismatch/${peer}`, {
      alert_type: "contract_mismatch",
      severity: "warning",
      metric_value: `${peer} and ${this.#sink.daemon} have different contracts of ${signals.join(", ")}`,
      threshold: "same contract on both ends",
      recommended_action: "run the same release of both daemons",
    });
  }

  handlerPaused(signal: string, failures: number, pauseMs: number): void {
    this.#raise(`paused/${signal}`, {
      alert_type: "handler_paused",
      severity: "critical",
      metric_value: `${String(failures)} identical failures of ${signal} in ${this.#sink.daemon}; paused for ${String(Math.round(pauseMs / 1000))} s`,
      threshold: "limits.flood_failures",
      recommended_action: "run chem-bus dead list and remove the cause",
    });
  }

  connectionsRefused(refusals: number, last: Refusal): void {
    const who = `${last.address ?? "an unknown address"} with ${last.key === null ? "no key" : `key ${last.key}`}`;
    this.#raise("refused", {
      alert_type: "connections_refused",
      severity: "warning",
      metric_value: `${String(refusals)} connections to ${this.#sink.daemon} refused within a minute, the last from ${who} (${last.reason})`,
      threshold: "20 within a minute",
      recommended_action:
        "see the log of this daemon for who it is; let a client in with chem-bus keys add, or keep it away",
    });
  }

  impostor(emitter: string, address: string): void {
    this.#raise(`impostor/${emitter}`, {
      alert_type: "emitter_not_genuine",
      severity: "critical",
      metric_value: `what answers at ${address} does not have the key of ${emitter}`,
      threshold: "the key of keys/allowed.json",
      recommended_action: `see who holds that port (ss -ltnp); if it is ${emitter} itself, run chem-bus keys list and restart it`,
    });
  }

  distrusted(emitter: string, signal: string, source: string): void {
    this.#raise(`distrusted/${emitter}`, {
      alert_type: "emitter_not_believed",
      severity: "critical",
      metric_value: `${emitter} sent ${clip(signal)} in the name of ${clip(source)}; ${this.#sink.daemon} did not handle it`,
      threshold: "the emitter's own name, and signals that its contracts let it emit",
      recommended_action: `${emitter} is broken or not what it seems: stop it, and revoke its key if it has one`,
    });
  }

  journalSetBack(emitter: string): void {
    this.#raise(`set-back/${emitter}`, {
      alert_type: "journal_set_back",
      severity: "critical",
      metric_value: `${this.#sink.daemon} has handled signals that the journal of ${emitter} no longer holds`,
      threshold: "a journal at least as new as its consumers",
      recommended_action: `the journal of ${emitter} was put back from an old copy: check what it emitted after that copy`,
    });
  }

  #raise(key: string, facts: AlertFacts): void {
    const now = performance.now();
    const last = this.#raised.get(key);
    if (last !== undefined && now - last < REPEAT_MS) return;
    if (this.#raised.size >= MAX_REMEMBERED) this.#raised.clear();
    this.#raised.set(key, now);
    const told = { event: "alert", ...facts };
    if (!this.#sink.contracts.mayEmit(this.#sink.daemon, ALERT) || key.includes(ALERT)) {
      this.#log.error(told, "Health alert");
      return;
    }
    // Whoever logs emissions logs this one, too.
    this.#sink.emit(ALERT, facts as never).catch((error: unknown) => {
      this.#log.error({ ...told, err: error }, "Health alert that could not be emitted");
    });
  }
}

/** What a stranger sent is quoted in part: it may be long. */
function clip(text: string): string {
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
}
