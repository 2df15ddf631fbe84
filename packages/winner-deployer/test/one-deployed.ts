/** A home in which `dream_1`, with fitness 5, is in place; and changes that make a winner fail. */
import { expect } from "vitest";
import { anExperiment, lab, type Lab, type WinnerChanges } from "./lab.ts";
import { type Deployer, startDeployer, type Surroundings, surroundings } from "./mesh.ts";

export interface Ready extends Lab {
  readonly mesh: Surroundings;
  readonly deployer: Deployer;
}

/** `dream_1` with fitness 5 is in place. */
export async function withOneDeployed(changes: WinnerChanges = {}): Promise<Ready> {
  const home = await lab();
  await home.winner("dream_1", 5, changes);
  const mesh = await surroundings(home);
  const deployer = await startDeployer(home);
  expect((await mesh.answerTo(await mesh.complete("dream_1"))).signal).toBe("Q_WINNER_DEPLOYED");
  return { ...home, mesh, deployer };
}

export const evaluator = (script: string) => ({
  experiment: { evaluator: { ...anExperiment().evaluator, command: ["sh", "-c", script] } },
});
/** A probation that is over as soon as the script fails. */
export const probation = (script: string, seconds = 20): WinnerChanges => ({
  experiment: { probation: { command: ["sh", "-c", script], seconds } },
});
