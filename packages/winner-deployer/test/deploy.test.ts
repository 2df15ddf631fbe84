/** What becomes of winners, good and bad: real nodes, real commands, real files. */
import { readlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { lab } from "./lab.ts";
import { startDeployer, surroundings } from "./mesh.ts";

it("a winner is validated, measured, installed, switched to, watched, and announced once", async () => {
  const home = await lab();
  await home.winner("dream_1", 5);
  const mesh = await surroundings(home);
  await startDeployer(home);
  const asked = await mesh.complete("dream_1");
  const answer = await mesh.answerTo(asked);
  expect(answer).toMatchObject({
    signal: "Q_WINNER_DEPLOYED",
    facts: {
      winner_id: "c00042",
      deployment_path: home.paths.version("dream_1"),
      backup_created: false,
      rollback_available: false,
      cycle_id: "dream_1",
      experiment: "tune",
      version_id: "dream_1",
      previous_version_id: null,
      fitness: 5,
    },
  });
  expect(await readlink(home.paths.current)).toBe(join("versions", "dream_1"));
  expect(await home.history()).toMatchObject([{ event: "deployed", version_id: "dream_1", fitness: 5 }]);

  await home.winner("dream_2", 7);
  const second = await mesh.answerTo(await mesh.complete("dream_2", { experiment: "tune" }));
  expect(second.facts).toMatchObject({
    version_id: "dream_2",
    previous_version_id: "dream_1",
    backup_created: true,
    rollback_available: true,
    fitness: 7,
  });
  expect(await home.history()).toMatchObject([{}, { event: "deployed", fitness: 7, previous_fitness: 5 }]);
});
