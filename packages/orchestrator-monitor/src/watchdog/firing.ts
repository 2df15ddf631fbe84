/**
 * Tells timeouts: what is due is held against the journals of those who might have answered, whether they run or not, and
 * what is still open then gets its signal, in one transaction with the state (P3): once, whatever is killed when.
 */
import {
  ContractViolationError,
  EmitRightError,
  type Envelope,
  type Node,
  SignalTooLargeError,
  type Tx,
} from "@kloros/bus";
import type { Logger } from "@kloros/daemon";
import type { Due } from "./due-queue.ts";
import type { Expectations } from "./expectations.ts";
import { tellOf } from "./hear.ts";
import type { Ledger } from "./ledger.ts";
import { MAX_FIRED_BYTES_PER_COMMIT } from "./limits.ts";
import { keepAnchor, keptFacts, keyOf, type Stepped, stepMatter, storedMatter } from "./matter-store.ts";
import type { Timeline } from "./timeline.ts";
import { timeoutFacts } from "./timeout-facts.ts";
import type { Matter, Wait } from "./watch.ts";

export interface FiringOptions {
  readonly node: Pick<Node, "transact" | "unfinished" | "contracts">;
  readonly expectations: Expectations;
  readonly ledger: Ledger;
  readonly timeline: Timeline;
  readonly log: Logger;
}

type Found = Pick<Envelope, "id" | "signal" | "causation_id">;
type Answers = ReadonlyMap<string, readonly Found[]>;

export class Firing {
  readonly #options: FiringOptions;
  /** Emitters whose journals could not be read at the last look, so that it is said once. */
  #unreadable = "";

  constructor(options: FiringOptions) {
    this.#options = options;
  }

  /** Ends these waits, one way or the other. Returns those that are left for the next call. @throws what the commit throws */
  async fire(due: readonly Due[]): Promise<readonly Due[]> {
    const answers = await this.#lookForAnswers(due);
    const { node, timeline, ledger, log } = this.#options;
    return node.transact((tx) => {
      const steps: Stepped[] = [];
      let bytes = 0;
      let done = 0;
      for (const entry of due) {
        if (bytes > MAX_FIRED_BYTES_PER_COMMIT) break;
        bytes += this.#end(tx, entry, answers.get(entry.key) ?? [], steps);
        done++;
      }
      keepAnchor(tx, timeline.anchor());
      tx.afterCommit(() => {
        for (const stepped of steps) {
          ledger.follow(stepped);
          tellOf(log, stepped);
        }
      });
      return due.slice(done);
    });
  }

  /** Completions that lie on disk and were not delivered, by matter. */
  async #lookForAnswers(due: readonly Due[]): Promise<Answers> {
    const { node, expectations, ledger, log } = this.#options;
    const keys = new Set(due.map(({ key }) => key));
    const names = new Set(due.flatMap(({ id }) => ledger.open.get(id)?.wait.any_of ?? []));
    const found = new Map<string, Found[]>();
    const unreadable: string[] = [];
    for await (const one of node.unfinished([...names].filter(isWatched(expectations)))) {
      if (one.kind === "unreadable") {
        unreadable.push(`${one.emitter}: ${one.error.message}`);
        continue;
      }
      const { id, signal, causation_id } = one.envelope;
      for (const key of expectations.mattersEndedBy(one.envelope).map(keyOf))
        if (keys.has(key)) found.set(key, [...(found.get(key) ?? []), { id, signal, causation_id }]);
    }
    const complaint = unreadable.join("; ");
    if (complaint !== this.#unreadable && complaint !== "")
      log.warn({ unreadable }, "Journals cannot be read: timeouts are told without a look into them");
    this.#unreadable = complaint;
    return found;
  }

  /** Returns about how many bytes this adds to the transaction. */
  #end(tx: Tx, { id, key }: Due, answers: readonly Found[], steps: Stepped[]): number {
    const { timeline } = this.#options;
    const step = (event: Parameters<typeof stepMatter>[3], correlation_id: string): void => {
      const stepped = stepMatter(tx, key, correlation_id, event, timeline.now());
      if (stepped !== null) steps.push(stepped);
    };
    const matter = storedMatter(tx.state, key);
    if (matter === undefined) return 0;
    for (const answer of answers)
      step({ kind: "completion", ...answer, found: "journal" }, matter.correlation_id);
    const wait = storedMatter(tx.state, key)?.open.find((open) => open.id === id);
    if (wait === undefined) return 0; // Answered, in time or just now.
    const facts = keptFacts(tx.state, id);
    const timeout_id = this.#emit(tx, matter, wait, facts);
    step({ kind: "timeout", id, timeout_id }, matter.correlation_id);
    return facts === undefined ? 0 : JSON.stringify(facts).length;
  }

  /** A timeout that its contract refuses has its fate, too: a dead letter (P6). */
  #emit(tx: Tx, matter: Matter, wait: Wait, facts: object | undefined): string | null {
    const { expectations, node, log } = this.#options;
    const expected = expectations.bySignal.get(wait.signal);
    if (expected === undefined) {
      log.info({ signal: wait.signal, id: wait.id }, "Its contract expects nothing any more");
      return null;
    }
    const signal = expected.on_timeout as `Q_${string}`;
    const told = timeoutFacts(wait, expected.suggested_action, facts, node.contracts.get(signal));
    const story = { correlation_id: matter.correlation_id, causation_id: wait.id };
    try {
      return tx.emit(signal, told, story);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      tx.deadLetter({ key: `timeout/${wait.id}`, signal: { signal, facts: told, ...story }, error });
      return null;
    }
  }
}

function isRefusal(error: unknown): boolean {
  return (
    error instanceof ContractViolationError ||
    error instanceof EmitRightError ||
    error instanceof SignalTooLargeError
  );
}

/** A wait of an older contract may await what nobody emits any more. */
function isWatched({ names }: Expectations): (name: string) => name is `Q_${string}` {
  return (name): name is `Q_${string}` => names.includes(name);
}
