/**
 * One daemon under test. Owns its home, its node, and the nodes of those whom the test plays; leaves out what belongs to
 * processes: flags, signals, exit codes, control socket, systemd.
 *
 * What is real: contracts (P8), journal and transactions (P3), retries and dead letters (P6), catching up after a
 * restart (P4). A crash is as real as one process allows: nothing of the old node reaches the disk any more, but a
 * handler that still runs cannot be killed; what it does outside the mesh, it does.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  auditHome,
  type BusLimits,
  type Contracts,
  type DeadLetter,
  ensureHome,
  type Facts,
  inspectHome,
  loadContracts,
  type Node,
  openNode,
  readDeadLetters,
  type Receipt,
  type SignalName,
} from "@kloros/bus";
import { memoryTransport } from "@kloros/bus/testing";
import type { DaemonParts, DaemonSetup } from "../definition.ts";
import type { DeliverOptions, TestDaemon, TestDaemonOptions } from "./api.ts";
import { type Emission, Emissions } from "./emissions.ts";
import { TestDeadlineError } from "./errors.ts";
import { type MemoryLog, memoryLog } from "./memory-log.ts";

/** Longest wait of a test for what should happen soon, in milliseconds. */
const SOON_MS = 5_000;
const LOOK_EVERY_MS = 10;
const LAST_LINES = 10;
/** Fast enough for tests: a heartbeat soon, a lost answer is asked for again soon. */
const TEST_LIMITS: Partial<BusLimits> = { heartbeatBusyMs: 50, heartbeatIdleMs: 300, ledgerDeadlineMs: 200 };

/**
 * Runs the daemon's setup as `runDaemon` would, without a process of its own.
 * @throws {ContractFileError} contracts cannot be used; whatever the setup throws
 */
export async function testDaemon<S>(
  name: string,
  setup: DaemonSetup<S>,
  options: TestDaemonOptions<S>,
): Promise<TestDaemon> {
  const extraDirs = (options.contractDirs ?? []).map((dir) => resolve(dir));
  const contracts = loadContracts({ extraDirs, compileFor: name });
  const home = await mkdtemp(join(tmpdir(), "kd-"));
  const daemon = new RunningDaemon(name, { home, contracts, setup, options });
  try {
    await ensureHome(home);
    await daemon.start();
    return daemon;
  } catch (error) {
    await daemon.close();
    throw error;
  }
}

interface Given<S> {
  readonly home: string;
  readonly contracts: Contracts;
  readonly setup: DaemonSetup<S>;
  readonly options: TestDaemonOptions<S>;
}

interface Run {
  readonly node: Node;
  readonly parts: DaemonParts;
  readonly stopping: AbortController;
}

class RunningDaemon<S> implements TestDaemon {
  readonly home: string;
  readonly #name: string;
  readonly #given: Given<S>;
  readonly #transport = memoryTransport();
  readonly #others = new Map<string, Node>();
  readonly #emissions = new Emissions();
  readonly #memory: MemoryLog;
  readonly #delivered = new Set<SignalName>();
  #run: Run | undefined;
  #closed = false;

  constructor(name: string, given: Given<S>) {
    this.#name = name;
    this.#given = given;
    this.home = given.home;
    this.#memory = memoryLog(name);
  }

  get node(): Node {
    return this.#running.node;
  }

  get parts(): DaemonParts {
    return this.#running.parts;
  }

  get logs(): MemoryLog["lines"] {
    return this.#memory.lines;
  }

  async start(): Promise<void> {
    const { home, options, setup } = this.#given;
    const { log } = this.#memory;
    const node = await this.#open(this.#name, true);
    const stopping = new AbortController();
    this.#run = { node, parts: {}, stopping };
    const config = { ...options.settings.defaults(), ...options.config };
    const workspace = resolve(options.workspace ?? join(home, "workspace"));
    const parts = await setup({ node, config, home, workspace, log, stopping: stopping.signal });
    this.#run = { node, parts, stopping };
    await node.start();
    await parts.start?.();
  }

  async deliver<N extends SignalName>(
    signal: N,
    facts: Facts<N>,
    { source, ...options }: DeliverOptions = {},
  ): Promise<Receipt> {
    const emitter = source ?? this.#emitterOf(signal);
    const node = emitter === this.#name ? this.node : await this.#other(emitter);
    if (this.#given.contracts.consumedBy(this.#name).includes(signal)) this.#delivered.add(signal);
    return node.emit(signal, facts, options);
  }

  emitted(): readonly Emission[];
  emitted<N extends SignalName>(name: N): readonly Emission<N>[];
  emitted(name?: SignalName): readonly Emission[] {
    return name === undefined ? this.#emissions.all() : this.#emissions.of(name);
  }

  async waitFor<N extends SignalName>(name: N, deadlineMs = SOON_MS): Promise<Emission<N>> {
    const found = await this.#emissions.next(name, deadlineMs);
    return found ?? this.#tooLate(`an emission of ${name}`, deadlineMs);
  }

  async settled(deadlineMs = SOON_MS): Promise<void> {
    const giveUpAt = performance.now() + deadlineMs;
    while (!(await this.#isSettled())) {
      if (performance.now() > giveUpAt) await this.#tooLate("the end of all handling", deadlineMs);
      await new Promise((again) => setTimeout(again, LOOK_EVERY_MS));
    }
  }

  async deadLetters(): Promise<readonly DeadLetter[]> {
    return (await readDeadLetters(this.home)).letters;
  }

  async restart(): Promise<void> {
    const { node, parts, stopping } = this.#running;
    await node.close(); // First: nothing of what runs now reaches the disk any more.
    stopping.abort("restart");
    await Promise.resolve(parts.stop?.()).catch(() => undefined); // Its timers must not outlive it; its words do not count.
    await this.#findUntold();
    await this.start();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.#run?.stopping.abort("close");
      await this.#run?.parts.stop?.();
      await this.#run?.node.drain(SOON_MS);
    } finally {
      await this.#run?.node.close();
      for (const other of this.#others.values()) await other.close();
      await rm(this.home, { recursive: true, force: true });
    }
  }

  get #running(): Run {
    if (this.#run === undefined) throw new TypeError(`${this.#name} does not run`);
    return this.#run;
  }

  async #open(daemon: string, isOwn: boolean): Promise<Node> {
    const { home, contracts, options } = this.#given;
    return openNode({
      daemon,
      home,
      contracts,
      limits: TEST_LIMITS,
      ...(options.transport === "ipc" ? {} : { transport: this.#transport }),
      ...(isOwn
        ? { log: this.#memory.log, hooks: { onEmitted: (signal) => this.#emissions.add(signal) } }
        : {}),
    });
  }

  /** Others only speak: what they would hear themselves is nobody's business here. */
  async #other(name: string): Promise<Node> {
    const known = this.#others.get(name);
    if (known !== undefined) return known;
    const node = await this.#open(name, false);
    this.#others.set(name, node);
    return node;
  }

  #emitterOf(signal: SignalName): string {
    const emitters = this.#given.contracts.emittersOf(signal);
    return emitters.find((name) => name !== this.#name) ?? this.#name;
  }

  async #isSettled(): Promise<boolean> {
    const { node } = this;
    if (node.stats().inFlight > 0) return false;
    for await (const _waiting of node.unfinished([...this.#delivered])) return false;
    await this.#findUntold();
    return node.stats().inFlight === 0 && (await this.#lettersAreWritten());
  }

  /** A letter's line is written after the commit that counts it. */
  async #lettersAreWritten(): Promise<boolean> {
    const { rows } = await auditHome(this.home);
    const counted = rows
      .filter(({ consumer }) => consumer === this.#name)
      .reduce((sum, { dead_lettered }) => sum + dead_lettered, 0);
    return (await this.deadLetters()).length >= counted;
  }

  /** What is on disk is emitted, also when the moment to tell of it has not come yet, or never will after a crash. */
  async #findUntold(): Promise<void> {
    const inspection = inspectHome(this.home, [this.#name]);
    try {
      for (const envelope of inspection.journals.get(this.#name)?.since(0) ?? [])
        this.#emissions.add(envelope);
    } finally {
      await inspection.close();
    }
  }

  async #tooLate(what: string, deadlineMs: number): Promise<never> {
    const letters = (await this.deadLetters()).map(
      ({ error, attempts }) => `${error} (${String(attempts)} attempts)`,
    );
    const lines = this.logs.slice(-LAST_LINES).map((line) => JSON.stringify(line));
    const account = [
      `emitted: ${
        this.emitted()
          .map(({ signal }) => signal)
          .join(", ") || "nothing"
      }`,
      `dead letters: ${letters.join("; ") || "none"}`,
      `last log lines:\n${lines.join("\n") || "none"}`,
    ];
    throw new TestDeadlineError(what, deadlineMs, account.join("\n"));
  }
}
