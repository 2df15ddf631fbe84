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
import { startWatchdog } from "../notify/watchdog.ts";
import type { LoadedConfig } from "../settings/load-config.ts";
import { HomePathTooLongError, NoSpaceToStartError, TwinRunningError } from "./errors.ts";
import { guardHome } from "./guard-home.ts";
import { healthOf, statusLine, type DaemonState } from "./health.ts";
import { tellLimits } from "./tell-limits.ts";
import { observeNode } from "./observed-node.ts";
import type { StopRequest } from "./stop-request.ts";
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
  readonly onFatal: (error: unknown, message: string) => void;
}

export class DaemonLife<S> {
  readonly #options: DaemonLifeOptions<S>;
  readonly #stopWatches: (() => void)[] = [];
  readonly #metrics: DaemonMetrics;
  #state: DaemonState = "starting";
  #stuck: string | null = null;
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
    for (const [step, run] of steps) {
      const begunAt = performance.now();
      if ((await unlessStopped(run, stop)) === "stopped") return;
      tookMs[step] = Math.round(performance.now() - begunAt);
    }
    this.#state = "ready";
    notifier.send("READY=1", `STATUS=${this.#statusLine()}`); // L2
    log.info({ took_ms: { ...tookMs, total: Math.round(performance.now()) } }, "Ready");
  }

  /** The orderly stop (L3). False when something did not stop as it should; all the rest is stopped then too. */
  async end(reason: string): Promise<boolean> {
    const { log, notifier, journal, loaded } = this.#options;
    this.#state = "stopping";
    notifier.send("STOPPING=1", `STATUS=stopping: ${reason}`);
    log.info({ reason }, "Stopping");
    const drainMs = loaded.common.drain_deadline;
    const giveUpAt = performance.now() + drainMs;
    const waited = await this.#control?.beforeDrain(drainMs, reason);
    if (waited !== undefined && waited.late.length + waited.gone.length > 0)
      log.warn({ late: waited.late, gone: waited.gone }, "Services did not acknowledge the stop");
    const parts = await this.#finish("stop own intake", giveUpAt - performance.now(), async () =>
      this.#parts.stop?.(),
    );
    const leftMs = Math.max(0, giveUpAt - performance.now());
    const drained = await this.#finish("drain", leftMs + CLOSE_DEADLINE_MS, async () =>
      this.#node?.drain(leftMs),
    );
    const closed = await this.#close();
    log.info({ reason }, "Stopped");
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
    await ensureHome(home);
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
    const { name, loaded, log, stop } = this.#options;
    this.#control = await openControl({
      daemon: name,
      home: loaded.common.home,
      socketPath: this.#runPath("sock"),
      log,
      health: () => healthOf(this.#vitals()),
      node: () => this.#node,
      shutdown: () => stop.request("system:shutdown"),
      more: metricsEvents(this.#metrics),
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
    this.#node = await openNode({ daemon: name, home, contracts, limits: loaded.limits, hooks, log });
  }

  async #setUp(setup: DaemonSetup<S>): Promise<void> {
    const { loaded, log, stop, notifier } = this.#options;
    if (!this.#node) return;
    const { node, longestHandlerDeadlineMs } = observeNode(this.#node);
    const { home, workspace } = loaded.common;
    const progress = {
      stats: () => node.stats(),
      longestHandlerDeadlineMs,
      abortGraceMs: loaded.limits.abortGraceMs,
    };
    this.#stopWatches.push(
      startWatchdog(notifier, progress, {
        statusLine: () => this.#statusLine(),
        onStuckChange: (reason) => this.#onStuckChange(reason),
      }),
    );
    this.#parts = await setup({ node, config: loaded.config, home, workspace, log, stopping: stop.signal });
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
    if (reason === null) this.#options.log.info("Progress again");
    else this.#options.log.error({ reason }, "No progress, the watchdog is not told that all is well");
  }

  #statusLine(): string {
    return statusLine(this.#vitals()).replaceAll(/\s+/g, " ");
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
      limits: loaded.limitOrigins,
      eventLoopDelay: () => this.#metrics.eventLoopDelay(),
    };
  }

  #runPath(extension: "sock" | "lock"): string {
    const { name, loaded } = this.#options;
    return join(loaded.common.home, "run", `${name}.${extension}`);
  }
}
