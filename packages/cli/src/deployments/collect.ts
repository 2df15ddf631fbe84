/** What is deployed, read from the home's files, and what the deployer does at present, where it answers. */
import { join } from "node:path";
import { askDaemon, DaemonUnreachableError, EventError } from "@kloros/client";
import { didYouMean } from "@kloros/daemon";
import { deployedExperiments, readStanding, type Standing } from "@kloros/experiments";
import { answerNo, type CommandError } from "../program/errors.ts";

/** A deployment that is under way. */
export interface RunningDeployment {
  readonly cycle_id: string;
  readonly experiment: string;
  /** What it does now: stage, validate, measure, install, switch, probation, conclude, undo. */
  readonly doing: string;
}

/** Longest wait for the deployer: the files alone are an answer, too. */
const ANSWER_MS = 1_000;

export function deployerSocket(home: string): string {
  return join(home, "run", "winner_deployer_daemon.sock");
}

/** null: the deployer does not answer, so nobody knows. */
export async function runningDeployments(home: string): Promise<readonly RunningDeployment[] | null> {
  try {
    return await askDaemon<RunningDeployment[]>(
      deployerSocket(home),
      "deployments:status",
      {},
      { timeoutMs: ANSWER_MS },
    );
  } catch (cause) {
    if (cause instanceof DaemonUnreachableError || cause instanceof EventError) return null;
    throw cause;
  }
}

/** Each experiment that has a deployment, ended or under way, in the order of the alphabet. */
export async function collectStandings(
  home: string,
  running: readonly RunningDeployment[],
): Promise<Standing[]> {
  const names = new Set([
    ...(await deployedExperiments(home)),
    ...running.map(({ experiment }) => experiment),
  ]);
  return Promise.all([...names].sort().map(async (name) => readStanding(home, name)));
}

/** The experiment's standing. @throws {CommandError} as `refuse` makes it, when there is none of that name */
export async function standingOf(
  home: string,
  experiment: string,
  refuse: (message: string) => CommandError = answerNo,
): Promise<Standing> {
  const known = await deployedExperiments(home);
  if (known.includes(experiment)) return readStanding(home, experiment);
  const meant = didYouMean(experiment, known);
  const hint =
    meant !== undefined
      ? `; did you mean ${meant}?`
      : known.length > 0
        ? `; there are ${known.join(", ")}`
        : "; nothing is deployed on this home yet";
  throw refuse(`nothing was ever deployed of ${experiment}${hint}`);
}
