import { appendFileSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { SpoolStep } from "../../src/spool/spool-options.ts";
import { deadLetters, filesIn, intent, until, workbench, type Workbench } from "./harness.ts";

let bench: Workbench;
afterEach(async () => bench.close());

/** A bench that does something once, when the step is reached for the first time. */
async function interrupted(at: SpoolStep, act: () => void): Promise<void> {
  let done = false;
  bench = await workbench({
    reached: (step) => {
      if (step !== at || done) return;
      done = true;
      act();
    },
  });
}

const idle = async (): Promise<void> =>
  until("nothing is left to do", () => {
    const { waiting, settling } = bench.spool.counts();
    return filesIn(bench.intents).length + waiting + settling === 0;
  });

describe("a file that is replaced while the one before is worked on", () => {
  it("is routed as well, and not deleted in the other's place", async () => {
    await interrupted("committed", () => bench.drop("a.json", intent({ question_id: "second" })));
    bench.drop("a.json", intent({ question_id: "first" }));
    await until("both", () => bench.emitted.length === 2);
    await idle();
    expect(bench.emitted.map(({ facts }) => facts["question_id"])).toEqual(["first", "second"]);
    expect(readdirSync(join(bench.intents, ".routed"))).toEqual([]);
  });

  it("is routed, and not put away as rejected with the other's report", async () => {
    await interrupted("reported", () => bench.drop("a.json", intent()));
    bench.drop("a.json", "[]");
    await until("the second", () => bench.emitted.length === 1);
    await idle();
    await until("the letter of the first", () => deadLetters(bench.home).length === 1);
    expect(filesIn(join(bench.intents, "rejected"))).toEqual(["a.json.report.json"]);
  });

  it("is routed, and not put away as a duplicate", async () => {
    let commits = 0;
    bench = await workbench({
      reached: (step) => {
        if (step === "committed" && ++commits === 2) bench.drop("again.json", intent());
      },
    });
    const same = intent();
    bench.drop("first.json", same);
    await idle();
    bench.drop("again.json", same);
    await until("the other", () => bench.emitted.length === 2);
    await idle();
    expect(filesIn(join(bench.intents, "duplicate"))).toEqual([]);
  });

  it("is met again when it was only changed in place", async () => {
    await interrupted("committed", () => appendFileSync(join(bench.intents, "a.json"), " and more"));
    bench.drop("a.json", intent());
    await until(
      "it is rejected for what it became",
      () => filesIn(join(bench.intents, "rejected")).length === 2,
    );
    expect(readFileSync(join(bench.intents, "rejected", "a.json"), "utf8")).toContain("and more");
    expect(bench.emitted).toHaveLength(1);
  });

  it("is judged by its last content when it changed while it waited for its turn", async () => {
    await interrupted("judged", () => undefined);
    bench.drop("a.json", intent({ question_id: "old" }));
    bench.drop("a.json", intent({ question_id: "new" }));
    await idle();
    expect(bench.emitted.map(({ facts }) => facts["question_id"])).toEqual(["new"]);
  });
});
