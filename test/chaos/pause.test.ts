import { expect, it } from "vitest";
import { CHAOS_MS, chaosRun } from "./chaos-run.ts";

it(
  "2,000 intents have exactly one outcome each although consumers stand still for seconds and are killed",
  async () => {
    const mesh = await chaosRun({ kills: 12, pauses: 18 });
    expect(mesh.output().match(/SIGKILL/g)?.length ?? 0).toBeGreaterThanOrEqual(8);
  },
  CHAOS_MS,
);
