import { expect, it } from "vitest";
import type { RunningMesh } from "../mesh/running-mesh.ts";
import { CHAOS_MS, chaosRun } from "./chaos-run.ts";

/** Two frames of one signal each in the queues for sending: a commit of more signals than that loses the others. */
const TINY_LIMITS = `limits:
  publish_high_water_mark: 1
  max_publish_queue: 1
  max_frame_signals: 1
  max_commit_signals: 16
  max_inbox_signals: 8
  max_inbox_bytes: 64KiB
  max_fetch_signals: 4
  max_fetch_bytes: 16KiB
  max_scan_bytes: 64KiB
  ledger_deadline_ms: 250ms
`;

it(
  "2,000 intents have exactly one outcome each although most live frames are dropped and daemons are killed",
  async () => {
    const lookAtTheEnd = expectMostToBeHealed;
    const mesh = await chaosRun({ kills: 32, pauses: 0, settings: TINY_LIMITS, lookAtTheEnd });
    expect(mesh.output().match(/SIGKILL/g)?.length ?? 0).toBeGreaterThanOrEqual(28);
  },
  CHAOS_MS,
);

/** Most of what a consumer handled came from the ledger, since its live frame was dropped. */
async function expectMostToBeHealed(mesh: RunningMesh): Promise<void> {
  const health = await mesh.health("capability_integrator_daemon");
  const { handled, gapsHealed } = health["stats"] as { handled: number; gapsHealed: number };
  expect(gapsHealed).toBeGreaterThan(handled / 2);
}
