/**
 * Looks at the mesh every `health_interval` and tells what changes: one `Q_HEALTH_ALERT` per transition of a check, `info` when
 * it is over. The daemons are asked on their control sockets; no signal is consumed, so no alert can feed another.
 *
 * P3 Alerts and the levels that they tell are one transaction: a restart neither repeats nor forgets one.
 * P10 Each look is bounded by the deadlines of what it asks, and the next one begins `health_interval` after its end.
 */
import type { Node, Tx } from "@kloros/bus";
import type { DaemonContext, Logger } from "@kloros/daemon";
import type { Config } from "../config.ts";
import { MeshView } from "../supervision/mesh-view.ts";
import { alertOf, checkRow, type CheckRow, type Packages } from "./alert.ts";
import { Board, type Change, type KeptLevel, rowKey } from "./board.ts";
import { ClockJumps } from "./clock-jumps.ts";
import { jumpAlert } from "./jump-alert.ts";
import { LetterCount } from "./letter-count.ts";
import { worstOf } from "./level.ts";
import { Looker, MACHINE, MESH } from "./look.ts";
import { type Machine, THIS_MACHINE } from "./machine.ts";
import { newestSignalIn, Silence } from "./silence.ts";
import { readThresholds } from "./thresholds.ts";

const LEVEL_PREFIX = "health/level/";
/** The wall clock when anything was kept last, so that one that goes back between two processes is noticed. */
const CLOCK_KEY = "health/clock";
/** Levels read at the start: checks times daemons, with room. */
const MAX_KEPT = 10_000;
/** Jumps of the clock that wait to be told while the disk is full; of more, the newest. */
const MAX_UNTOLD_JUMPS = 16;

export class HealthMonitor {
  readonly #node: Node;
  readonly #log: Logger;
  readonly #intervalMs: number;
  readonly #machine: Machine;
  readonly #packages: Packages;
  readonly #subjects: ReadonlySet<string>;
  readonly #board: Board;
  readonly #jumps: ClockJumps;
  readonly #looker: Looker;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #isStopped = false;
  #lookedAt: string | null = null;
  #lastJump: { readonly at: string; readonly jump_ms: number } | null = null;
  #untoldJumps: readonly number[] = [];
  #isTroubled = false;

  /** @throws {ConfigError} thresholds make no sense */
  constructor({ node, config, home, log }: DaemonContext<Config>, machine: Machine = THIS_MACHINE) {
    this.#node = node;
    this.#log = log;
    this.#intervalMs = config.health_interval;
    this.#machine = machine;
    const { daemons } = node.contracts;
    this.#packages = new Map(daemons.map((daemon) => [daemon.name, daemon.package]));
    this.#subjects = new Set([...this.#packages.keys(), home, MESH, MACHINE]);
    const kept = node.state.list<KeptLevel>(LEVEL_PREFIX, MAX_KEPT).map(({ value }) => value);
    this.#board = new Board(readThresholds(config), config.health_sustain, kept);
    const clock = node.state.get<{ readonly wall_ms: number }>(CLOCK_KEY);
    this.#jumps = new ClockJumps(config.clock_jump, clock?.wall_ms ?? null, machine.clocks());
    this.#looker = new Looker({
      node,
      view: new MeshView(home),
      machine,
      letters: new LetterCount(home, config.dead_letter_window),
      silence: new Silence(newestSignalIn(home), machine.elapsedMs()),
    });
  }

  start(): void {
    this.#running = this.#round();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#running;
    await this.#commit([]).catch(() => undefined); // The clock, for the next start.
  }

  health(): Record<string, unknown> {
    const { rows } = this.#board;
    const count = (level: string): number => rows.filter((row) => row.level === level).length;
    return {
      level: worstOf(rows.map(({ level }) => level)),
      warning: count("warning"),
      critical: count("critical"),
      looked_at: this.#lookedAt,
    };
  }

  statusLine(): string {
    const wrong = this.#board.rows.filter(({ level }) => level !== "ok");
    if (wrong.length === 0) return "";
    return `${wrong.length} ${wrong.length === 1 ? "check is" : "checks are"} not ok`;
  }

  readonly control = {
    "health:checks": (): {
      readonly level: string;
      readonly looked_at: string | null;
      readonly interval_ms: number;
      readonly last_clock_jump: { readonly at: string; readonly jump_ms: number } | null;
      readonly checks: readonly CheckRow[];
    } => ({
      level: worstOf(this.#board.rows.map(({ level }) => level)),
      looked_at: this.#lookedAt,
      interval_ms: this.#intervalMs,
      last_clock_jump: this.#lastJump,
      checks: this.#board.rows.map((row) => checkRow(row, this.#packages)),
    }),
  };

  async #round(): Promise<void> {
    await this.#look();
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => this.start(), this.#intervalMs);
  }

  async #look(): Promise<void> {
    try {
      const { readings, off, failures } = await this.#looker.look();
      if (this.#isStopped) return;
      const at = new Date(this.#machine.clocks().wallMs).toISOString();
      const { rows, changes } = this.#board.judge(
        readings,
        this.#withStrangers(off),
        this.#machine.elapsedMs(),
        at,
      );
      this.#noticeJump(at);
      if (changes.length > 0 || this.#untoldJumps.length > 0) await this.#commit(changes);
      this.#board.took(rows);
      this.#lookedAt = at;
      this.#note(failures);
    } catch (err) {
      this.#note([err]);
    }
  }

  /** Levels of daemons that have left the roster, and of a home that has moved, are over. */
  #withStrangers(off: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    const strangers = this.#board.rows.filter(({ subject }) => !this.#subjects.has(subject));
    return new Map([...off, ...strangers.map(({ subject }) => [subject, "it is no longer there"] as const)]);
  }

  #noticeJump(at: string): void {
    const jumpMs = this.#jumps.look(this.#machine.clocks());
    if (jumpMs === null) return;
    this.#lastJump = { at, jump_ms: jumpMs };
    this.#untoldJumps = [...this.#untoldJumps, jumpMs].slice(-MAX_UNTOLD_JUMPS);
  }

  async #commit(changes: readonly Change[]): Promise<void> {
    const jumps = this.#untoldJumps;
    await this.#node.transact((tx) => {
      for (const change of changes) {
        tx.emit("Q_HEALTH_ALERT", alertOf(change, this.#packages));
        keep(tx, change.row);
      }
      for (const jumpMs of jumps) tx.emit("Q_HEALTH_ALERT", jumpAlert(jumpMs));
      tx.state.put(CLOCK_KEY, { wall_ms: this.#machine.clocks().wallMs });
    });
    this.#untoldJumps = [];
    for (const change of changes) this.#logChange(change);
    for (const jump_ms of jumps) this.#log.warn({ jump_ms }, "The clock was set");
  }

  #logChange({ row, before, off }: Change): void {
    const { check, subject, level, last } = row;
    const fields = {
      check,
      subject,
      level,
      before,
      value: last?.value ?? null,
      ...(off === null ? {} : { off }),
    };
    if (level === "ok") this.#log.info(fields, "Health check is ok again");
    else this.#log[level === "critical" ? "error" : "warn"](fields, "Health check is not ok");
  }

  /** What cannot be measured or told is said once, until it can be again. */
  #note(failures: readonly unknown[]): void {
    const [err] = failures;
    if (err !== undefined && !this.#isTroubled)
      this.#log.error(
        { err, failures: failures.length },
        "Health cannot be looked at in full, it is tried again",
      );
    this.#isTroubled = err !== undefined;
  }
}

function keep(tx: Tx, { check, subject, level, since }: KeptLevel): void {
  const key = `${LEVEL_PREFIX}${rowKey({ check, subject })}`;
  if (level === "ok") tx.state.delete(key);
  else tx.state.put(key, { check, subject, level, since });
}
