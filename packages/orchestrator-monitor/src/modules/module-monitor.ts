/**
 * Announces new modules: for each integration, and for entries that others write into `capabilities.yaml`.
 *
 * P3 An announcement and the memory of it commit together. An integration's handling that raced with a look is noticed
 *    by the bus, which handles it again.
 * P5 At most `max_modules` are remembered, at most one look runs and one waits. P10 Looks end: they read one file.
 */
import type { Envelope, HandlerTx, Tx } from "@kloros/bus";
import type { DaemonContext } from "@kloros/daemon";
import type { Config } from "../config.ts";
import {
  isNews,
  judgeLook,
  KNOWN_PREFIX,
  type KnownModule,
  NOTHING_WAITING,
  stateKeyOf,
  type Verdict,
} from "../decide.ts";
import type { RegisteredModule } from "../registry/registered-module.ts";
import type { RegistryReader } from "../registry/registry-reader.ts";
import { measureModule, type Measure } from "./measure-module.ts";

const ADOPTED_KEY = "registry:adopted";
/** Changes in one transaction: it must fit into memory and one commit. */
const MAX_CHANGES_PER_COMMIT = 500;

/** The story that a look belongs to, when a signal asked for it. */
export interface LookCause {
  readonly id: string;
  readonly correlation_id: string;
}

type Context = Pick<DaemonContext<Config>, "node" | "config" | "workspace" | "log">;

export class ModuleMonitor {
  readonly #context: Context;
  readonly #reader: RegistryReader;
  #waiting = NOTHING_WAITING;
  #looking: Promise<number | null> = Promise.resolve(null);
  /** The complaint that was logged last, so that it is logged once per change. */
  #complaint = "";
  announced = 0;

  constructor(context: Context, reader: RegistryReader) {
    this.#context = context;
    this.#reader = reader;
  }

  /** Announces an integrated module, unless it has been. */
  async onIntegrated(signal: Envelope<"Q_MODULE_INTEGRATED">, tx: HandlerTx): Promise<void> {
    const { module_name: name, module_path: path, investigation_id } = signal.facts;
    const key = stateKeyOf({ name, path });
    if (key === null) {
      this.#context.log.warn(
        { module_name: name.slice(0, 100) },
        "Name and path of the module are too long to be remembered",
      );
      return;
    }
    if (!isNews(tx.state.get<KnownModule>(key))) return;
    const entry = await this.#reader.entry(name, path);
    const module = entry ?? { name, path, folder: null, investigation_id: null, py_files: null };
    const measure = await measureModule(this.#context.workspace, module);
    announce(
      tx,
      key,
      { ...module, investigation_id: investigation_id ?? module.investigation_id },
      measure,
      signal.timestamp,
    );
    this.announced++;
  }

  /**
   * Looks at the registry and does what follows. Looks never overlap. Resolves with the milliseconds after which
   * something is due although the file may not change, or null.
   */
  async look(cause: LookCause | null = null): Promise<number | null> {
    const look = this.#looking.catch(() => null).then(() => this.#lookNow(cause));
    this.#looking = look;
    return look;
  }

  async #lookNow(cause: LookCause | null): Promise<number | null> {
    const { node, config } = this.#context;
    // Before the file is read: what is announced meanwhile must not look forgotten.
    const known = new Map(
      node.state
        .list<KnownModule>(KNOWN_PREFIX, config.max_modules + 1)
        .map(({ key, value }) => [key, value]),
    );
    const found = await this.#found();
    if (!found) return null;
    const now = Date.now();
    const verdict = judgeLook({
      found,
      known,
      isAdopted: node.state.get(ADOPTED_KEY) !== undefined,
      waiting: this.#waiting,
      now,
      graceMs: config.integrated_grace,
      settleMs: cause === null ? config.settle : 0, // Who asks for a look has finished writing.
      forgetAfterMs: config.forget_after,
    });
    await this.#carryOut(verdict, found, known, cause, new Date(now).toISOString());
    this.#waiting = verdict.waiting;
    return verdict.lookAgainMs;
  }

  /** Null: the file cannot be read now, what is known stays known. */
  async #found(): Promise<Map<string, RegisteredModule> | null> {
    const { config } = this.#context;
    const look = await this.#reader.look();
    const found = new Map<string, RegisteredModule>();
    if (look.kind === "missing") return found;
    if (look.kind === "unreadable") {
      this.#complain(
        `capabilities.yaml, line ${look.line}: ${look.message}`,
        "Registry cannot be read, keeping what is known",
      );
      return null;
    }
    for (const module of look.modules) {
      const key = stateKeyOf(module);
      if (key !== null && !found.has(key) && found.size < config.max_modules) found.set(key, module);
    }
    if (found.size === config.max_modules) {
      this.#complain(
        `more than ${config.max_modules} modules`,
        "Registry holds more modules than are watched; see max_modules",
      );
    } else this.#complaint = "";
    return found;
  }

  async #carryOut(
    verdict: Verdict,
    found: ReadonlyMap<string, RegisteredModule>,
    known: ReadonlyMap<string, KnownModule>,
    cause: LookCause | null,
    now: string,
  ): Promise<void> {
    const { node, log, workspace } = this.#context;
    for (const keys of batches(verdict.adopt)) {
      await node.transact((tx) => {
        for (const key of keys) remember(tx, key, found.get(key), false, now);
      });
    }
    if (node.state.get(ADOPTED_KEY) === undefined) {
      await node.transact((tx) => tx.state.put(ADOPTED_KEY, now));
      log.info(
        { modules: verdict.adopt.length },
        "Registry seen for the first time, its modules are taken as known",
      );
    }
    for (const keys of batches(verdict.announce)) {
      const measures = new Map<string, Measure>();
      for (const key of keys) {
        const module = found.get(key);
        if (module) measures.set(key, await measureModule(workspace, module));
      }
      this.announced += await node.transact((tx) => {
        const news = [...measures].filter(([key]) => tx.state.get(key) === undefined);
        for (const [key, measure] of news) {
          const module = found.get(key);
          if (module) announce(tx, key, module, measure, now, cause);
        }
        return news.length;
      });
    }
    for (const keys of batches(verdict.forget)) {
      await node.transact((tx) => {
        for (const key of keys)
          if (tx.state.get<KnownModule>(key)?.since === known.get(key)?.since) tx.state.delete(key);
      });
      log.info({ modules: keys.length }, "Modules that left the registry are forgotten");
    }
  }

  #complain(problem: string, message: string): void {
    if (this.#complaint === problem) return;
    this.#complaint = problem;
    this.#context.log.warn({ problem }, message);
  }
}

function announce(
  tx: Tx,
  key: string,
  module: RegisteredModule,
  measure: Measure,
  now: string,
  cause: LookCause | null = null,
): void {
  const facts = {
    module_name: module.name,
    module_path: module.path,
    investigation_id: module.investigation_id ?? `discover.module.${module.name}`,
    ...measure,
  };
  tx.emit(
    "Q_MODULE_DISCOVERED",
    facts,
    cause ? { correlation_id: cause.correlation_id, causation_id: cause.id } : {},
  );
  remember(tx, key, module, true, now);
}

function remember(
  tx: Tx,
  key: string,
  module: RegisteredModule | undefined,
  announced: boolean,
  since: string,
): void {
  if (!module) return;
  const known: KnownModule = { name: module.name, path: module.path, announced, since };
  tx.state.put(key, known);
}

function* batches(keys: readonly string[]): Generator<readonly string[]> {
  for (let at = 0; at < keys.length; at += MAX_CHANGES_PER_COMMIT)
    yield keys.slice(at, at + MAX_CHANGES_PER_COMMIT);
}
