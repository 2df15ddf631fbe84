/** A step as a line for people, and as a row for programs. */
import type { Step } from "./step.ts";

export type StepState = "already" | "done" | "would_do";

export function stepState({ already }: Step, dryRun: boolean): StepState {
  if (already) return "already";
  return dryRun ? "would_do" : "done";
}

/** `  done     write /etc/…`; in a dry run the commands stand below. */
export function drawStep(step: Step, dryRun: boolean): string {
  const state = stepState(step, dryRun).replace("_", " ").padEnd(8);
  const commands = dryRun
    ? step.actions.flatMap((action) => (action.kind === "run" ? [action.command.join(" ")] : []))
    : [];
  return [`${state}  ${step.what}`, ...commands.map((command) => `          ${command}`)].join("\n");
}
