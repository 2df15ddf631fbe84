/** What becomes of the promotions that fed a cycle. */
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dreamDaemon } from "../dream-daemon.ts";
import { eventually } from "../eventually.ts";
import { BASELINE, dreamYaml, exists, homeWith, promotion } from "../home.ts";
import { policyIn, tournamentIn } from "../others.ts";

describe("promotions", () => {
  it("that were changed, taken away, linked or refused meanwhile are not acknowledged; names that are taken get a suffix", async () => {
    const home = await homeWith(dreamYaml([{ baseline: BASELINE }]));
    const folder = join(home, "dream_lab", "promotions");
    const content = (x: number) => ({
      experiment: "sorting",
      winner: { fitness: 1, params: { x, kind: "plain" } },
    });
    await promotion(home, "good.json", content(1));
    await promotion(home, "changed.json", content(2));
    await promotion(home, "gone.json", content(3));
    await promotion(home, "refused.json", { hello: 1 });
    await writeFile(join(home, "outside.json"), JSON.stringify(content(4)));
    await symlink(join(home, "outside.json"), join(folder, "linked.json"));
    await mkdir(join(folder, "acknowledged"), { recursive: true });
    await writeFile(join(folder, "acknowledged", "good.json"), "an older one");
    const policy = await policyIn(home);
    await tournamentIn(home, {
      answers: ({ purpose }) => {
        if (purpose === "confirm") {
          // In the middle of the cycle.
          void promotion(home, "changed.json", content(9)).then(() =>
            rm(join(folder, "gone.json"), { force: true }),
          );
        }
        return true;
      },
    });
    await dreamDaemon(home);
    const names = [
      "good.json",
      "changed.json",
      "gone.json",
      "refused.json",
      "linked.json",
      "../dream.yaml",
      "no.json",
    ];
    await policy.trigger({ promotion_count: 7, promotions: names });
    await eventually("an end", () => policy.told.length === 1);
    const facts = policy.complete()[0]!.facts;
    expect(facts.promotions_acknowledged).toContain("good.json");
    expect(facts.promotions_acknowledged).not.toContain("refused.json");
    expect((await readdir(join(folder, "acknowledged"))).sort()).toContain("good.2.json");
    expect(await readFile(join(folder, "acknowledged", "good.json"), "utf8")).toBe("an older one");
    expect(exists(home, "outside.json")).toBe(true);
    expect(exists(folder, "refused.json")).toBe(true);
  });

  it("that are counted and not named are taken from the folder, by topic", async () => {
    const home = await homeWith(dreamYaml([{ topics: "speed" }]));
    const policy = await policyIn(home);
    await tournamentIn(home);
    await dreamDaemon(home);
    await promotion(home, "ours.json", {
      experiment: "sorting",
      winner: { fitness: 1, params: { x: 1, kind: "plain" } },
    });
    await promotion(home, "theirs.json", {
      experiment: "other",
      winner: { fitness: 1, params: { x: 1, kind: "plain" } },
    });
    await policy.trigger({ topic: "speed", promotion_count: 2 });
    await eventually("an end", () => policy.told.length === 1);
    expect(policy.complete()[0]?.facts.promotions_acknowledged).toEqual(["ours.json"]);
    expect(exists(home, "dream_lab", "promotions", "theirs.json")).toBe(true);
  });
});
