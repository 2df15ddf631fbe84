/** Real journals without a node around them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { open } from "lmdb";
import { onTestFinished } from "vitest";
import { Journal, type CommitBatch } from "../../src/journal/journal.ts";
import { serializeEnvelope } from "../../src/signal/serialize-envelope.ts";

export function tempJournalPath(): string {
  const home = mkdtempSync(join(tmpdir(), "kloros-journal-"));
  onTestFinished(() => {
    rmSync(home, { recursive: true, force: true });
  });
  return join(home, "left");
}

export function openJournal(path: string): Journal {
  return new Journal(path, { newEpoch: () => "AAAAAAAAAAAA" });
}

const NOTHING: CommitBatch = {
  block: null,
  heads: null,
  state: new Map(),
  progress: new Map(),
  consumers: new Map(),
  outbox: new Map(),
};

/** Appends `blocks` blocks of `size` signals with `padBytes` of ballast each. */
export async function fill(journal: Journal, blocks: number, size: number, padBytes: number): Promise<void> {
  for (let i = 0; i < blocks; i++) {
    const first = journal.heads.last + 1;
    const last = first + size - 1;
    const lines = Array.from({ length: size }, (_, n) => lineOf(first + n, padBytes)).join("");
    const before = journal.heads.names["Q_TEST_PING"]?.count ?? 0;
    const pruned = journal.heads.names["Q_TEST_PING"]?.pruned ?? 0;
    await journal.commit({
      ...NOTHING,
      block: {
        first,
        lines: Buffer.from(lines),
        header: {
          count: size,
          at: 1,
          names: { Q_TEST_PING: { first, last, count: size } },
          suppliedIds: false,
        },
        firstGeneratedId: null,
        suppliedIds: [],
      },
      heads: { ...journal.heads, last, names: { Q_TEST_PING: { last, count: before + size, pruned } } },
    });
  }
}

export async function putState(journal: Journal, entries: Record<string, string | undefined>): Promise<void> {
  await journal.commit({ ...NOTHING, state: new Map(Object.entries(entries)) });
}

/** Changes one byte of the block that starts at `first`, as a bad disk would. */
export async function flipByte(path: string, first: number, offset: number): Promise<void> {
  const env = open({ path, encoding: "binary", maxDbs: 16 });
  const blocks = env.openDB<Buffer, number>({ name: "blocks", encoding: "binary" });
  const value = Buffer.from(blocks.get(first) as Buffer);
  value[offset] = (value[offset] as number) ^ 0x10;
  await blocks.put(first, value);
  await env.close();
}

function lineOf(seq: number, padBytes: number): string {
  const id = `0190b3c0-aaaa-7bbb-8ccc-${String(seq).padStart(12, "0")}`;
  return `${serializeEnvelope({
    signal: "Q_TEST_PING",
    id,
    timestamp: "2025-11-20T10:00:00.000Z",
    source: "left",
    facts: { n: seq, pad: "x".repeat(padBytes) },
    version: 1,
    priority: "normal",
    correlation_id: id,
    causation_id: null,
    traceparent: "00-0190b3c0aaaa7bbb8ccc000000000001-8ccc000000000001-01",
    epoch: "AAAAAAAAAAAA",
    seq,
    prev: seq - 1,
  })}\n`;
}
