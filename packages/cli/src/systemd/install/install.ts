/** `kloros install systemd`: looks, plans, and does what is missing. */
import { answerNo, usageError } from "../../program/errors.ts";
import { METRICS_UNIT } from "../metrics-unit.ts";
import { hiddenPlace } from "../places.ts";
import { execute } from "./execute.ts";
import { observe } from "./observe.ts";
import { type Aim, keysCommand, type PlaceOptions, readAim } from "./read-aim.ts";
import { recordPath } from "./record.ts";
import { pathsAskedAbout, planInstall } from "./plan-install.ts";
import { requireSystemd } from "./require-systemd.ts";
import type { Step } from "./step.ts";

export interface InstallOptions extends PlaceOptions {
  readonly dryRun?: boolean;
  /** False: units are written and enabled, nothing is started or restarted. */
  readonly start?: boolean;
}

/** Resolves with the plan, which has been carried out unless `dryRun`; `tell` hears of each step as it is done. */
export async function installSystemd(
  options: InstallOptions,
  tell: (step: Step) => Promise<void>,
): Promise<readonly Step[]> {
  requireSystemd("install systemd");
  const aim = await readAim(options);
  const problem = hiddenPlace(aim.wanted.places);
  if (problem !== null) throw usageError(problem);
  const steps = planOf(aim, options.start !== false);
  if (options.dryRun === true) for (const step of steps) await tell(step);
  else await execute(steps, tell);
  return steps;
}

function planOf(aim: Aim, start: boolean): readonly Step[] {
  const { places, files, units } = aim.wanted;
  const seen = observe({
    places,
    files: [...files.map(({ path }) => path), recordPath(places.prefix)],
    paths: pathsAskedAbout(aim.wanted),
    units: ["kloros.target", METRICS_UNIT, ...units],
  });
  const masked = units.find((name) => seen.units.get(name)?.enabled === "masked");
  if (masked !== undefined)
    throw answerNo(`${masked} is masked: systemctl unmask ${masked}, or leave its daemon out of the roster`);
  return planInstall(aim.wanted, seen, aim.old, {
    start,
    keys: aim.missingKeys.length > 0 ? keysCommand(aim.wanted) : null,
    switchToTcp: aim.switchToTcp,
  });
}
