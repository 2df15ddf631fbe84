/** The shell: signals, the watch on the home and the clock lead to decisions; `Engine` makes them. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createIdGenerator, type Node, type SignalName } from "@kloros/bus";
import type { DaemonContext, DaemonParts, Logger } from "@kloros/daemon";
import { evaluationDeadline } from "./cel/deadline.ts";
import type { Config } from "./config.ts";
import { DecisionLog } from "./decisions/decision-log.ts";
import { Recorder } from "./decisions/recorder.ts";
import { describeStatus } from "./describe-status.ts";
import { Engine } from "./engine.ts";
import type { MemoryLimits } from "./memory/engine-memory.ts";
import { RulesKeeper } from "./rules-keeper.ts";
import { ENGINE } from "./rules/knowledge.ts";
import { POLICIES_FILE } from "./rules/policy-file.ts";
import { CLOCK_KEY, type EngineSetting } from "./session.ts";
import { type ClockReading, EngineClock } from "./surroundings/engine-clock.ts";
import { HomeWatch } from "./surroundings/home-watch.ts";
import { PresenceWatch } from "./surroundings/presence-watch.ts";
import { readResources } from "./surroundings/read-resources.ts";
import { WakeUp } from "./wake-up.ts";
import { warmUp } from "./warm-up.ts";

const MAINTENANCE_FILE = "maintenance_mode";

/** Registers the handlers; looks at what waits when the node has started. @throws {ConfigError} policies.yaml is invalid */
export function policyEngine(context: DaemonContext<Config>): DaemonParts {
  const shell = new Shell(context);
  return {
    start: () => shell.start(),
    stop: () => shell.stop(),
    statusLine: () => shell.statusLine(),
    health: () => shell.health(),
    control: {
      "policy:status": {
        summary: "Rules in force, what each waits for, and what is deferred.",
        parameters: { properties: {} },
        examples: [{}],
        answer: () => shell.status(),
      },
      "policy:flush": {
        summary: "Writes decisions that still wait into policy_decisions.jsonl; answers when they are there.",
        parameters: { properties: {} },
        examples: [{}],
        answer: () => shell.flush(),
      },
    },
  };
}

class Shell {
  readonly #node: Node;
  readonly #config: Config;
  readonly #home: string;
  readonly #log: Logger;
  readonly #limits: MemoryLimits;
  readonly #newId = createIdGenerator({ now: Date.now });
  readonly #keeper: RulesKeeper;
  readonly #presence: PresenceWatch;
  readonly #decisions: DecisionLog;
  readonly #engine: Engine;
  readonly #wakeUp: WakeUp;
  readonly #watch: HomeWatch;
  #telling: NodeJS.Timeout | undefined;

  constructor({ node, config, home, log }: DaemonContext<Config>) {
    this.#node = node;
    this.#config = config;
    this.#home = home;
    this.#log = log;
    this.#limits = {
      tokens: config.remembered_tokens,
      history: config.history_per_signal,
      deferrals: config.max_deferred,
    };
    this.#wakeUp = new WakeUp(() => this.#reconsider());
    this.#presence = new PresenceWatch(
      home,
      () => this.#wakeUp.soon(),
      (why) => log.warn({ why }, "Presence of the user cannot be told, rules that ask count it as present"),
    );
    this.#keeper = new RulesKeeper({
      node,
      home,
      log,
      onChange: ({ policies }) => {
        this.#presence.use(policies.presence);
        this.#wakeUp.soon();
      },
    });
    this.#decisions = new DecisionLog({
      path: join(home, "policy_decisions.jsonl"),
      node,
      log,
      maxBytes: config.decision_log_bytes,
      keep: config.decision_log_files,
    });
    this.#engine = this.#makeEngine();
    const watched = new Map([
      [POLICIES_FILE, () => void this.#lookAtRules()],
      [MAINTENANCE_FILE, () => this.#wakeUp.soon()],
    ]);
    this.#watch = new HomeWatch(home, watched, config.reload_debounce);
    this.#register();
  }

  async start(): Promise<void> {
    this.#presence.use(this.#keeper.rules.policies.presence);
    this.#watch.start();
    this.#decisions.poke();
    await this.#keeper.start();
    await this.#lookAtRules(); // Between reading and watching the file may have changed.
    this.#wakeUp.start();
    this.#telling = setInterval(() => {
      this.#tellRepetitions().catch((err: unknown) => {
        this.#log.warn({ err }, "Repeated decisions stay untold for now");
      });
    }, this.#config.tell_repetitions);
    this.#telling.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#telling);
    this.#watch.stop();
    this.#keeper.stop();
    this.#presence.stop();
    await this.#wakeUp.stop();
    await this.#tellRepetitions();
    await this.#decisions.stop();
  }

  statusLine(): string {
    const rules = this.#keeper.rules.policies.rules.length;
    return `${rules} rules, ${this.#decisions.lines} decisions written`;
  }

  health(): Record<string, unknown> {
    return {
      policies: this.#keeper.describe(),
      deferred: this.#node.state.list("deferred:", this.#limits.deferrals).length,
      maintenance: this.#isMaintenance(),
      presence: this.#presence.now(),
      decisions_written: this.#decisions.lines,
    };
  }

  status(): Record<string, unknown> {
    const around = { isMaintenance: this.#isMaintenance(), presence: this.#presence.now() };
    return describeStatus(this.#node.state, this.#keeper, around, this.#limits);
  }

  async flush(): Promise<Record<string, unknown>> {
    await this.#tellRepetitions();
    await this.#decisions.settled();
    return { written: this.#decisions.lines };
  }

  #makeEngine(): Engine {
    const clock = new EngineClock(this.#node.state.get<ClockReading>(CLOCK_KEY));
    const setting: EngineSetting = {
      contracts: this.#node.contracts,
      limits: this.#limits,
      lookAgainMs: this.#config.reevaluate_interval,
      deadline: evaluationDeadline(this.#config.rule_deadline),
      rules: () => this.#keeper.rules,
      clock: () => clock.reading(),
      resources: () => readResources(this.#home),
      presence: () => this.#presence.now(),
      isMaintenance: () => this.#isMaintenance(),
      newId: this.#newId,
      onRecorded: (keys) => this.#decisions.take(keys),
    };
    warmUp(setting);
    return new Engine(setting);
  }

  #register(): void {
    for (const name of this.#node.contracts.consumedBy(ENGINE)) {
      this.#node.on(name as SignalName, (signal, tx) => {
        const waits = this.#engine.onSignal(signal, tx);
        if (waits) tx.afterCommit(() => this.#wakeUp.soon());
      });
    }
  }

  #isMaintenance(): boolean {
    return existsSync(join(this.#home, MAINTENANCE_FILE));
  }

  async #reconsider(): Promise<number | null> {
    try {
      return await this.#node.transact((tx) => this.#engine.reconsider(tx));
    } catch (err) {
      this.#log.error({ err }, "Deferred decisions cannot be looked at now; they are kept");
      return this.#config.reevaluate_interval;
    }
  }

  async #lookAtRules(): Promise<void> {
    try {
      await this.#keeper.look();
    } catch (err) {
      this.#log.error({ err }, "policies.yaml cannot be read, the rules before it stay in force");
    }
  }

  async #tellRepetitions(): Promise<void> {
    await this.#node.transact((tx) => {
      const recorder = new Recorder(tx, this.#newId);
      if (recorder.flush() > 0) tx.afterCommit(() => this.#decisions.take(recorder.keys));
    });
  }
}
