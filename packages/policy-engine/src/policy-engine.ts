/** The shell: signals, the watch on the home and the clock lead to decisions; `Engine` makes them. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createIdGenerator, type SignalName } from "@kloros/bus";
import type { DaemonContext, DaemonParts } from "@kloros/daemon";
import { evaluationDeadline } from "./cel/deadline.ts";
import type { Config } from "./config.ts";
import { DecisionLog } from "./decisions/decision-log.ts";
import { Recorder } from "./decisions/recorder.ts";
import { Engine } from "./engine.ts";
import { describeStatus } from "./describe-status.ts";
import { ENGINE } from "./rules/knowledge.ts";
import { POLICIES_FILE } from "./rules/policy-file.ts";
import { RulesKeeper } from "./rules-keeper.ts";
import { CLOCK_KEY, type EngineSetting } from "./session.ts";
import { type ClockReading, EngineClock } from "./surroundings/engine-clock.ts";
import { HomeWatch } from "./surroundings/home-watch.ts";
import { PresenceWatch } from "./surroundings/presence-watch.ts";
import { readResources } from "./surroundings/read-resources.ts";
import { WakeUp } from "./wake-up.ts";

const MAINTENANCE_FILE = "maintenance_mode";

/** Registers the handlers; looks at what waits when the node has started. @throws {ConfigError} policies.yaml is invalid */
export function policyEngine(context: DaemonContext<Config>): DaemonParts {
  const { node, config, home, log } = context;
  const clock = new EngineClock(node.state.get<ClockReading>(CLOCK_KEY));
  const newId = createIdGenerator({ now: Date.now });
  const presence = new PresenceWatch(home, () => wakeUp.soon());
  const keeper = new RulesKeeper({
    node,
    home,
    log,
    onChange: ({ policies }) => {
      presence.use(policies.presence);
      wakeUp.soon();
    },
  });
  const decisionLog = new DecisionLog({
    path: join(home, "policy_decisions.jsonl"),
    node,
    log,
    maxBytes: config.decision_log_bytes,
    keep: config.decision_log_files,
  });
  const isMaintenance = (): boolean => existsSync(join(home, MAINTENANCE_FILE));
  const limits = {
    tokens: config.remembered_tokens,
    history: config.history_per_signal,
    deferrals: config.max_deferred,
  };
  const setting: EngineSetting = {
    contracts: node.contracts,
    limits,
    lookAgainMs: config.reevaluate_interval,
    deadline: evaluationDeadline(config.rule_deadline),
    rules: () => keeper.rules,
    clock: () => clock.reading(),
    resources: () => readResources(home),
    presence: () => presence.now(),
    isMaintenance,
    newId,
    onRecorded: (keys) => decisionLog.take(keys),
  };
  const engine = new Engine(setting);
  const wakeUp = new WakeUp(async () => {
    try {
      return await node.transact((tx) => engine.reconsider(tx));
    } catch (err) {
      log.error({ err }, "Deferred decisions cannot be looked at now; they are kept");
      return config.reevaluate_interval;
    }
  });
  const watch = new HomeWatch(
    home,
    new Map([
      [POLICIES_FILE, () => void look()],
      [MAINTENANCE_FILE, () => wakeUp.soon()],
    ]),
    config.reload_debounce,
  );
  const look = async (): Promise<void> => {
    try {
      await keeper.look();
    } catch (err) {
      log.error({ err }, "policies.yaml cannot be read, the rules before it stay in force");
    }
  };
  const tellRepetitions = async (): Promise<void> => {
    await node.transact((tx) => {
      const recorder = new Recorder(tx, newId);
      if (recorder.flush() > 0) tx.afterCommit(() => decisionLog.take(recorder.keys));
    });
  };
  let telling: NodeJS.Timeout | undefined;

  for (const name of node.contracts.consumedBy(ENGINE)) {
    node.on(name as SignalName, (signal, tx) => {
      const waits = engine.onSignal(signal, tx);
      if (waits) tx.afterCommit(() => wakeUp.soon());
    });
  }

  return {
    start: async () => {
      presence.use(keeper.rules.policies.presence);
      watch.start();
      decisionLog.poke();
      await keeper.start();
      await look(); // Between reading and watching the file may have changed.
      wakeUp.start();
      telling = setInterval(() => {
        tellRepetitions().catch((err: unknown) =>
          log.warn({ err }, "Repeated decisions stay untold for now"),
        );
      }, config.tell_repetitions);
      telling.unref();
    },
    stop: async () => {
      clearInterval(telling);
      watch.stop();
      keeper.stop();
      presence.stop();
      await wakeUp.stop();
      await tellRepetitions();
      await decisionLog.stop();
    },
    statusLine: () => `${keeper.rules.policies.rules.length} rules, ${decisionLog.lines} decisions written`,
    health: () => ({
      policies: keeper.describe(),
      deferred: node.state.list("deferred:", config.max_deferred).length,
      maintenance: isMaintenance(),
      presence: presence.now(),
      decisions_written: decisionLog.lines,
    }),
    control: {
      "policy:status": () =>
        describeStatus(
          node.state,
          keeper,
          { isMaintenance: isMaintenance(), presence: presence.now() },
          limits,
        ),
      "policy:flush": async () => {
        await tellRepetitions();
        await decisionLog.settled();
        return { written: decisionLog.lines };
      },
    },
  };
}
