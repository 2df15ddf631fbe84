import { expect, it } from "vitest";
import { CHAOS_MS, chaosRun } from "./chaos-run.ts";

it(
  "2,000 intents have exactly one outcome each although daemons are killed with -9 all the time",
  async () => {
    const kills = 36;
    const mesh = await chaosRun({ kills, pauses: 0 });
    expect(mesh.output().match(/SIGKILL/g)?.length ?? 0).toBeGreaterThanOrEqual(30);
  },
  CHAOS_MS,
);
