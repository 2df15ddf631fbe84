/** The experiment's own validation, on a copy of the staged artifact in a clean folder of its own. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { runBounded } from "@kloros/bounded-process";
import { endingSentence, fillCommand, stderrTail } from "@kloros/experiments";
import { failed, type Job, type Outcome } from "../decide.ts";
import { stagingFolder } from "../version/staging.ts";
import { deploymentFolder, runLabel, type StepContext } from "../workplace.ts";
import { openDeployment } from "./open-deployment.ts";
import { told } from "./told.ts";
import { commonPlaceholders } from "./placeholders.ts";
import { cleanFolder, copyInto } from "./scratch.ts";

export async function validate(job: Job, context: StepContext): Promise<Outcome> {
  const deployment = await openDeployment(job, context);
  if (deployment.kind === "failed") return deployment;
  const { experiment, paths, winner } = deployment;
  if (experiment.validate === null) return { kind: "done" };
  const folder = join(deploymentFolder(context.home, job), "validate");
  await cleanFolder(folder);
  const artifact = await copyInto(folder, stagingFolder(paths, job.cycle_id), winner.artifact.file);
  const { limits } = experiment.evaluator;
  const outcome = await runBounded({
    command: fillCommand(experiment.validate.command, {
      ...commonPlaceholders(context, job),
      artifact,
      work: folder,
      version: folder,
      current: paths.current,
    }),
    cwd: folder,
    env: { KLOROS_ARTIFACT: artifact, KLOROS_WORK: folder },
    stdin: JSON.stringify(winner.params),
    timeoutMs: experiment.validate.timeout_s * 1_000,
    cpuSeconds: experiment.validate.timeout_s * (limits.cpu_s / experiment.evaluator.timeout_s),
    memoryBytes: limits.memory_bytes,
    outputBytes: limits.output_bytes,
    signal: context.stopping,
    label: runLabel(context.home, job),
  });
  context.stopping.throwIfAborted();
  await rm(folder, { recursive: true, force: true });
  if (outcome.kind === "exited" && outcome.code === 0) return { kind: "done" };
  const tail = stderrTail(outcome.stderr || outcome.stdout);
  return failed(
    "ValidationFailed",
    `${endingSentence("the validation command", outcome)}${tail === "" ? "" : `: ${tail}`}`,
    { command: experiment.validate.command, ...told(outcome) },
  );
}
