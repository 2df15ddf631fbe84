/**
 * Puts a node together: journal, committer, sockets, receptors, dispatcher, dead letters, retention.
 * What each part promises stands in its own file; here is only who calls whom, and what happens when the disk fails.
 */
import { randomBytes } from "node:crypto";
import { statfsSync } from "node:fs";
import { join } from "node:path";
import { DiskFullError } from "../journal/errors.ts";
import { Journal } from "../journal/journal.ts";
import { DEFAULT_LIMITS } from "../protocol/limits.ts";
import { ipcTransport } from "../transport/mesh-transport.ts";
import type { Node } from "./api.ts";
import { MeshNode } from "./mesh-node.ts";
import type { BusLog, NodeOptions } from "./node-options.ts";

const SILENT: BusLog = { debug: noop, info: noop, warn: noop, error: noop };

/**
 * Opens the daemon's journal and sockets. The caller holds the daemon's lock: one process per daemon and home.
 * @throws {JournalOpenError} the journal cannot be read or written
 * @throws {AddressError} a socket cannot be bound
 */
export async function openNode(options: NodeOptions): Promise<Node> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const path = join(options.home, "journal", options.daemon);
  const journal = new Journal(path, { newEpoch });
  const node = new MeshNode({
    daemon: options.daemon,
    home: options.home,
    contracts: options.contracts,
    limits,
    hooks: options.hooks ?? {},
    log: options.log ?? SILENT,
    now: options.now ?? Date.now,
    elapsedMs: () => performance.now(),
    random: options.random ?? Math.random,
    transport: options.transport ?? ipcTransport(options.home, limits),
    journal,
    freeBytes: () => freeBytes(path),
  });
  try {
    await node.open();
  } catch (error) {
    await node.close();
    throw error;
  }
  return node;
}

function newEpoch(): string {
  return randomBytes(9).toString("base64url");
}

function freeBytes(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch (cause) {
    throw new DiskFullError(path, "the free space cannot be determined", { cause });
  }
}

function noop(): void {
  // Whoever gives no log wants none.
}
