/** A spool over a real node in a home of its own. */
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureHome, loadContracts, openNode, type BusLimits, type Node } from "@kloros/bus";
import { Spool } from "../../src/spool/spool.ts";
import { spoolFolders } from "../../src/spool/spool-folders.ts";
import type { SpoolSettings, SpoolStep } from "../../src/spool/spool-options.ts";

export const DAEMON = "intent_router";

export const SETTINGS: SpoolSettings = {
  maxIntentBytes: 1_048_576,
  settleMs: 300,
  rescanMs: 60_000,
  duplicateWindowMs: 3_600_000,
  maxRemembered: 200_000,
};

export interface Emitted {
  readonly id: string;
  readonly signal: string;
  readonly priority: string;
  readonly facts: Record<string, unknown>;
}

export interface Workbench {
  readonly home: string;
  readonly intents: string;
  readonly spool: Spool;
  readonly node: Node;
  readonly emitted: Emitted[];
  readonly logged: { level: string; message: string; fields: object }[];
  /** Writes under a temporary name and renames into place. */
  drop(name: string, content: string | Uint8Array | object): void;
  close(): Promise<void>;
}

export interface WorkbenchOptions {
  readonly home?: string;
  readonly settings?: Partial<SpoolSettings>;
  readonly now?: () => number;
  readonly reached?: (step: SpoolStep) => void;
  readonly start?: boolean;
  readonly limits?: Partial<BusLimits>;
}

export async function workbench(options: WorkbenchOptions = {}): Promise<Workbench> {
  const home = options.home ?? newHome();
  await ensureHome(home);
  const contracts = loadContracts();
  const emitted: Emitted[] = [];
  const logged: Workbench["logged"] = [];
  const say = (level: string) => (fields: object, message: string) =>
    void logged.push({ level, message, fields });
  const onEmitted = (envelope: object): void => void emitted.push(envelope as Emitted);
  const node = await openNode({
    daemon: DAEMON,
    home,
    contracts,
    hooks: { onEmitted },
    limits: options.limits ?? {},
  });
  await node.start();
  const folders = spoolFolders(home);
  const spool = new Spool({
    folders,
    node,
    rules: { daemon: DAEMON, contracts, sha256 },
    settings: { ...SETTINGS, ...options.settings },
    log: { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") },
    now: options.now ?? Date.now,
    reached: options.reached ?? (() => {}),
  });
  if (options.start !== false) await spool.start();
  return {
    home,
    intents: folders.intents,
    spool,
    node,
    emitted,
    logged,
    drop: (name, content) => drop(folders.intents, name, content),
    close: async () => {
      await spool.stop();
      await node.close();
      if (options.home === undefined) rmSync(home, { recursive: true, force: true });
    },
  };
}

export function newHome(): string {
  return mkdtempSync(join(tmpdir(), "router-"));
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

export function drop(folder: string, name: string, content: string | Uint8Array | object): void {
  const data =
    typeof content === "string" || content instanceof Uint8Array ? content : JSON.stringify(content);
  const temp = join(folder, `.${name.slice(0, 100)}.tmp`);
  writeFileSync(temp, data);
  renameSync(temp, join(folder, name));
}

let question = 0;

/** An intent that no other is like. */
export function intent(
  data: Record<string, unknown> = {},
  top: Record<string, unknown> = {},
): Record<string, unknown> {
  question += 1;
  const question_id = `discover.module.m${question}`;
  return {
    type: "discover.module",
    ...top,
    data: { question: `What is m${question}?`, question_id, evidence: [], ...data },
  };
}

/** Names of visible files in the folder, the spool's own folders left out. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => !name.startsWith(".") && name !== "rejected" && name !== "duplicate")
    .sort();
}

export interface Letter {
  readonly error: string;
  readonly signal: unknown;
  readonly raw_base64?: string;
}

export function deadLetters(home: string): Letter[] {
  const path = join(home, "failed_signals.jsonl");
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Letter);
}

/** Resolves when `condition` holds; fails loudly when it does not within the deadline. */
export async function until(what: string, condition: () => boolean, deadlineMs = 15_000): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** What lies beside a rejected file. */
export interface Report {
  readonly file: string;
  readonly kept_at: string;
  readonly problems: readonly { readonly path: string; readonly message: string; readonly text: string }[];
}

export function readReport(intents: string, name: string): Report {
  return JSON.parse(readFileSync(join(intents, "rejected", `${name}.report.json`), "utf8")) as Report;
}
