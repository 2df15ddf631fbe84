/**
 * The life of one daemon between configuration and exit: home, lock, node, setup, work, orderly stop.
 *
 * L1 Nothing of a running twin is touched: the lock is taken before anything in the home but its folders.
 * L2 READY is told only after the node has caught up and the daemon's own parts have started.
 * L3 A stop is: registered services told and heard, own intake off, handlers finished, all within the drain
 *    deadline, then sync, close (P2, P3, P10).
 */
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { acquireFileLock, ensureHome, type FileLock, loadContracts, type Node, openNode } from "@kloros/bus";
import type { Logger } from "pino";
import { MAX_SOCKET_PATH_BYTES } from "../control/control-server.ts";
import { type Control, openControl } from "../control/open-control.ts";
import type { DaemonParts, DaemonSetup } from "../definition.ts";
import type { NativeJournal } from "../log/journal.ts";
import { signalLines } from "../log/signal-lines.ts";
import { type DaemonMetrics, startMetrics } from "../metrics/daemon-metrics.ts";
import { joinedHooks } from "../metrics/joined-hooks.ts";
import { metricsEvents } from "../metrics/metrics-events.ts";
import type { Notifier } from "../notify/notifier.ts";
import { askForStartTime, stopTime } from "../notify/more-time.ts";
import { startWatchdog } from "../notify/watchdog.ts";
import type { LoadedConfig } from "../settings/load-config.ts";
import { HomePathTooLongError, NoSpaceToStartError, TwinRunningError } from "./errors.ts";
import { guardHome } from "./guard-home.ts";
import { healthOf, supervisedLine, type DaemonState } from "./health.ts";
import { restartEvent, type Supervisor } from "./restart-event.ts";
import { recordStart, type StartRecord } from "./start-record.ts";
import { tellLimits } from "./tell-limits.ts";
import type { StopRequest } from "./stop-request.ts";
import { openTransport } from "./open-transport.ts";
import { unlessStopped, within } from "./waiting.ts";

/**
 * Free space without which nothing is started, in bytes. The journal's lock file is mapped into memory; when the
 * disk cannot back a page of it the kernel kills the process (SIGBUS) before anything can be said.
 */
const MIN_FREE_BYTES = 256 * 1024;
/** Closing sockets and journal after the drain, in milliseconds; longer is a bug, and the exit code says so. */
const CLOSE_DEADLINE_MS = 5_000;

export interface DaemonLifeOptions<S> {
  readonly name: string;
  readonly loaded: LoadedConfig<S>;
  readonly log: Logger;
  readonly notifier: Notifier;
  readonly journal: NativeJournal | null;
  readonly stop: StopRequest;
  /** Who starts this process again when it ends. */
  readonly supervisor: Supervisor;
  readonly onFatal: (error: unknown, message: string) => void;
}

export class DaemonLife<S> {
  readonly #options: DaemonLifeOptions<S>;
  readonly #stopWatches: (() => void)[] = [];
  readonly #metrics: DaemonMetrics;
  #state: DaemonState = "starting";
  #stuck: string | null = null;
  #step = "";
  #record: StartRecord | null = null;
  #parts: DaemonParts = {};
  #node: Node | null = null;
  #lock: FileLock | null = null;
  #control: Control | null = null;

  constructor(options: DaemonLifeOptions<S>) {
    this.#options = options;
    this.#metrics = startMetrics({
      daemon: options.name,
      node: () => this.#node,
      ready: () => this.#state === "ready",
      stuck: () => this.#stuck !== null,
      starts: () => this.#record?.starts(Date.now()) ?? null,
      control: () => this.#control?.figures() ?? null,
    });
    this.#stopWatches.push(() => this.#metrics.stop());
  }

  /**
   * Until READY, or until a stop is asked for in between: then it returns early, and `end` closes what is open.
   * @throws what keeps the daemon from starting
   */
  async start(setup: DaemonSetup<S>): Promise<void> {
    const { stop, notifier, log } = this.#options;
    const steps: [string, () => unknown][] = [
      ["home", async () => this.#takeHome()],
      ["control", async () => this.#openControl()],
      ["node", async () => this.#openNode()],
      ["setup", async () => this.#setUp(setup)],
      ["catch_up", async () => this.#node?.start()],
      ["parts", async () => this.#parts.start?.()],
    ];
    const tookMs: Record<string, number> = { process: Math.round(performance.now()) };
    const stopAsking = askForStartTime(notifier, () => this.#startProgress());
    this.#stopWatches.push(stopAsking);
    for (const [step, run] of steps) {
      this.#step = step;
      const begunAt = performance.now();
      if ((await unlessStopped(run, stop)) === "stopped") return;
      tookMs[step] = Math.round(performance.now() - begunAt);
    }
    stopAsking();
    this.#state = "ready";
    this.#metrics.started();
    notifier.send("READY=1", `STATUS=${supervisedLine(this.#vitals())}`); // L2
    log.info({ event: "ready", took_ms: { ...tookMs, total: Math.round(performance.now()) } }, "Ready");
  }

  /** The orderly stop (L3). False when something did not stop as it should; all the rest is stopped then too. */
  async end(reason: string): Promise<boolean> {
    const { log, notifier, journal, loaded, stop } = this.#options;
    const drainMs = loaded.common.drain_deadline;
    this.#state = "stopping";
    notifier.send("STOPPING=1", `STATUS=stopping: ${reason}`, stopTime(drainMs + 2 * CLOSE_DEADLINE_MS));
    if (stop.isRestart) log.info({ event: "restart", reason }, "Ending, to be started again");
    else log.info({ event: "stopping", reason }, "Stopping");
    const giveUpAt = performance.now() + drainMs;
    const waited = await this.#control?.beforeDrain(drainMs, reason);
    if (waited !== undefined && waited.late.length + waited.gone.length > 0)
      log.warn({ late: waited.late, gone: waited.gone }, "Services did not acknowledge the stop");
    const parts = await this.#finish("stop own intake", giveUpAt - performance.now(), async () =>
      this.#parts.stop?.(),
    );
    const leftMs = Math.max(0, giveUpAt - performance.now());
    const drained = await this.#finish("drain", leftMs + CLOSE_DEADLINE_MS, async () => this.#drain(leftMs));
    const closed = await this.#close();
    log.info({ event: "stopped", reason }, "Stopped");
    await Promise.all([notifier.close(), journal?.close()]);
    return parts && drained && closed;
  }

  /** After a start that failed: closes what had been opened. */
  async abandon(): Promise<void> {
    await this.#close();
  }

  async #takeHome(): Promise<void> {
    const { name, loaded, onFatal } = this.#options;
    const { home } = loaded.common;
    if (Buffer.byteLength(this.#runPath("sock")) > MAX_SOCKET_PATH_BYTES)
      throw new HomePathTooLongError(home, MAX_SOCKET_PATH_BYTES);
    for (const what of await ensureHome(home))
      this.#options.log.warn({ what }, "A folder was open to others");
    const taken = acquireFileLock(this.#runPath("lock"), { name }); // L1
    if (taken.kind === "busy") throw new TwinRunningError(name, home, taken.holder);
    this.#lock = taken.lock;
    const { bavail, bsize } = await statfs(home);
    if (bavail * bsize < MIN_FREE_BYTES) throw new NoSpaceToStartError(home, MIN_FREE_BYTES);
    this.#stopWatches.push(
      guardHome(home, taken.lock, (error) => onFatal(error, "The home is gone, the daemon ends")),
    );
  }

  async #openControl(): Promise<void> {
    const { name, loaded, log, stop, supervisor } = this.#options;
    this.#control = await openControl({
      daemon: name,
      home: loaded.common.home,
      socketPath: this.#runPath("sock"),
      log,
      health: () => healthOf(this.#vitals()),
      node: () => this.#node,
      shutdown: () => stop.request("system:shutdown"),
      more: {
        ...metricsEvents(this.#metrics),
        ...restartEvent(name, supervisor, (reason) => stop.requestRestart(reason)),
      },
      own: () => this.#parts.control,
    });
  }

  async #openNode(): Promise<void> {
    const { name, loaded, log, journal, onFatal } = this.#options;
    const { home, contract_dirs } = loaded.common;
    tellLimits(log, loaded.limitOrigins);
    const contracts = loadContracts({ extraDirs: contract_dirs, compileFor: name });
    this.#metrics.know(contracts);
    const hooks = joinedHooks(
      signalLines(log, name, contracts, journal),
      this.#metrics.hooks,
      this.#control?.hooks ?? {},
      {
        onFatal: (error: Error) => onFatal(error, "The journal cannot be trusted any more, the daemon ends"),
      },
    );
    const { limits } = loaded;
    const transport = await openTransport(loaded, name, contracts, log);
    this.#node = await openNode({ daemon: name, home, contracts, limits, transport, hooks, log });
    this.#record = await recordStart(this.#node, Date.now());
    const starts = this.#record.starts(Date.now());
    if (starts.last_end === "unclean")
      log.warn(
        { event: "unclean_start", ...starts },
        "The life before this one was ended by force or by a crash",
      );
  }

  async #setUp(setup: DaemonSetup<S>): Promise<void> {
    const { loaded, log, stop, notifier } = this.#options;
    if (!this.#node) return;
    const node = this.#node;
    const { home, workspace } = loaded.common;
    this.#stopWatches.push(
      startWatchdog(notifier, node, {
        statusLine: () => supervisedLine(this.#vitals()),
        onStuckChange: (reason) => this.#onStuckChange(reason),
      }),
    );
    this.#parts = await setup({ node, config: loaded.config, home, workspace, log, stopping: stop.signal });
  }

  async #drain(deadlineMs: number): Promise<void> {
    try {
      await this.#node?.drain(deadlineMs, (tx) => this.#record?.end(tx));
    } catch (error) {
      if ((error as { code?: unknown }).code !== "E_DISK_FULL") throw error;
      this.#options.log.warn("The disk is full, the next start will be called unclean");
    }
  }

  async #close(): Promise<boolean> {
    const closed = await this.#finish("close", CLOSE_DEADLINE_MS, async () => {
      await this.#node?.close();
      await this.#control?.close();
    });
    for (const stopWatch of this.#stopWatches) stopWatch();
    this.#lock?.release();
    return closed;
  }

  async #finish(step: string, deadlineMs: number, run: () => Promise<unknown>): Promise<boolean> {
    const { log } = this.#options;
    try {
      if ((await within(deadlineMs, run)) === "done") return true;
      log.error({ step, deadline_ms: Math.round(deadlineMs) }, "A step of the stop did not end in time");
    } catch (error) {
      log.error({ step, err: error }, "A step of the stop failed");
    }
    return false;
  }

  #onStuckChange(reason: string | null): void {
    this.#stuck = reason;
    const { log } = this.#options;
    if (reason === null) log.info({ event: "progress" }, "Progress again");
    else log.error({ event: "stuck", reason }, "No progress, the watchdog is not told that all is well");
  }

  /** Changes while the start gets on. */
  #startProgress(): string {
    const stats = this.#node?.stats();
    return [this.#step, stats?.emitted, stats?.handled, stats?.lag, stats?.inbox].join("/");
  }

  #vitals(): Parameters<typeof healthOf>[0] {
    const { name, loaded } = this.#options;
    return {
      daemon: name,
      home: loaded.common.home,
      state: this.#state,
      node: this.#node,
      parts: this.#parts,
      stuck: this.#stuck,
      starts: this.#record?.starts(Date.now()) ?? null,
      limits: loaded.limitOrigins,
      eventLoopDelay: () => this.#metrics.eventLoopDelay(),
    };
  }

  #runPath(extension: "sock" | "lock"): string {
    const { name, loaded } = this.#options;
    return join(loaded.common.home, "run", `${name}.${extension}`);
  }
}
