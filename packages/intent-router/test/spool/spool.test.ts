import { afterEach, describe, expect, it } from "vitest";
import { filesIn, intent, until, workbench, type Workbench } from "./harness.ts";

let bench: Workbench;
afterEach(async () => bench.close());

describe("the spool", () => {
  it("routes a file that is renamed into place, and removes it", async () => {
    bench = await workbench();
    bench.drop("a.json", intent({ question_id: "discover.module.audio", priority: 8 }));
    await until("the signal", () => bench.emitted.length === 1);
    expect(bench.emitted[0]).toMatchObject({ signal: "Q_CURIOSITY_INVESTIGATE", priority: "high" });
    await until("the removal", () => filesIn(bench.intents).length === 0);
  });
});
