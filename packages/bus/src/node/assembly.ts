/** The parts of a node and who calls whom. Parts know each other only through the functions given to them here. */
import type { Journal } from "../journal/journal.ts";
import type { BusLimits } from "../protocol/limits.ts";
import { currentEpoch } from "../protocol/positions.ts";
import type { Contracts } from "../signal/contract.ts";
import type { Envelope } from "../signal/envelope.ts";
import { ContractViolationError } from "../signal/errors.ts";
import { traceparentOf } from "../signal/id-generator.ts";
import { envelopeLine } from "../signal/serialize-envelope.ts";
import type { Transport } from "../transport/transport.ts";
import { Alerts, type AlertSink } from "./alerts.ts";
import { Committer } from "./committer.ts";
import { ConsumerRegistry } from "./consumer-registry.ts";
import { DeadLetterOffice } from "./dead-letter-office.ts";
import { DiskTrouble } from "./disk-trouble.ts";
import { Dispatcher } from "./dispatcher.ts";
import { EmissionFactory } from "./emission-factory.ts";
import { handledSignal, handlingOf } from "./handling-report.ts";
import type { Run } from "./handler-slot.ts";
import { EmitterPort } from "./emitter-port.ts";
import { KeptAttempts } from "./kept-attempts.ts";
import type { BusLog, EmittedSignal, NodeHooks } from "./node-options.ts";
import { Receptors } from "./receptors.ts";
import { Refusals } from "./refusals.ts";
import { StateStore } from "./state-store.ts";
import type { TransactionParts } from "./transaction.ts";
import { Transactions } from "./transactions.ts";
import type { Counts, Emission, Finish } from "./unit.ts";

/** What stands outside and is passed in. */
export interface NodeParts {
  readonly daemon: string;
  readonly home: string;
  readonly contracts: Contracts;
  readonly limits: BusLimits;
  readonly hooks: NodeHooks;
  readonly log: BusLog;
  /** Wall clock, for what is written down. */
  readonly now: () => number;
  /** Milliseconds that only ever go forward, for every wait (P10): a clock that is set back must not stop anything. */
  readonly elapsedMs: () => number;
  readonly random: () => number;
  readonly transport: Transport;
  readonly journal: Journal;
  readonly freeBytes: () => number;
}

export type Assembly = ReturnType<typeof assemble>;

export function assemble(parts: NodeParts, alertSink: AlertSink) {
  const { journal, hooks, log } = parts;
  const counts: Counts = { emitted: 0, handled: 0, dead: 0 };
  const store = new StateStore(journal);
  const factory = new EmissionFactory(parts);
  const alerts = new Alerts({ sink: alertSink, log });
  const committer: Committer = new Committer({
    ...parts,
    publish: (run) => {
      port.publish(run);
    },
    onEmitted: hooks.onEmitted === undefined ? null : (emission) => hooks.onEmitted?.(told(emission)),
    onFinished: hooks.onHandled === undefined ? null : (finish) => tellHandled(parts, finish),
    onCommitted: hooks.onCommitted === undefined ? null : (commit) => hooks.onCommitted?.(commit),
    onFailure: (error) => {
      trouble.onCommitFailed(error);
    },
  });
  const publishVolatile = (emission: Emission) => {
    tellAndPublish(parts, port, emission);
  };
  const registry = new ConsumerRegistry(committer);
  const port: EmitterPort = assemblePort(parts, {
    alerts,
    committer,
    registry,
    load: () => loadOf(dispatcher, receptors),
  });
  const own = { store, factory, committer };
  const dispatcher: Dispatcher = assembleDispatcher(parts, own, () => transactions, alerts);
  const office = assembleOffice(parts, committer);
  const shared = { daemon: parts.daemon, now: parts.now, log, store, factory, committer, office, counts };
  const transactions = new Transactions({
    ...shared,
    publishVolatile,
    onBuried: (signal, fingerprint) => {
      dispatcher.onBuried(signal, fingerprint);
    },
    onDeadLettered: hooks.onDeadLettered === undefined ? null : (letter) => hooks.onDeadLettered?.(letter),
  });
  const onUnreadable = (emitter: string, line: Buffer, finish: Finish | null) => {
    transactions.buryRaw(emitter, line, finish);
  };
  const timing = { ...parts, now: parts.elapsedMs };
  const receptors: Receptors = new Receptors({ ...timing, committer, dispatcher, alerts, onUnreadable });
  const trouble = new DiskTrouble({
    log,
    receptors,
    onFatal: (error) => hooks.onFatal?.(error),
    forget: (error) => {
      store.reset();
      dispatcher.forget(error);
    },
  });
  return {
    counts,
    store,
    factory,
    alerts,
    committer,
    registry,
    port,
    dispatcher,
    office,
    transactions,
    receptors,
    trouble,
    publishVolatile,
  };
}

function assembleDispatcher(
  parts: NodeParts,
  { committer, ...transaction }: TransactionParts & { readonly committer: Committer },
  transactions: () => Transactions,
  alerts: Alerts,
): Dispatcher {
  const { contracts, hooks, limits } = parts;
  return new Dispatcher({
    ...parts,
    now: parts.elapsedMs,
    abortGraceMs: limits.abortGraceMs,
    transaction,
    attempts: new KeptAttempts({ journal: parts.journal, committer }),
    refuse: (envelope) => refusal(contracts, envelope),
    onReceived: hooks.onReceived === undefined ? null : (envelope) => hooks.onReceived?.(envelope),
    onRetry: hooks.onHandled === undefined ? null : (run) => tellRetried(parts, run),
    complete: (tx, finish) => {
      transactions().complete(tx, finish);
    },
    bury: (work, finish, error, attempts) => {
      transactions().bury(work, finish, error, attempts);
    },
    onDiskFull: ({ signal, id }, error) => {
      parts.log.warn({ err: error, signal, id }, "A handler waits for space on a full disk");
    },
    onFlood: (signal, failures, pauseMs) => {
      alerts.handlerPaused(signal, failures, pauseMs);
    },
  });
}

function assemblePort(
  parts: NodeParts,
  to: {
    alerts: Alerts;
    committer: Committer;
    registry: ConsumerRegistry;
    load: () => Readonly<Record<string, number>>;
  },
): EmitterPort {
  const { contracts } = parts;
  return new EmitterPort({
    ...parts,
    hashOf: (signal) => contracts.get(signal)?.hash,
    load: to.load,
    onConsumer: (name, record, urgent) => {
      to.registry.update(name, record, urgent);
    },
    onMismatch: (consumer, signals) => {
      to.alerts.contractMismatch(consumer, signals);
    },
    refusals: new Refusals({
      ...parts,
      onFlood: (last, refusals) => {
        to.alerts.connectionsRefused(refusals, last);
      },
    }),
  });
}

function assembleOffice({ home, log }: NodeParts, committer: Committer): DeadLetterOffice {
  return new DeadLetterOffice({
    home,
    onDelivered: (ids) => {
      committer.submit({ outbox: new Map(ids.map((id) => [id, undefined])) });
    },
    onTrouble: (error, waiting) => {
      log.error({ err: error, waiting }, "Dead letters cannot be written; they wait in the journal");
    },
  });
}

function loadOf(dispatcher: Dispatcher, receptors: Receptors): Readonly<Record<string, number>> {
  const lag = receptors.sum((link) => link.lag);
  return { inbox: dispatcher.waiting, in_flight: dispatcher.inFlight, lag };
}

function refusal(contracts: Contracts, envelope: Envelope): Error | null {
  const problems = contracts.problemsIn(envelope.signal, envelope.facts);
  return problems.length === 0 ? null : new ContractViolationError(envelope.signal, problems);
}

/** Waiting emissions keep their facts as text only; whoever wants to be told gets them as they were emitted. */
function told(emission: Emission): EmittedSignal {
  return { ...emission, facts: JSON.parse(emission.factsJson) as object };
}

function tellHandled({ hooks, now }: NodeParts, { handling, outcome }: Finish): void {
  const fate = outcome === "handled" ? "handled" : "dead_lettered";
  if (handling !== null) hooks.onHandled?.(handledSignal(handling, fate, now()));
}

function tellRetried({ hooks, now, elapsedMs }: NodeParts, run: Run): void {
  hooks.onHandled?.(handledSignal(handlingOf(run, elapsedMs()), "retried", now()));
}

function tellAndPublish({ hooks, journal }: NodeParts, port: EmitterPort, emission: Emission): void {
  hooks.onEmitted?.(told(emission));
  port.publish({ signal: emission.signal, payload: volatileLine(emission, journal) });
}

/** Telemetry has no place in the journal: position 0. */
function volatileLine(emission: Emission, journal: Journal): Buffer {
  const { correlation_id, id, factsJson } = emission;
  const epoch = currentEpoch(journal.heads);
  return Buffer.from(
    `${envelopeLine(emission, factsJson, traceparentOf(correlation_id, id), epoch, 0, 0)}\n`,
  );
}
