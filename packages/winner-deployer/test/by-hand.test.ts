/** What somebody did by hand in the home: a version edited, a cycle removed, a folder in the place of the link. */
import { appendFile, mkdir, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { cyclePaths } from "@kloros/experiments";
import { expect, it } from "vitest";
import { withOneDeployed } from "./one-deployed.ts";

it.each([{}, { retry_of: "x", attempt: 2 }])(
  "a version in place that was edited by hand is not said to be deployed (%j)",
  async (facts) => {
    const home = await withOneDeployed();
    await appendFile(join(home.paths.version("dream_1"), "params.json"), " ");
    const before = await home.deployed();
    const answer = await home.mesh.answerTo(await home.mesh.request("dream_1", facts));
    expect(answer).toMatchObject({
      signal: "Q_DEPLOYMENT_FAILED",
      facts: {
        error_type: "VersionDamaged",
        error_message: expect.stringMatching(/SHA-256 differs.*in place.*rollback tune/u) as string,
      },
    });
    expect(await home.deployed()).toEqual(before);
  },
);

it("who asks for a cycle that is not there brings no folder of it about", async () => {
  const home = await withOneDeployed();
  const { facts } = await home.mesh.answerTo(await home.mesh.request("dream_9", { experiment: "tune" }));
  expect(facts).toMatchObject({ error_type: "WinnerUnreadable" });
  expect(existsSync(cyclePaths(home.home, "dream_9").folder)).toBe(false);
});

it("a folder in the place of the link is to be moved away first: ln would put the link into it", async () => {
  const home = await withOneDeployed();
  await rm(home.paths.current);
  await mkdir(home.paths.current);
  const { facts } = await home.mesh.answerTo(await home.mesh.request("dream_1"));
  expect(facts).toMatchObject({
    error_type: "CurrentBroken",
    error_message: expect.stringMatching(
      /is a folder.*move it away, then put the link back: ln -sfn/u,
    ) as string,
  });
});
