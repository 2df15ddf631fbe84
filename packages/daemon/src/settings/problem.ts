/** What can be wrong with a configuration, and how it is told. */
import { KlorosError } from "@kloros/bus";

export interface ConfigProblem {
  /** Full name: `daemons.intent_router.max_intent_bytes`, `log_level`. */
  readonly setting: string;
  /** Where it was written: `/home/me/.kloros/mesh.yaml, line 3`, `environment KLOROS_LOG_LEVEL`, `option --log-level`. */
  readonly source: string;
  readonly problem: string;
  readonly remedy: string;
}

/** The configuration cannot be used; every problem of it is told at once. */
export class ConfigError extends KlorosError {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    super("E_CONFIG", [`${count} in the configuration`, ...problems.map(problemLine)].join("\n"));
    this.problems = problems;
  }
}

function problemLine({ setting, source, problem, remedy }: ConfigProblem): string {
  return `  ${source}: ${setting === "" ? "" : `${setting} `}${problem}: ${remedy}`;
}
