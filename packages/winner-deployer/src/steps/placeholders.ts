/** Placeholders that mean the same in every command of a deployment. */
import { type Placeholders, shippedExperimentsFolder } from "@kloros/experiments";
import type { Job } from "../decide.ts";
import type { Workplace } from "../workplace.ts";

export function commonPlaceholders({ home, workspace }: Workplace, job: Job): Placeholders {
  return {
    node: process.execPath,
    home,
    workspace,
    experiments: shippedExperimentsFolder(),
    cycle_id: job.cycle_id,
  };
}
