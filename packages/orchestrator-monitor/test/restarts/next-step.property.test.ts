/** A restart in a small model of the world: whoever supervises, however deaf the daemon, whenever the monitor is killed. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { nextStep, type Process, type Restart, type Scene, type Step } from "../../src/restarts/next-step.ts";

const PATIENCE = { patienceMs: 1_000, giveUpMs: 10_000 };
const TICK_MS = 200;
const START_MS = 400;

interface Circumstances {
  readonly supervisor: "kloros_up" | "systemd";
  readonly hung: boolean;
  /** What it takes to end in order; longer than the patience is no reason to kill who answers. */
  readonly drainMs: number;
  /** Tick at which an operator stops it; beyond the end: never. */
  readonly stopAt: number;
  /** Ticks at which the monitor is killed, before it acts or between acting and keeping. */
  readonly crashes: readonly { readonly at: number; readonly acted: boolean }[];
  /** Tick at which it restarts by itself. */
  readonly diesAt: number;
}

class World {
  now = 0;
  wanted = true;
  pid = 1;
  alive: { process: Process; readyAt: number; endsAt: number | null; hung: boolean } | null;
  readonly killed: number[] = [];
  readonly ended: number[] = [];
  readonly #around: Circumstances;
  #phase: "running" | "stopping" = "running";
  #startAt: number | null = null;

  constructor(around: Circumstances) {
    this.#around = around;
    this.alive = { process: this.#process(), readyAt: 0, endsAt: null, hung: around.hung };
  }

  #process(): Process {
    return { pid: this.pid, since: new Date(this.now).toISOString() };
  }

  tick(): void {
    this.now += TICK_MS;
    const { alive } = this;
    if (alive?.endsAt !== null && alive?.endsAt !== undefined && this.now >= alive.endsAt && !alive.hung)
      this.#gone();
    if (this.alive === null && this.wanted && this.#startAt !== null && this.now >= this.#startAt) {
      this.pid++;
      this.alive = { process: this.#process(), readyAt: this.now + START_MS, endsAt: null, hung: false };
      this.#phase = "running";
      this.#startAt = null;
    }
  }

  #gone(): void {
    if (this.alive === null) return;
    this.ended.push(this.alive.process.pid);
    this.alive = null;
    this.#startAt = this.now + TICK_MS;
  }

  die(): void {
    this.#gone();
  }

  operatorStops(): void {
    this.wanted = false;
    this.#phase = "stopping";
    if (this.alive !== null && !this.alive.hung) this.alive.endsAt ??= this.now + this.#around.drainMs;
    else this.#gone(); // Its supervisor ends it by force.
  }

  act(step: Step): void {
    if (step.kind === "tell") {
      if (step.method === "supervisor") {
        expect(this.#around.supervisor).toBe("kloros_up");
        this.wanted = true; // What `supervisor:restart` does to a stop that is under way.
        this.#phase = "stopping";
      }
      if (this.alive !== null && !this.alive.hung) this.alive.endsAt ??= this.now + this.#around.drainMs;
    }
    if (step.kind === "kill") {
      expect(this.alive?.hung).toBe(true);
      expect(step.pid).toBe(this.alive?.process.pid);
      this.killed.push(step.pid);
      this.#gone();
    }
  }

  scene(begunAt: number, toldAt: number | null): Scene {
    const { alive } = this;
    const isUp = this.#around.supervisor === "kloros_up";
    const state =
      alive === null
        ? ""
        : this.now < alive.readyAt
          ? "starting"
          : alive.endsAt === null
            ? "ready"
            : "stopping";
    const phase =
      alive === null
        ? this.wanted
          ? "backoff"
          : "stopped"
        : this.#phase === "stopping"
          ? "stopping"
          : "ready";
    return {
      holder: alive?.process ?? null,
      answer: alive === null || alive.hung ? null : { state, pid: alive.process.pid },
      supervised: isUp ? { name: "d", phase, reason: "" } : null,
      isLeftOut: false,
      lastEnd: alive === null ? (this.wanted ? "unclean" : "clean") : null,
      elapsedMs: this.now - begunAt,
      sinceToldMs: toldAt === null ? null : this.now - toldAt,
    };
  }
}

function restart(around: Circumstances): { readonly world: World; readonly end: Step } {
  const world = new World(around);
  let job: Restart = { daemon: "d", wantedMs: 0, before: null, told: null };
  let [begunAt, toldAt]: [number, number | null] = [0, null];
  for (let tick = 0; tick < 500; tick++) {
    if (tick === around.stopAt) world.operatorStops();
    if (tick === around.diesAt) world.die();
    const crash = around.crashes.find(({ at }) => at === tick);
    const step = nextStep(job, world.scene(begunAt, toldAt), PATIENCE);
    if (step.kind === "done" || step.kind === "failed") {
      if (crash === undefined) return { world, end: step };
    } else if (crash === undefined || crash.acted) {
      if (step.kind === "begin") job = { ...job, before: step.before };
      if (step.kind === "tell") job = { ...job, told: step.method };
      if (step.kind === "kill") job = { ...job, told: "killed" };
      world.act(step);
      if (step.kind === "tell" || step.kind === "kill") toldAt ??= world.now;
      if (step.kind === "kill") toldAt = world.now;
    }
    if (crash !== undefined) [begunAt, toldAt] = [world.now, null];
    world.tick();
  }
  throw new Error("the restart has no end");
}

const never = 1_000;
const circumstances = fc.record({
  supervisor: fc.constantFrom("kloros_up" as const, "systemd" as const),
  hung: fc.boolean(),
  drainMs: fc.constantFrom(600, 3_000),
  crashes: fc.array(fc.record({ at: fc.nat(30), acted: fc.boolean() }), { maxLength: 4 }),
  diesAt: fc.oneof(fc.constant(never), fc.nat(20)),
});

it("ends one process at most, kills only who is deaf, and ends with a daemon that is ready", () => {
  fc.assert(
    fc.property(circumstances, (around) => {
      const { world, end } = restart({ ...around, stopAt: never });
      expect(end.kind).toBe("done");
      expect(world.alive?.process.pid).toBe(end.kind === "done" ? end.pid : 0);
      // One by the restart; another where it died by itself besides.
      expect(world.ended.length).toBeLessThanOrEqual(around.diesAt === never ? 1 : 2);
      expect(world.killed.length).toBeLessThanOrEqual(1);
      if (!around.hung) expect(world.killed).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

it("leaves a daemon stopped that an operator stopped before", () => {
  fc.assert(
    fc.property(circumstances, (around) => {
      const { world, end } = restart({ ...around, hung: false, diesAt: never, stopAt: 0 });
      expect(world.wanted).toBe(false);
      expect(world.alive).toBeNull();
      const expected =
        around.supervisor === "kloros_up" ? /^StoppedOnPurpose$/ : /^(StoppedOnPurpose|NotBack)$/;
      expect(end.kind === "failed" && end.failure.error_type).toMatch(expected);
    }),
  );
});

it("does not touch a process that was started after the trouble was seen", () => {
  const world = new World({
    supervisor: "systemd",
    hung: false,
    drainMs: 600,
    crashes: [],
    stopAt: never,
    diesAt: never,
  });
  const job: Restart = { daemon: "d", wantedMs: -1, before: null, told: null };
  expect(nextStep(job, world.scene(0, null), PATIENCE)).toEqual({ kind: "done", method: "already", pid: 1 });
});

it("says killed of a process that was asked to end and was ended by force", () => {
  const [old, fresh] = [
    { pid: 1, since: "2025-11-15T10:00:00Z" },
    { pid: 2, since: "2025-11-15T11:00:00Z" },
  ];
  const job: Restart = { daemon: "d", wantedMs: Date.parse(old.since), before: old, told: "control_socket" };
  const scene = (last_end: string): Scene => ({
    holder: fresh,
    answer: { state: "ready", pid: fresh.pid, starts: { last_end } },
    supervised: null,
    isLeftOut: false,
    lastEnd: null,
    elapsedMs: 500,
    sinceToldMs: 500,
  });
  expect(nextStep(job, scene("clean"), PATIENCE)).toMatchObject({ kind: "done", method: "control_socket" });
  expect(nextStep(job, scene("unclean"), PATIENCE)).toMatchObject({ kind: "done", method: "killed" });
});
