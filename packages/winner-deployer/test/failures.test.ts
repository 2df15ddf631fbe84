/** Each way in which a winner does not come in place: what was there before is there afterwards, byte for byte. */
import { chmod, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cyclePaths, fileSha256, winnerPath } from "@kloros/experiments";
import { expect, it } from "vitest";
import { BAD_WINNERS } from "./bad-winners.ts";
import { anExperiment, EXPERIMENT, lab } from "./lab.ts";
import { startDeployer, surroundings } from "./mesh.ts";
import { probation, withOneDeployed } from "./one-deployed.ts";

it.each(BAD_WINNERS)(
  "when %s, the answer is %s and nothing has changed",
  async (_name, type, words, prepare) => {
    const home = await withOneDeployed();
    await prepare(home);
    const before = await home.deployed();
    expect(before.current).toBe("dream_1");
    const asked = await home.mesh.complete("dream_2", { experiment: EXPERIMENT });
    const { signal, facts } = await home.mesh.answerTo(asked);
    expect({ signal, type: facts["error_type"], message: facts["error_message"] }).toEqual({
      signal: "Q_DEPLOYMENT_FAILED",
      type,
      message: expect.stringMatching(words) as string,
    });
    expect(facts).toMatchObject({ rollback_completed: true, cycle_id: "dream_2", experiment: EXPERIMENT });
    expect(await home.deployed()).toEqual(before);
    const diagnosis = join(cyclePaths(home.home, "dream_2").folder, "deployment/attempt-1/failure.json");
    expect(JSON.parse(await readFile(diagnosis, "utf8"))).toMatchObject({ error_type: type });
    expect(home.mesh.answers).toHaveLength(2);
  },
);

it("a first version that does not hold leaves nothing deployed", async () => {
  const home = await lab();
  const mesh = await surroundings(home);
  await startDeployer(home);
  await home.winner("dream_1", 5, probation("exit 1"));
  expect((await mesh.answerTo(await mesh.complete("dream_1"))).facts).toMatchObject({
    error_type: "ProbationFailed",
    rollback_completed: true,
  });
  expect((await home.deployed()).current).toBeNull();
  expect(await home.history()).toMatchObject([
    { event: "rolled_back", version_id: "dream_1", previous_version_id: null, rollback_completed: true },
  ]);
});

it("a winner must be better than the baseline when nothing is deployed yet", async () => {
  const home = await lab();
  const mesh = await surroundings(home);
  await startDeployer(home);
  await home.winner("dream_1", 5, { experiment: { baseline: { x: 6 } } });
  expect((await mesh.answerTo(await mesh.complete("dream_1"))).facts).toMatchObject({
    error_type: "WorseThanDeployed",
  });
  await home.winner("dream_2", 7, { experiment: { baseline: { x: 6 } } });
  expect((await mesh.answerTo(await mesh.complete("dream_2"))).signal).toBe("Q_WINNER_DEPLOYED");
});

it("a rollback to a version that was damaged meanwhile is not said to be complete, and raises an alert once", async () => {
  const home = await withOneDeployed();
  await home.winner(
    "dream_2",
    9,
    probation("echo >> {home}/deployed/tune/versions/dream_1/params.json; exit 1"),
  );
  const { facts } = await home.mesh.answerTo(await home.mesh.complete("dream_2"));
  expect(facts).toMatchObject({ error_type: "RollbackIncomplete", rollback_completed: false });
  expect(facts["error_message"]).toMatch(/dream_1.*SHA-256 differs.*after ProbationFailed/su);
  const alerts = home.mesh.answers.filter(({ signal }) => signal === "Q_HEALTH_ALERT");
  expect(alerts).toMatchObject([
    { facts: { alert_type: "rollback_incomplete", subject: EXPERIMENT, severity: "critical" } },
  ]);

  await home.winner("dream_3", 9); // What runs cannot be measured, so a winner that can be is better.
  expect((await home.mesh.answerTo(await home.mesh.complete("dream_3"))).facts).toMatchObject({
    version_id: "dream_3",
    rollback_available: false,
  });
  const [, over] = home.mesh.answers.filter(({ signal }) => signal === "Q_HEALTH_ALERT");
  expect(over?.facts).toMatchObject({ alert_type: "rollback_incomplete", severity: "info" });
});

it("a version that vanished cannot be rolled back to: the failed one stays rather than a link to nothing", async () => {
  const home = await withOneDeployed();
  await home.winner("dream_2", 9, probation("rm -r {home}/deployed/tune/versions/dream_1; exit 1"));
  const { facts } = await home.mesh.answerTo(await home.mesh.complete("dream_2"));
  expect(facts).toMatchObject({ error_type: "RollbackIncomplete", rollback_completed: false });
  expect((await home.deployed()).current).toBe("dream_2");
  const again = await home.mesh.answerTo(await home.mesh.request("dream_2"));
  expect(again.facts).toMatchObject({ error_type: "CurrentBroken" }); // Never said to be deployed.
});

it.each([
  ["a folder", async (path: string) => mkdir(path)],
  ["a file", async (path: string) => writeFile(path, "mine")],
  ["a link to nothing", async (path: string) => symlink("versions/gone", path)],
  ["a link that leads elsewhere", async (path: string) => symlink("/etc", path)],
])("with %s in place of current, the answer says what to do and nothing is touched", async (_what, make) => {
  const home = await withOneDeployed();
  await rm(home.paths.current);
  await make(home.paths.current);
  const before = await home.deployed();
  await home.winner("dream_2", 9);
  const { facts } = await home.mesh.answerTo(await home.mesh.complete("dream_2"));
  expect(facts).toMatchObject({
    error_type: "CurrentBroken",
    rollback_completed: false,
    retry_possible: true,
  });
  expect(facts["error_message"]).toMatch(/current .*; nothing was touched/u);
  expect(await home.deployed()).toEqual(before);
});

it("a command gets a copy: what it does to its artifact does nothing to what is deployed", async () => {
  const home = await withOneDeployed();
  await home.winner("dream_2", 9, {
    experiment: {
      validate: { command: ["sh", "-c", "echo spoilt > $KLOROS_ARTIFACT"], timeout_s: 10 },
      evaluator: {
        ...anExperiment().evaluator,
        command: [
          "sh",
          "-c",
          `echo spoilt > $KLOROS_ARTIFACT; sed -n 's/.*"x":\\([0-9]*\\).*/{"fitness": \\1}/p'`,
        ],
      },
    },
  });
  expect((await home.mesh.answerTo(await home.mesh.complete("dream_2"))).signal).toBe("Q_WINNER_DEPLOYED");
  expect(await readFile(join(home.paths.current, "params.json"), "utf8")).toBe('{"x": 9}\n');
});

it("an artifact in folders, and one that is a program, are deployed as they are", async () => {
  const home = await lab();
  const mesh = await surroundings(home);
  await startDeployer(home);
  await home.winner("dream_1", 5, {
    record: { artifact: { file: "bin/run.sh", sha256: "9a75dd2c9dc0c0c0".padEnd(64, "0") } },
    experiment: { probation: { command: ["{current}/bin/run.sh"], seconds: 0.05 }, validate: null },
    artifact: "#!/bin/sh\nexit 0\n",
  });
  const artifact = join(home.home, "dream_lab/winners/dream_1/bin/run.sh");
  await chmod(artifact, 0o755);
  const record = join(home.home, winnerPath("dream_1"));
  const text = await readFile(record, "utf8");
  await writeFile(
    record,
    text.replace(/"sha256": "[0-9a-f]+"/u, `"sha256": "${await fileSha256(artifact)}"`),
  );
  expect((await mesh.answerTo(await mesh.complete("dream_1"))).signal).toBe("Q_WINNER_DEPLOYED");
});
