/** Each way in which a winner does not come in place: what was there before is there afterwards, byte for byte. */
import { appendFile, chmod, mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { cyclePaths, winnerPath } from "@kloros/experiments";
import { anExperiment, EXPERIMENT, lab, type Lab, put, type WinnerChanges } from "./lab.ts";
import { type Deployer, startDeployer, type Surroundings, surroundings } from "./mesh.ts";

interface Ready extends Lab {
  readonly mesh: Surroundings;
  readonly deployer: Deployer;
}

/** `dream_1` with fitness 5 is in place. */
async function withOneDeployed(changes: WinnerChanges = {}): Promise<Ready> {
  const home = await lab();
  await home.winner("dream_1", 5, changes);
  const mesh = await surroundings(home);
  const deployer = await startDeployer(home);
  expect((await mesh.answerTo(await mesh.complete("dream_1"))).signal).toBe("Q_WINNER_DEPLOYED");
  return { ...home, mesh, deployer };
}

const evaluator = (script: string) => ({
  experiment: { evaluator: { ...anExperiment().evaluator, command: ["sh", "-c", script] } },
});
/** Fails while it runs for the given `x` in the deployed file. */
const probation = (script: string, seconds = 0.05): WinnerChanges => ({
  experiment: { probation: { command: ["sh", "-c", script], seconds } },
});

const REFUSED: [name: string, type: string, words: RegExp, changes: (home: Ready) => Promise<void>][] = [
  [
    "its validation fails",
    "ValidationFailed",
    /exit code 3: not good enough/u,
    async (home) =>
      home.winner("dream_2", 9, {
        experiment: {
          validate: { command: ["sh", "-c", "echo not good enough >&2; exit 3"], timeout_s: 10 },
        },
      }),
  ],
  [
    "its validation hangs",
    "ValidationFailed",
    /ran longer than it may/u,
    async (home) =>
      home.winner("dream_2", 9, { experiment: { validate: { command: ["sleep", "60"], timeout_s: 0.2 } } }),
  ],
  [
    "its validation cannot be started",
    "ValidationFailed",
    /cannot be started/u,
    async (home) =>
      home.winner("dream_2", 9, { experiment: { validate: { command: ["/nowhere/check"], timeout_s: 1 } } }),
  ],
  [
    "it is worse than what runs",
    "WorseThanDeployed",
    /worse than what runs: median 4 against 5/u,
    async (home) => home.winner("dream_2", 4),
  ],
  [
    "it is only as good as what runs",
    "WorseThanDeployed",
    /not better than/u,
    async (home) => home.winner("dream_2", 5),
  ],
  [
    "the improvement is smaller than what is asked for",
    "WorseThanDeployed",
    /more than 10 is needed/u,
    async (home) =>
      home.winner("dream_2", 6, {
        experiment: { acceptance: { repeats: 1, max_p_value: 0.05, min_improvement: 10 } },
      }),
  ],
  [
    "less is better and it has more",
    "WorseThanDeployed",
    /down is better/u,
    async (home) => home.winner("dream_2", 9, { experiment: { metrics: { target_direction: "down" } } }),
  ],
  [
    "it cannot be measured again",
    "MeasurementFailed",
    /NotFinite|InvalidResult/u,
    async (home) => home.winner("dream_2", 9, evaluator("echo '{\"fitness\": NaN}'")),
  ],
  [
    "it crashes when measured again",
    "MeasurementFailed",
    /Signalled.*SIGSEGV/su,
    async (home) => home.winner("dream_2", 9, evaluator("kill -SEGV $$")),
  ],
  [
    "its artifact was changed",
    "ArtifactMismatch",
    /is not what the cycle measured/u,
    async (home) => {
      await home.winner("dream_2", 9);
      await appendFile(join(home.home, "dream_lab/winners/dream_2/params.json"), " ");
    },
  ],
  [
    "its artifact is missing",
    "WinnerUnreadable",
    /params\.json cannot be read/u,
    async (home) => {
      await home.winner("dream_2", 9);
      await rm(join(home.home, "dream_lab/winners/dream_2"), { recursive: true });
    },
  ],
  [
    "its record is missing",
    "WinnerUnreadable",
    /winners\/dream_2\.json cannot be read/u,
    async () => undefined,
  ],
  [
    "its record is half written",
    "WinnerUnreadable",
    /is no JSON/u,
    async (home) => {
      await home.winner("dream_2", 9);
      await writeFile(join(home.home, winnerPath("dream_2")), '{"schema": "kloros.wi');
    },
  ],
  [
    "its record names another cycle",
    "WinnerMismatch",
    /is the winner of dream_9, not of dream_2/u,
    async (home) => home.winner("dream_2", 9, { record: { cycle_id: "dream_9" } }),
  ],
  [
    "its record and its cycle name different experiments",
    "WinnerMismatch",
    /other/u,
    async (home) => home.winner("dream_2", 9, { record: { experiment: "other" } }),
  ],
  [
    "its artifact would lie outside of the version",
    "WinnerUnreadable",
    /artifact\.file "\.\.\/x" must be a plain relative path/u,
    async (home) => {
      await home.winner("dream_2", 9);
      const path = join(home.home, winnerPath("dream_2"));
      await writeFile(path, (await readFile(path, "utf8")).replace('"params.json"', '"../x"'));
    },
  ],
  [
    "its artifact is a link that escapes",
    "WinnerUnreadable",
    /lies outside/u,
    async (home) => {
      await home.winner("dream_2", 9);
      const artifact = join(home.home, "dream_lab/winners/dream_2/params.json");
      await rename(artifact, join(home.home, "secret"));
      await symlink(join(home.home, "secret"), artifact);
    },
  ],
  [
    "its cycle's record is missing",
    "CycleUnreadable",
    /cycle\.json cannot be read/u,
    async (home) => {
      await home.winner("dream_2", 9);
      await rm(cyclePaths(home.home, "dream_2").cycle);
    },
  ],
  [
    "a damaged folder of its name is there",
    "VersionDamaged",
    /move .*versions\/dream_2 away/u,
    async (home) => {
      await home.winner("dream_2", 9);
      await put(join(home.paths.version("dream_2"), "mine.txt"), "not yours");
    },
  ],
  [
    "its probation fails",
    "ProbationFailed",
    /exit code 4/u,
    async (home) => home.winner("dream_2", 9, probation("exit 4")),
  ],
  [
    "its probation fails in a later run",
    "ProbationFailed",
    /in its run 2/u,
    async (home) =>
      home.winner("dream_2", 9, probation(`echo x >> {home}/runs; test "$(wc -l < {home}/runs)" -lt 2`, 5)),
  ],
  [
    "it crashes on probation",
    "ProbationFailed",
    /SIGABRT/u,
    async (home) => home.winner("dream_2", 9, probation("kill -ABRT $$", 2)),
  ],
  [
    "it takes too much memory on probation",
    "ProbationFailed",
    /more memory than it may/u,
    async (home) =>
      home.winner("dream_2", 9, {
        experiment: {
          evaluator: {
            ...anExperiment().evaluator,
            limits: { cpu_s: 30, memory_bytes: 48 * 1024 * 1024, output_bytes: 1024 },
          },
          probation: {
            command: [
              "{node}",
              "-e",
              "globalThis.a = []; setInterval(() => a.push(Buffer.alloc(8e6, 1)), 5)",
            ],
            seconds: 20,
          },
        },
      }),
  ],
  [
    "its files are changed during its probation",
    "ProbationFailed",
    /is not what was deployed/u,
    async (home) => home.winner("dream_2", 9, probation("echo >> {version}/params.json")),
  ],
];

it.each(REFUSED)("when %s, the answer is %s and nothing has changed", async (_name, type, words, prepare) => {
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
});

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
  const { fileSha256 } = await import("@kloros/experiments");
  const record = join(home.home, winnerPath("dream_1"));
  const text = await readFile(record, "utf8");
  await writeFile(
    record,
    text.replace(/"sha256": "[0-9a-f]+"/u, `"sha256": "${await fileSha256(artifact)}"`),
  );
  expect((await mesh.answerTo(await mesh.complete("dream_1"))).signal).toBe("Q_WINNER_DEPLOYED");
});
