/**
 * Keeps the rules in force: reads `policies.yaml` when it changes; a bad edit changes nothing but is told, once, in the log, as
 * `Q_HEALTH_ALERT` and in `system:health`, and so is its mending. At the start an invalid file is bad configuration.
 */
import type { Node } from "@kloros/bus";
import { problemLine, type YamlProblem } from "@kloros/checked-yaml";
import type { Logger } from "@kloros/daemon";
import { policiesConfigError } from "./errors.ts";
import { readPolicyFile, type RulesInForce } from "./rules/policy-file.ts";

/** An editor that removes the file and writes it anew needs less, in milliseconds. */
const GONE_FOR_GOOD_MS = 1_000;
/** State entry: version of the invalid file that was told of. */
const ALERTED_KEY = "policies.alerted";
/** Problems in one alert. */
const MAX_TOLD = 20;

export interface RulesKeeperOptions {
  readonly node: Node;
  readonly home: string;
  readonly log: Logger;
  readonly onChange: (rules: RulesInForce) => void;
}

export class RulesKeeper {
  readonly #options: RulesKeeperOptions;
  #rules: RulesInForce;
  #problems: readonly YamlProblem[] = [];
  #gone: NodeJS.Timeout | undefined;
  #loadedAt = new Date();

  /** @throws {ConfigError} the file is invalid: exit 78 */
  constructor(options: RulesKeeperOptions) {
    this.#options = options;
    const reading = readPolicyFile(options.home, options.node.contracts);
    if (reading.kind === "invalid") throw policiesConfigError(reading.problems);
    this.#rules = reading.rules;
  }

  get rules(): RulesInForce {
    return this.#rules;
  }

  /** For `system:health`. */
  describe(): Record<string, unknown> {
    const { origin, version, policies } = this.#rules;
    return {
      origin,
      version,
      rules: policies.rules.length,
      loaded_at: this.#loadedAt.toISOString(),
      is_valid: this.#problems.length === 0,
      problems: this.#problems.slice(0, MAX_TOLD).map(problemLine),
    };
  }

  /** Once the node has started. */
  async start(): Promise<void> {
    await this.#tell(null);
  }

  /** The file may have changed. */
  async look(isCertain = false): Promise<void> {
    const { home, node, log, onChange } = this.#options;
    clearTimeout(this.#gone);
    const reading = readPolicyFile(home, node.contracts);
    if (reading.kind === "invalid") {
      this.#problems = reading.problems;
      for (const problem of reading.problems)
        log.error(
          { problem: problemLine(problem) },
          "policies.yaml is invalid, the rules before it stay in force",
        );
      await this.#tell(reading.version);
      return;
    }
    const { rules } = reading;
    if (rules.origin === "shipped" && this.#rules.origin === "file" && !isCertain) {
      this.#gone = setTimeout(() => void this.look(true), GONE_FOR_GOOD_MS);
      return;
    }
    this.#problems = [];
    if (rules.version !== this.#rules.version || rules.origin !== this.#rules.origin) {
      this.#rules = rules;
      this.#loadedAt = new Date();
      const { origin, version, policies } = rules;
      log.info({ origin, version, rules: policies.rules.length }, "Policies loaded");
      onChange(rules);
    }
    await this.#tell(null);
  }

  stop(): void {
    clearTimeout(this.#gone);
  }

  /** Emits the transition, if it is one. @param invalid version of the invalid file; null: it is valid */
  async #tell(invalid: string | null): Promise<void> {
    const problems = this.#problems.slice(0, MAX_TOLD).map(problemLine);
    await this.#options.node.transact((tx) => {
      const alerted = tx.state.get<string>(ALERTED_KEY) ?? null;
      if ((alerted === null) === (invalid === null)) return;
      if (invalid === null) tx.state.delete(ALERTED_KEY);
      else tx.state.put(ALERTED_KEY, invalid);
      tx.emit("Q_HEALTH_ALERT", {
        alert_type: "policies_invalid",
        severity: invalid === null ? "info" : "warning",
        metric_value: `${this.#problems.length} problems`,
        threshold: "0 problems",
        recommended_action: invalid === null ? "none" : "correct_policies_yaml",
        subject: "policies.yaml",
        message:
          invalid === null
            ? "policies.yaml is valid again and in force"
            : `policies.yaml is invalid, the rules before it stay in force: ${problems[0] ?? ""}`,
        details: { problems },
      });
    });
  }
}
