/** Every way in which a winner is refused or taken back, with the answer that it gets. */
import { appendFile, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cyclePaths, winnerPath } from "@kloros/experiments";
import { anExperiment, put } from "./lab.ts";
import { evaluator, probation, type Ready } from "./one-deployed.ts";

export const BAD_WINNERS: [
  name: string,
  type: string,
  words: RegExp,
  changes: (home: Ready) => Promise<void>,
][] = [
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
    async (home) => {
      await home.winner("dream_2", 9);
      await rm(join(home.home, winnerPath("dream_2")));
    },
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
      home.winner("dream_2", 9, probation(`echo x >> {home}/runs; test "$(wc -l < {home}/runs)" -lt 2`)),
  ],
  [
    "it crashes on probation",
    "ProbationFailed",
    /SIGABRT/u,
    async (home) => home.winner("dream_2", 9, probation("kill -ABRT $$")),
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
    async (home) => home.winner("dream_2", 9, probation("echo >> {version}/params.json", 2)),
  ],
];
