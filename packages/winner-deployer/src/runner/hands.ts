/** The actions of the machine in `decide/advance.ts`, as they are really done. */
import type { Action, Job, Outcome } from "../decide.ts";
import { conclude } from "../steps/conclude.ts";
import { install, switchOver } from "../steps/install.ts";
import { measure } from "../steps/measure.ts";
import { probation } from "../steps/probation.ts";
import { stage } from "../steps/stage.ts";
import { undo } from "../steps/undo.ts";
import { validate } from "../steps/validate.ts";
import type { StepContext } from "../workplace.ts";

export type Hands = Readonly<Record<Action, (job: Job, context: StepContext) => Promise<Outcome>>>;

export const hands: Hands = {
  stage,
  validate,
  measure,
  install,
  switch: switchOver,
  probation,
  conclude,
  undo,
};
