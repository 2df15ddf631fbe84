import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_LIMITS } from "@kloros/bus";
import { ConfigError, defineSettings, loadConfig } from "@kloros/daemon";
import { expect, test } from "vitest";

const settings = defineSettings({
  max_intent_bytes: {
    type: "bytes",
    default: "1MiB",
    min: 1,
    max: "16MiB",
    description: "Largest intent file.",
  },
  settle: { type: "duration", default: "200ms", description: "Quiet time before a file is read." },
  scan_ms: { type: "duration", default: 1000, description: "Time between scans." },
  retries: { type: "integer", default: 3, min: 0, max: 10, description: "Tries." },
  dry_run: { type: "boolean", default: false, description: "Do nothing." },
  mode: { type: "enum", values: ["fast", "safe"], default: "safe", description: "How." },
  ignore: { type: "list", default: [], description: "Names to pass by." },
});

function homeWith(meshYaml?: string): string {
  const home = mkdtempSync(join(tmpdir(), "kloros-config-"));
  if (meshYaml !== undefined) writeFileSync(join(home, "mesh.yaml"), meshYaml);
  return home;
}

async function load(home: string, argv: string[] = [], environment: Record<string, string> = {}) {
  return loadConfig("intent_router", settings, {
    argv,
    environment: { KLOROS_HOME: home, ...environment },
    cwd: "/srv/start",
  });
}

async function loaded(...args: Parameters<typeof load>) {
  const result = await load(...args);
  if (result.kind !== "loaded") throw new Error(JSON.stringify(result));
  return result.loaded;
}

async function problemText(...args: Parameters<typeof load>): Promise<string> {
  const result = await load(...args);
  if (result.kind !== "invalid") throw new Error("expected problems");
  return new ConfigError(result.problems).message.replaceAll(args[0], "HOME");
}

test("without any file, variable or option all is default", async () => {
  const home = homeWith();
  const { config, common, limits } = await loaded(home);
  expect(config).toEqual(settings.defaults());
  expect(common).toMatchObject({ home, workspace: "/srv/start", log_level: "info", drain_deadline: 10_000 });
  expect(limits.maxSignalBytes).toBe(1_048_576);
});

test("an option beats a variable, a variable beats the file, the file beats the default", async () => {
  const home = homeWith(
    "daemons:\n  intent_router: { retries: 1, mode: fast, settle: 1s, ignore: [a, b] }\n",
  );
  const { config } = await loaded(home, ["--retries=3", "--no-dry-run"], {
    KLOROS_INTENT_ROUTER_RETRIES: "2",
    KLOROS_INTENT_ROUTER_SETTLE: "2s",
    KLOROS_INTENT_ROUTER_DRY_RUN: "true",
  });
  expect(config).toMatchObject({
    retries: 3,
    settle: 2000,
    mode: "fast",
    ignore: ["a", "b"],
    dry_run: false,
  });
});

test("lists, switches and bare milliseconds are read from the command line", async () => {
  const { config } = await loaded(homeWith(), [
    "--ignore",
    "x, y",
    "--dry-run",
    "--scan-ms",
    "250",
    "--max-intent-bytes=2MiB",
  ]);
  expect(config).toMatchObject({
    ignore: ["x", "y"],
    dry_run: true,
    scan_ms: 250,
    max_intent_bytes: 2_097_152,
  });
});

test("the workspace is relative to where it was written, and ~ is the user's home", async () => {
  expect((await loaded(homeWith(), ["--workspace", "src"])).common.workspace).toBe("/srv/start/src");
  const home = homeWith("workspace: code\n");
  expect((await loaded(home)).common.workspace).toBe(join(home, "code"));
  expect((await loaded(homeWith("workspace: ~/code\n"))).common.workspace).toBe(join(homedir(), "code"));
});

test("limits of the bus are set in mesh.yaml", async () => {
  const { limits } = await loaded(homeWith("limits:\n  max_signal_bytes: 2MiB\n  ledger_deadline_ms: 500\n"));
  expect(limits).toEqual({ ...DEFAULT_LIMITS, maxSignalBytes: 2_097_152, ledgerDeadlineMs: 500 });
});

test("a variable for a limit that does not exist is a problem", async () => {
  const text = await problemText(homeWith(), [], { KLOROS_LIMITS_MAX_SIGNAL_BYTE: "1" });
  expect(text).toMatch(/did you mean KLOROS_LIMITS_MAX_SIGNAL_BYTES\?/);
});

test("the sections of other daemons and of the supervisor are left alone", async () => {
  const { meshFile } = await loaded(
    homeWith("supervisor: { backoff: 3 }\ndaemons: { other: { anything: [1] } }\n"),
  );
  expect(meshFile.entries.get("supervisor")?.value).toEqual({ backoff: 3 });
});

test("all problems are told at once, each with its place and its remedy", async () => {
  const home = homeWith(
    [
      "log_level: loud",
      "home: /elsewhere",
      "limits:",
      "  max_inbox_signal: 5",
      "  max_signal_bytes: 0",
      "daemons:",
      "  intent_router:",
      "    max_intend_bytes: 5",
      "    retries: 11",
      "    settle: 30",
      "transprot: ipc",
    ].join("\n"),
  );
  const text = await problemText(home, ["--mode", "--retires=2", "--ignore", "a", "extra"], {
    KLOROS_INTENT_ROUTER_DRY_RUN: "perhaps",
    KLOROS_INTENT_ROUTER_MODDE: "fast",
    KLOROS_OTHER_DAEMON_X: "not mine",
  });
  expect(text).toMatchInlineSnapshot(`
    "13 problems in the configuration
      HOME/mesh.yaml, line 2: home cannot be set here: use KLOROS_HOME or --home
      HOME/mesh.yaml, line 11: sets transprot, which is unknown: did you mean transport?
      HOME/mesh.yaml, line 4: sets limits.max_inbox_signal, which is unknown: did you mean limits.max_inbox_signals?
      HOME/mesh.yaml, line 8: sets daemons.intent_router.max_intend_bytes, which is unknown: did you mean daemons.intent_router.max_intent_bytes?
      HOME/mesh.yaml, line 1: log_level must be one of trace, debug, info, warn, error, fatal, silent (got "loud"): choose one of them, spelled exactly so
      HOME/mesh.yaml, line 5: limits.max_signal_bytes must be an amount of bytes of at least 1B (got 0): choose a value within the bounds
      HOME/mesh.yaml, line 10: daemons.intent_router.settle must be a time span (got 30): write it with its unit, for example 500ms, 30s, 5m, 2h, 30d
      HOME/mesh.yaml, line 9: daemons.intent_router.retries must be a whole number from 0 to 10 (got 11): choose a value within the bounds
      environment KLOROS_INTENT_ROUTER_DRY_RUN: daemons.intent_router.dry_run must be true or false (got "perhaps"): correct it, or remove it to use the default
      environment KLOROS_INTENT_ROUTER_MODDE: sets KLOROS_INTENT_ROUTER_MODDE, which is unknown: did you mean KLOROS_INTENT_ROUTER_MODE?
      option --mode: mode has no value: write --mode <value>
      argument extra: is not expected: options begin with --
      option --retires: sets --retires, which is unknown: did you mean --retries?"
  `);
});

test.each([
  ["a: [1", /line 1: is no valid YAML/],
  ["a: 1\na: 2\n", /line 2: is no valid YAML \(Map keys must be unique/],
  ["- a\n", /must be a mapping/],
  ["x: !!js/function 'f'\n", /line 1: is no valid YAML \(Unresolved tag/],
  ["limits: 5\n", /limits must be a mapping/],
  [`a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [${"*a,".repeat(9)}]\nc: [${"*b,".repeat(9)}]\n`, /without aliases/],
])("a mesh.yaml that cannot be used is refused with its line (%#)", async (text, message) => {
  expect(await problemText(homeWith(text))).toMatch(message);
});

test("a mesh.yaml that is a folder is refused", async () => {
  const home = homeWith();
  mkdirSync(join(home, "mesh.yaml"));
  expect(await problemText(home)).toMatch(/mesh.yaml: is not a file/);
});

test("a mesh.yaml that may not be read is refused", async ({ skip }) => {
  skip(process.getuid?.() === 0, "SKIPPED: root reads everything");
  const home = homeWith("log_level: debug\n");
  chmodSync(join(home, "mesh.yaml"), 0);
  expect(await problemText(home)).toMatch(/cannot be read/);
});

test("--help is no problem and asks for nothing else", async () => {
  expect(await load(homeWith("- broken\n"), ["--help"])).toEqual({ kind: "help" });
});
