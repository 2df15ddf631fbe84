/**
 * `kloros upgrade systemd`: the new release beside the old one, then one daemon, then the others; back to the old one when any of them
 * does not become ready, or does not stay so.
 *
 * U1 The new release installs itself (`kloros install systemd --no-start` of its own), so its units come from its own code.
 * U2 What it writes was read before; going back writes that again and needs no code of either release.
 * U3 A daemon that an operator stopped is not started by an upgrade.
 */
import { mkdtempSync, readdirSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { answerNo, CommandError } from "../../program/errors.ts";
import { METRICS_UNIT } from "../metrics-unit.ts";
import { currentRelease } from "../places.ts";
import { OWN_ROOT, readReleaseInfo } from "../release/release-root.ts";
import { identifyRelease } from "../release/stage-release.ts";
import { perform, run } from "./execute.ts";
import { linkTarget, releasesIn, unitStates } from "./observe.ts";
import { prefixOf } from "./read-aim.ts";
import { type InstallationRecord, parseRecord, recordPath } from "./record.ts";
import { requireSystemd } from "./require-systemd.ts";
import { type Snapshot, takeSnapshot, restoreActions } from "./snapshot.ts";
import { textOf } from "./observe.ts";

export interface UpgradeOptions {
  readonly prefix?: string;
  /** Tarball or folder of the new release; left out: the one this program belongs to. */
  readonly from?: string;
  /** How long all daemons must stay ready until the upgrade counts as good, in milliseconds. */
  readonly settleMs: number;
}

export type UpgradeOutcome =
  | { readonly kind: "same"; readonly id: string }
  | {
      readonly kind: "upgraded";
      readonly from: string;
      readonly to: string;
      readonly restarted: readonly string[];
    }
  | { readonly kind: "rolled_back"; readonly from: string; readonly to: string; readonly reason: string };

type Tell = (line: string) => Promise<void>;

/** One try of one release. */
interface Trial {
  readonly root: string;
  readonly prefix: string;
  /** Of the installation before. */
  readonly record: InstallationRecord;
  readonly settleMs: number;
  /** Units that were restarted with the new release. */
  readonly touched: Set<string>;
  readonly tell: Tell;
}

/** @throws {CommandError} 1 nothing is installed, the release is no good, or going back failed too */
export async function upgradeSystemd(options: UpgradeOptions, tell: Tell): Promise<UpgradeOutcome> {
  requireSystemd("upgrade systemd");
  const prefix = prefixOf(options);
  const record = parseRecord(textOf(recordPath(prefix)));
  const current = linkTarget(currentRelease({ prefix }));
  if (record === null || current === null)
    throw answerNo(`nothing is installed in ${prefix}: kloros install systemd`);
  const source = await openSource(options.from, prefix);
  try {
    const { id } = await identifyRelease(source.root);
    const from = current.replace("releases/", "");
    if (id === from) return { kind: "same", id };
    const snapshot = takeSnapshot(prefix, record);
    await tell(`${from} is in use; ${id} comes beside it`);
    const touched = new Set<string>();
    const trial: Trial = { root: source.root, prefix, record, settleMs: options.settleMs, touched, tell };
    const reason = await tryRelease(trial);
    if (reason === null) {
      await pruneReleases(prefix, [id, from]); // The one in use and the one before.
      return { kind: "upgraded", from, to: id, restarted: activeUnits(record) };
    }
    await goBack(snapshot, trial);
    await pruneReleases(prefix, snapshot.releases);
    return { kind: "rolled_back", from, to: id, reason };
  } finally {
    await source.close();
  }
}

/** null: all is well; else what went wrong. */
async function tryRelease({ root, prefix, record, settleMs, touched, tell }: Trial): Promise<string | null> {
  const wasActive = activeUnits(record);
  const program = join(root, "packages/cli/bin/kloros.mjs");
  const installed = await run([record.node, program, "install", "systemd", "--no-start", "--prefix", prefix]); // U1
  if (installed.code !== 0) return `the new release does not install itself: ${installed.told}`;
  const fresh = parseRecord(textOf(recordPath(prefix))) ?? record;
  const added = fresh.units.filter((unit) => !record.units.includes(unit));
  const units = [...wasActive.filter((name) => fresh.units.includes(name)), ...added]; // U3
  // One goes ahead: a release that is no good at all costs one daemon a moment. The others wait in their journals.
  for (const batch of [units.slice(0, 1), units.slice(1)].filter((some) => some.length > 0)) {
    for (const unit of batch) touched.add(unit);
    const { code, told } = await run(["systemctl", "restart", ...batch]);
    if (code !== 0) return `not all daemons became ready: ${told}`;
    await tell(`ready: ${batch.join(" ")}`);
  }
  await run(["systemctl", "try-restart", METRICS_UNIT]);
  return notSettled(units, settleMs);
}

/** Whether all stay ready for a while, without being restarted. */
async function notSettled(units: readonly string[], settleMs: number): Promise<string | null> {
  const until = performance.now() + settleMs;
  do {
    await sleep(Math.min(500, settleMs));
    for (const [name, { active, restarts }] of unitStates(units))
      if (active !== "active" || restarts > 0)
        return `${name} did not stay ready (${active}, ${String(restarts)} restarts)`;
  } while (performance.now() < until);
  return null;
}

/** U2 */
async function goBack(snapshot: Snapshot, { prefix, record, touched, tell }: Trial): Promise<void> {
  const now = parseRecord(textOf(recordPath(prefix))) ?? record;
  await tell("going back to the release before");
  const added = now.units.filter((unit) => !record.units.includes(unit));
  if (added.length > 0) await run(["systemctl", "disable", "--now", ...added]);
  for (const action of restoreActions(snapshot, now)) await perform(action);
  await run(["systemctl", "daemon-reload"]);
  const dropped = record.units.filter((unit) => !now.units.includes(unit));
  if (dropped.length > 0) await run(["systemctl", "--quiet", "enable", ...dropped]);
  await run(["systemctl", "reset-failed", ...record.units]);
  await run(["systemctl", "try-restart", METRICS_UNIT]);
  const stillRuns = activeUnits(record);
  const toRestart = snapshot.active.filter((unit) => touched.has(unit) || !stillRuns.includes(unit));
  if (toRestart.length === 0) return;
  const { code, told } = await run(["systemctl", "restart", ...toRestart]);
  if (code !== 0)
    throw answerNo(`the upgrade failed, and not all came back with the release before: ${told}`);
}

function activeUnits({ units }: InstallationRecord): readonly string[] {
  return [...unitStates(units)].filter(([, { active }]) => active === "active").map(([name]) => name);
}

async function pruneReleases(prefix: string, kept: readonly string[]): Promise<void> {
  for (const name of releasesIn(prefix).filter((found) => !kept.includes(found)))
    await rm(join(prefix, "releases", name), { recursive: true, force: true });
}

/** A folder is used where it is; a tarball is unpacked beside the releases, and gone afterwards. */
async function openSource(
  from: string | undefined,
  prefix: string,
): Promise<{ root: string; close(): Promise<void> }> {
  const nothing = async (): Promise<void> => undefined;
  if (from === undefined) return { root: OWN_ROOT, close: nothing };
  if (!/\.(?:tar\.gz|tgz)$/.test(from)) return { root: checked(from), close: nothing };
  const folder = join(prefix, "releases");
  await mkdir(folder, { recursive: true });
  const unpacked = mkdtempSync(join(folder, ".unpacked-"));
  const close = async (): Promise<void> => rm(unpacked, { recursive: true, force: true });
  try {
    const { code, told } = await run(["tar", "-C", unpacked, "-xzf", from]);
    if (code !== 0) throw answerNo(`${from} cannot be unpacked: ${told}`);
    return { root: checked(join(unpacked, readdirSync(unpacked)[0] ?? "")), close };
  } catch (cause) {
    await close();
    if (cause instanceof CommandError) throw cause;
    throw answerNo(`${from} cannot be unpacked: ${String(cause)}`, { cause });
  }
}

function checked(root: string): string {
  if (readReleaseInfo(root) === null) throw answerNo(`${root} is no release: npm run pack makes one`);
  return root;
}
