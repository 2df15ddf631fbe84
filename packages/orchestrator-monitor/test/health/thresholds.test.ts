import { ConfigError } from "@kloros/daemon";
import { describe, expect, it } from "vitest";
import { settings } from "../../src/config.ts";
import { readThresholds } from "../../src/health/thresholds.ts";

const withChecks = (changes: object) => readThresholds({ ...settings.defaults(), ...changes });
const problemsOf = (changes: object): string[] => {
  try {
    withChecks(changes);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ setting, problem }) => `${setting} ${problem}`);
  }
};

describe("thresholds", () => {
  it("are read with their units, each level may be left out, and a check switched off", () => {
    const read = withChecks({ check_memory: ["off"], check_heartbeat: ["-", "1m/10s"] });
    expect(read.get("disk_space")).toEqual({
      warning: { rise: 80, fall: 75 },
      critical: { rise: 90, fall: 85 },
    });
    expect(read.get("daemon_memory")?.warning).toEqual({ rise: 1_073_741_824, fall: 805_306_368 });
    expect(read.get("dead_letters")).toEqual({
      warning: { rise: 10, fall: 5 },
      critical: { rise: 100, fall: 50 },
    });
    expect(read.get("memory")).toBeNull();
    expect(read.get("heartbeat")).toEqual({ warning: null, critical: { rise: 60_000, fall: 10_000 } });
  });

  it("that would flap, lack a unit or contradict each other are all told at once", () => {
    expect(
      problemsOf({
        check_disk_space: ["80%/80%", "90%/85%"],
        check_heartbeat: ["45/20", "2m/20s"],
        check_memory: ["90%/85%"],
        check_dead_letters: ["100/50", "10/5"],
      }),
    ).toEqual([
      "daemons.orchestrator_monitor.check_disk_space has 80%/80%, which falls no lower than it rises",
      "daemons.orchestrator_monitor.check_memory has 1 entries",
      'daemons.orchestrator_monitor.check_heartbeat has "45/20"',
      "daemons.orchestrator_monitor.check_dead_letters has a critical threshold below that of the warning (100/50, 10/5)",
    ]);
  });
});
