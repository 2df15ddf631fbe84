/** The settings `check_…` of `config.ts`, one for each check of the table. */
import { type Check, CHECKS, type CheckName } from "./check-table.ts";
import { EXAMPLES } from "./units.ts";

interface CheckSetting {
  readonly type: "list";
  readonly default: readonly string[];
  readonly description: string;
}

const entries = Object.entries(CHECKS).map(([name, check]) => [`check_${name}`, settingOf(check)] as const);

/** Thresholds of warning and critical, each `rise/fall`. */
export const checkSettings = Object.fromEntries(entries) as {
  readonly [K in CheckName as `check_${K}`]: CheckSetting;
};

function settingOf({ thresholds, description, unit }: Check): CheckSetting {
  const example = EXAMPLES[unit];
  return {
    type: "list",
    default: thresholds,
    description: `${description}: thresholds of warning and critical as \`rise/fall\`, such as \`${example}\`; \`-\`: no such level, \`off\`: no check.`,
  };
}
