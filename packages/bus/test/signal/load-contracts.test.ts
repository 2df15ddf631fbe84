import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ContractFileError } from "../../src/signal/errors.ts";
import { loadContracts } from "../../src/signal/load-contracts.ts";

const CONTRACT = {
  title: "Weather changed",
  description: "The weather is not what it was.",
  "x-signal": {
    version: 1,
    kind: "advisory",
    emitters: ["weather_watcher"],
    consumers: ["kloros_policy_engine"],
  },
  type: "object",
  properties: {
    sky: { type: "string", description: "What the sky looks like.", enum: ["clear", "cloudy"] },
    since: { type: "string", description: "Since when.", format: "date-time" },
  },
  required: ["sky"],
  additionalProperties: false,
  examples: [{ sky: "clear" }],
};
const ROSTER = {
  daemons: [{ name: "weather_watcher", package: "weather-watcher", port: 7901, description: "Looks up." }],
};

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "contracts-"));
  mkdirSync(join(dir, "signals"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function write(file: string, content: unknown): void {
  writeFileSync(join(dir, file), typeof content === "string" ? content : JSON.stringify(content));
}

function problems() {
  try {
    loadContracts({ extraDirs: [dir] });
  } catch (error) {
    if (error instanceof ContractFileError)
      return error.problems.map(({ file, path }) => `${file.slice(dir.length)} ${path}`);
    throw error;
  }
  return [];
}

describe("a user's own contracts", () => {
  it("stand beside the catalogue, with their own daemons, and are validated the same way", () => {
    write("signals/Q_WEATHER_CHANGED.schema.json", CONTRACT);
    write("daemons.json", ROSTER);
    const contracts = loadContracts({ extraDirs: [dir] });
    expect(contracts.mayEmit("weather_watcher", "Q_WEATHER_CHANGED")).toBe(true);
    expect(contracts.consumedBy("kloros_policy_engine")).toContain("Q_WEATHER_CHANGED");
    expect(contracts.get("Q_WEATHER_CHANGED")).toMatchObject({
      priority: "normal",
      retention_days: 30,
      ingress: false,
    });
    expect(
      contracts.problemsOut("Q_WEATHER_CHANGED", { sky: "cloudy", since: "2025-11-15T10:30:00Z" }),
    ).toEqual([]);
    expect(contracts.problemsOut("Q_WEATHER_CHANGED", { sky: "blue", since: "noon", wind: 3 })).toHaveLength(
      3,
    );
    expect(contracts.problemsIn("Q_WEATHER_CHANGED", { sky: "clear", wind: 3 })).toEqual([]);
    expect(contracts.problemsOut("Q_DREAM_TRIGGER", {})).not.toEqual([]);
  });

  it("may change a shipped daemon's catalogue only in a folder of its own: a name has one contract", () => {
    write("signals/Q_DREAM_TRIGGER.schema.json", CONTRACT);
    expect(problems()).toEqual(["/signals/Q_DREAM_TRIGGER.schema.json "]);
  });

  it("that differ from what validators were generated from are compiled anew, not judged by the old ones", () => {
    write("signals/Q_DREAM_TRIGGER.schema.json", CONTRACT);
    write("daemons.json", ROSTER);
    const contracts = loadContracts({ dir });
    expect(contracts.names).toEqual(["Q_DREAM_TRIGGER"]);
    expect(contracts.problemsOut("Q_DREAM_TRIGGER", { sky: "clear" })).toEqual([]);
  });

  it("whose schema is no JSON Schema are named with file and place at the start of a daemon that deals with them", () => {
    write("daemons.json", ROSTER);
    write("signals/Q_WEATHER_CHANGED.schema.json", { ...CONTRACT, required: ["sky"], minProperties: "many" });
    const contracts = loadContracts({ extraDirs: [dir], compileFor: "intent_router" });
    expect(() => contracts.problemsOut("Q_WEATHER_CHANGED", { sky: "clear" })).toThrow(ContractFileError);
    for (const daemon of ["weather_watcher", "kloros_policy_engine"]) {
      expect(() => loadContracts({ extraDirs: [dir], compileFor: daemon })).toThrow(
        /\/signals\/Q_WEATHER_CHANGED\.schema\.json: \/minProperties must be integer \(got "many"\)$/,
      );
    }
  });

  it("may have daemons that hear shipped signals, and ask for those that anybody may ask for", () => {
    const [daemon] = ROSTER.daemons;
    const wishes = { consumes: ["Q_MODULE_DISCOVERED"], emits: ["Q_CURIOSITY_INVESTIGATE"] };
    write("daemons.json", { daemons: [{ ...daemon, ...wishes }] });
    const contracts = loadContracts({ extraDirs: [dir] });
    expect(contracts.consumedBy("weather_watcher")).toEqual(["Q_MODULE_DISCOVERED"]);
    expect(contracts.mayEmit("weather_watcher", "Q_CURIOSITY_INVESTIGATE")).toBe(true);
    expect(contracts.get("Q_MODULE_DISCOVERED")!.hash).toBe(loadContracts().get("Q_MODULE_DISCOVERED")!.hash);
  });

  it("give no daemon what is not to be had: signals that are not there, or that only their emitter may tell", () => {
    const [daemon] = ROSTER.daemons;
    const wishes = { consumes: ["Q_MODULE_DISCOVERD"], emits: ["Q_WINNER_DEPLOYED"] };
    write("daemons.json", { daemons: [{ ...daemon, ...wishes }] });
    expect(() => loadContracts({ extraDirs: [dir] })).toThrow(
      /Q_MODULE_DISCOVERD, which has no contract[\s\S]*cannot emit Q_WINNER_DEPLOYED/,
    );
  });
});

describe("contract files", () => {
  it("are refused all at once, each problem with its file and place", () => {
    write("signals/Q_BROKEN_JSON.schema.json", "{ not json");
    write("signals/weather.schema.json", CONTRACT);
    const { examples: _none, ...withoutExamples } = CONTRACT;
    write("signals/Q_EXAMPLE_MISSING.schema.json", withoutExamples);
    const block = { ...CONTRACT["x-signal"], kind: "rumour", emitters: ["Weather Watcher"], ingres: true };
    write("signals/Q_WRONG_BLOCK.schema.json", { ...CONTRACT, "x-signal": block });
    write("signals/Q_WRONG_FACT.schema.json", { ...CONTRACT, properties: { "Sky Colour": {} } });
    expect(problems()).toEqual([
      "/signals/Q_BROKEN_JSON.schema.json ",
      "/signals/Q_EXAMPLE_MISSING.schema.json /examples",
      "/signals/Q_WRONG_BLOCK.schema.json /x-signal/ingres",
      "/signals/Q_WRONG_BLOCK.schema.json /x-signal/kind",
      "/signals/Q_WRONG_BLOCK.schema.json /x-signal/emitters/0",
      "/signals/Q_WRONG_FACT.schema.json /properties",
      "/signals/Q_WRONG_FACT.schema.json /properties/Sky Colour/description",
      "/signals/weather.schema.json ",
    ]);
  });

  it("in a folder that does not exist are an error that names the folder", () => {
    expect(() => loadContracts({ extraDirs: [join(dir, "nowhere")] })).toThrow(
      /nowhere\/signals.*cannot be read/,
    );
  });

  it("come with a roster whose names and ports are nobody else's", () => {
    write("daemons.json", { daemons: [{ ...ROSTER.daemons[0], port: 7777 }] });
    expect(() => loadContracts({ extraDirs: [dir] })).toThrow(
      /weather_watcher has the name or port of intent_router/,
    );
    write("daemons.json", { daemons: [{ name: "weather_watcher" }] });
    expect(problems()).toHaveLength(3);
    write("daemons.json", "{ not json");
    expect(() => loadContracts({ extraDirs: [dir] })).toThrow(/daemons\.json: is not JSON/);
  });

  it("come with a roster whose texts add no lines to a unit, and open nothing but folders of the home", () => {
    const refused = (member: string, value: unknown) => {
      write("daemons.json", { daemons: [{ ...ROSTER.daemons[0], [member]: value }] });
      return problems().length > 0;
    };
    for (const text of ["Watches\nUser=root", "Watches \\", "Watches\r"])
      expect(refused("description", text), text).toBe(true);
    expect(refused("main", "dist/main.js\nUser=root")).toBe(true);
    for (const path of ["../..", "a/../..", "/etc", "keys", "journal/x", "run", "a b\nUser=root", ".ssh", ""])
      expect(refused("writes", [path]), path).toBe(true);
    for (const path of [".", "workspace", "weather-watcher", "dream_lab/cycles", "keys.d"])
      expect(refused("writes", [path]), path).toBe(false);
  });

  it("keep their hash when only the wording changes, and lose it when the meaning does", () => {
    const hashOf = (contract: unknown) => {
      write("signals/Q_WEATHER_CHANGED.schema.json", contract);
      return loadContracts({ extraDirs: [dir] }).get("Q_WEATHER_CHANGED")!.hash;
    };
    const hash = hashOf(CONTRACT);
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
    expect(hashOf({ ...CONTRACT, description: "Said better." })).toBe(hash);
    expect(hashOf({ ...CONTRACT, required: [] })).not.toBe(hash);
    expect(hashOf({ ...CONTRACT, "x-signal": { ...CONTRACT["x-signal"], version: 2 } })).not.toBe(hash);
  });
});
