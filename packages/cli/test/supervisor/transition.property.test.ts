/** The supervisor against children that do anything at any time: whatever happens, its invariants hold. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../../src/supervisor/limits.ts";
import type { SupervisorEvent } from "../../src/supervisor/state.ts";
import { isAlive } from "../../src/supervisor/state.ts";
import { Drive } from "./drive.ts";

const NAMES = ["a", "b", "c"] as const;

interface Move {
  readonly afterMs: number;
  readonly name: (typeof NAMES)[number];
  readonly what: "ready" | "progress" | "stopping" | "exit" | "start" | "stop" | "restart" | "nothing";
  readonly code: number | null;
}

const move: fc.Arbitrary<Move> = fc.record({
  afterMs: fc.oneof(fc.integer({ min: 0, max: 1_500 }), fc.integer({ min: 0, max: 90_000 })),
  name: fc.constantFrom(...NAMES),
  what: fc.constantFrom(
    "ready",
    "progress",
    "stopping",
    "exit",
    "exit",
    "start",
    "stop",
    "restart",
    "nothing",
  ),
  code: fc.constantFrom(0, 1, 70, 75, 78, null),
});

/** The world as it really is: which process of which child exists. Checked against every action. */
class World {
  readonly drive: Drive;
  readonly alive = new Map<string, number>();
  readonly toldAt = new Map<string, number>();
  #seen = 0;

  constructor() {
    this.drive = new Drive(NAMES);
    this.check();
  }

  play({ afterMs, name, what, code }: Move): void {
    for (let left = afterMs; left > 0; left -= 200) {
      this.drive.now += Math.min(200, left);
      this.feed({ kind: "tick" });
    }
    const run = this.drive.child(name).run;
    if (what === "exit") this.exit(name, run, code);
    else if (what === "start" || what === "stop" || what === "restart") this.feed({ kind: what, name });
    else if (what !== "nothing") this.feed({ kind: what, name, run });
  }

  exit(name: string, run: number, code: number | null): void {
    if (this.alive.get(name) !== run) return;
    this.alive.delete(name);
    this.toldAt.delete(name);
    this.feed({ kind: "exited", name, run, code, signal: code === null ? "SIGKILL" : null });
  }

  feed(event: SupervisorEvent): void {
    this.drive.feed(event);
    this.check();
  }

  check(): void {
    const fresh = this.drive.log.slice(this.#seen);
    this.#seen = this.drive.log.length;
    for (const { at, action } of fresh) {
      if (action.kind === "spawn") {
        expect(this.alive.has(action.name), "S1: one process at a time").toBe(false);
        this.alive.set(action.name, action.run);
      }
      if (action.kind === "signal") {
        expect(this.alive.get(action.name), "signals go to what is alive").toBe(action.run);
        if (action.signal === "SIGKILL") this.toldAt.delete(action.name);
        else if (!this.toldAt.has(action.name)) this.toldAt.set(action.name, at);
      }
      if (action.kind === "ended") expect(this.alive.size, "T2: the end leaves nothing alive").toBe(0);
    }
    for (const [name, at] of this.toldAt)
      expect(this.drive.now - at, `S3: ${name} is killed in time`).toBeLessThanOrEqual(
        DEFAULT_LIMITS.drainMs + 200,
      );
    for (const child of this.drive.state.children) expect(isAlive(child)).toBe(this.alive.has(child.name));
  }
}

test("one process at a time, every SIGTERM ends, and a stop-all ends all and starts nothing", () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 60 }), fc.boolean(), (moves, obedient) => {
      const world = new World();
      for (const each of moves) world.play(each);
      const spawnsBefore = NAMES.map((name) => world.drive.spawns(name).length);
      world.feed({ kind: "stop-all" });
      for (let waited = 0; waited < 120_000 && world.drive.state.mode !== "ended"; waited += 200) {
        world.drive.now += 200;
        world.feed({ kind: "tick" });
        for (const name of NAMES) {
          const killed = world.drive.signals(name).at(-1) === "SIGKILL";
          const told = world.drive.signals(name).at(-1) === "SIGTERM";
          if (killed || (told && obedient)) world.exit(name, world.drive.child(name).run, killed ? null : 0);
        }
      }
      expect(world.drive.state.mode).toBe("ended");
      expect(world.alive.size).toBe(0);
      expect(NAMES.map((name) => world.drive.spawns(name).length)).toEqual(spawnsBefore);
    }),
    { numRuns: 100 },
  );
});

test("a child that always crashes early is started at most five times a minute", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 40 }), (lives) => {
      const drive = new Drive(["a"]);
      for (const lifeMs of lives) {
        drive.pass(lifeMs);
        if (isAlive(drive.child("a"))) drive.exit("a", 1);
        while (drive.child("a").phase.kind === "backoff") drive.pass(200);
      }
      const starts = drive.spawns("a");
      for (const at of starts)
        expect(starts.filter((other) => other >= at && other - at < 60_000).length).toBeLessThanOrEqual(5);
    }),
    { numRuns: 200 },
  );
});
