/** What is done to the daemons, and when: all of it follows from a seed. */
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../mesh/eventually.ts";
import type { Daemon, RunningMesh } from "../mesh/running-mesh.ts";

export interface Torment {
  readonly kind: "kill" | "pause";
  readonly daemon: Daemon;
  /** Quiet time before it, in milliseconds. */
  readonly afterMs: number;
  /** How long a pause lasts, in milliseconds; 0 for a kill. */
  readonly forMs: number;
}

/** Between two torments: long enough that most daemons have come back, short enough that some have not. */
const MAX_QUIET_MS = 1_000;
const MIN_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 3_000;

/** `kills` of the daemons in turn and `pauses` of those that consume signals, where they pile up; shuffled. */
export function planTorments(
  random: () => number,
  daemons: readonly Daemon[],
  kills: number,
  pauses: number,
): readonly Torment[] {
  const consumers = daemons.filter((daemon) => daemon !== "intent_router");
  const quiet = (): number => Math.round(random() * MAX_QUIET_MS);
  const torments: Torment[] = [
    ...Array.from({ length: kills }, (_, index) => ({
      kind: "kill" as const,
      daemon: daemons[index % daemons.length]!,
      afterMs: quiet(),
      forMs: 0,
    })),
    ...Array.from({ length: pauses }, (_, index) => ({
      kind: "pause" as const,
      daemon: consumers[index % consumers.length]!,
      afterMs: quiet(),
      forMs: Math.round(MIN_PAUSE_MS + random() * (MAX_PAUSE_MS - MIN_PAUSE_MS)),
    })),
  ];
  for (let last = torments.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [torments[last], torments[other]] = [torments[other]!, torments[last]!];
  }
  return torments;
}

/** Carries out one torment; a pause ends by itself later, so that several may overlap: `over` is its end. */
export async function torment(
  mesh: RunningMesh,
  { kind, daemon, forMs }: Torment,
): Promise<{ readonly over: Promise<void> }> {
  const pid = await eventually(
    () => `${daemon} has a process; the mesh said:\n${mesh.lastLines()}`,
    async () => mesh.pidOf(daemon),
  );
  if (kind === "kill") {
    signal(pid, "SIGKILL");
    return { over: Promise.resolve() };
  }
  signal(pid, "SIGSTOP");
  return { over: sleep(forMs).then(() => signal(pid, "SIGCONT")) };
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (cause) {
    // It has just ended by itself, or another torment was faster.
    if ((cause as NodeJS.ErrnoException).code !== "ESRCH") throw cause;
  }
}
