import { expect, it } from "vitest";
import {
  decisionsOf,
  neighbour,
  promotionsDetected,
  startEngine,
  tempHome,
  until,
  writePolicies,
} from "./engine-home.ts";

it("a condition that is written over several lines gives a reason of one line", async () => {
  const home = await tempHome();
  await writePolicies(
    home,
    `version: 1
policies:
  - name: scan
    on: Q_PROMOTIONS_DETECTED
    when: |
      facts.unacknowledged_count > 0
        && facts.promotion_count > 0
    emit: { signal: Q_SCAN_REQUESTED, facts: { scope: health } }
    gates: { cooldown: 1m, disk_free: false, memory_free: false }
`,
  );
  const monitor = await neighbour(home, "orchestrator_monitor", {});
  await startEngine(home);
  await monitor.node.emit("Q_PROMOTIONS_DETECTED", promotionsDetected({ t: ["t.json"] }));
  const yes = async () => (await decisionsOf(home)).find(({ outcome }) => outcome === "yes");
  await until("the decision", async () => (await yes()) !== undefined);
  expect((await yes())?.reason).toBe(
    "facts.unacknowledged_count > 0 && facts.promotion_count > 0 holds; no gate is closed",
  );
});
