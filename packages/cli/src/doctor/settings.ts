/** Is what users write in order: settings, contracts, policies, experiments? The same checks as at the start, all at once. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { problemLine as yamlProblemLine } from "@kloros/checked-yaml";
import { type ConfigProblem, defineSettings, loadConfig, type Settings } from "@kloros/daemon";
import { dreamFilePath, parseDreamFile } from "@kloros/experiments";
import type { Contracts } from "@kloros/bus";
import { foldersOf } from "../contracts/contract-folders.ts";
import { lintFolders, problemLine } from "../contracts/lint-folders.ts";
import { checkPolicies } from "../policies/check-policies.ts";
import { type InstalledDaemon, installedDaemons } from "../up/roster.ts";
import { fail, type Finding, ok, warn } from "./finding.ts";

/** Problems of one kind that are shown; the others show when these are corrected. */
const MAX_SHOWN = 10;

/** With the contracts, when they are sound: other checks need the roster. */
export async function contracts(home: string): Promise<{ findings: Finding[]; contracts: Contracts | null }> {
  const folders = await foldersOf(home, []);
  const linted = lintFolders(folders);
  if (linted.kind === "unsound") {
    const findings = linted.problems.map((problem) =>
      fail("contracts", problemLine(problem), "chem-bus contracts lint"),
    );
    return { findings: findings.slice(0, MAX_SHOWN), contracts: null };
  }
  const { contracts } = linted;
  const broken = contracts.names.flatMap((name) => compileProblem(contracts, name));
  if (broken.length > 0) return { findings: broken, contracts };
  const own =
    folders.length === 0
      ? ""
      : `, ${folders.length} ${folders.length === 1 ? "folder" : "folders"} of your own`;
  return { findings: [ok("contracts", `${contracts.names.length} signals${own}`)], contracts };
}

/** Compiling is what a daemon does with a contract at its start. */
function compileProblem(contracts: Contracts, name: string): Finding[] {
  try {
    contracts.problemsIn(name, {});
    return [];
  } catch (error) {
    const file = contracts.get(name)?.file ?? name;
    const reason = error instanceof Error ? error.message : String(error);
    return [
      fail("contracts", `${file}: ${reason}`, "correct the schema; the daemons that handle it do not start"),
    ];
  }
}

/** Daemons whose program is not there. */
export function programs(contracts: Contracts): Finding {
  const installed = installedDaemons(contracts).map(({ name }) => name);
  const missing = contracts.daemons.filter(({ name }) => !installed.includes(name));
  if (missing.length === 0) return ok("programs", `${installed.length} daemons`);
  const names = missing.map(({ name, main }) => (main === undefined ? name : `${name} (${main})`)).join(", ");
  return warn("programs", `not built: ${names}`, "npm run build, or kloros daemons remove");
}

/** mesh.yaml and the environment, read with the settings of each daemon that is installed. */
export async function settings(home: string, contracts: Contracts | null): Promise<Finding[]> {
  const daemons = contracts === null ? [] : installedDaemons(contracts);
  const known = contracts?.daemons.map(({ name }) => name) ?? [];
  const problems = new Map<string, ConfigProblem>();
  const readings = await Promise.all([
    problemsOf("doctor", defineSettings({}), home),
    ...daemons.map(async (daemon) => problemsOf(daemon.name, await settingsOf(daemon), home)),
  ]);
  for (const problem of readings.flat()) problems.set(`${problem.source} ${problem.setting}`, problem);
  const findings = [...problems.values()].map(({ source, setting, problem, remedy }) =>
    fail("settings", `${source}: ${setting === "" ? "" : `${setting} `}${problem}`, remedy),
  );
  if (findings.length > 0) return findings.slice(0, MAX_SHOWN);
  const file = existsSync(join(home, "mesh.yaml")) ? "mesh.yaml" : "all by default";
  return [ok("settings", `${file}, read for ${daemons.length} of ${known.length} daemons`)];
}

async function problemsOf<S>(
  daemon: string,
  table: Settings<S>,
  home: string,
): Promise<readonly ConfigProblem[]> {
  const environment = { ...process.env, KLOROS_HOME: home };
  const result = await loadConfig(daemon, table, { argv: [], environment, cwd: process.cwd() });
  return result.kind === "invalid" ? result.problems : [];
}

/** A daemon's table of settings lies beside its program and runs nothing. A user's daemon may have it elsewhere. */
async function settingsOf({ main }: InstalledDaemon): Promise<Settings<unknown>> {
  const file = join(dirname(main), "config.js");
  if (!existsSync(file)) return defineSettings({});
  const loaded = (await import(pathToFileURL(file).href)) as { settings?: Settings<unknown> };
  return loaded.settings ?? defineSettings({});
}

export async function policies(home: string): Promise<Finding[]> {
  const file = join(home, "policies.yaml");
  if (!existsSync(file)) return [ok("policies", "none of your own")];
  const { is_valid, rules, problems } = await checkPolicies(file, await foldersOf(home, []));
  if (is_valid) return [ok("policies", `${rules.length} rules`)];
  return problems
    .slice(0, MAX_SHOWN)
    .map(({ line, column, path, message }) =>
      fail(
        "policies",
        `${file}:${line}:${column}: ${path === "" ? "" : `${path} `}${message}`,
        "kloros policies check; the rules before it stay in force",
      ),
    );
}

export async function experiments(home: string): Promise<Finding[]> {
  const file = dreamFilePath(home);
  const text = await readFile(file, "utf8").catch(() => null);
  if (text === null) return [ok("experiments", "no dream.yaml")];
  const checked = parseDreamFile(text, file);
  if (checked.kind === "ok") return [ok("experiments", `${checked.value.experiments.length} in dream.yaml`)];
  return checked.problems
    .slice(0, MAX_SHOWN)
    .map((problem) =>
      fail("experiments", yamlProblemLine(problem), "kloros dream check; no cycle begins like that"),
    );
}
