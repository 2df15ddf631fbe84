/** One test's mesh: a home with real journals, one transport, nodes that are closed when the test is over. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { ensureHome } from "../../src/files/ensure-home.ts";
import type { HandlerOptions, Node } from "../../src/node/api.ts";
import { auditHome, type Audit } from "../../src/node/audit-home.ts";
import { readDeadLetters } from "../../src/node/dead-letter-office.ts";
import type { DeadLetter } from "../../src/node/dead-letter.ts";
import { openNode } from "../../src/node/open-node.ts";
import type { NodeOptions } from "../../src/node/node-options.ts";
import type { BusLimits } from "../../src/protocol/limits.ts";
import type { SignalName } from "../../src/signal/envelope.ts";
import { faultyTransport, type FaultyTransport } from "../../src/testing/index.ts";
import { countEffect, type Handle } from "./count-effect.ts";
import type { Backend } from "./backend.ts";
import { meshContracts } from "./contracts.ts";
import { eventually } from "./eventually.ts";

/** Fast enough for tests: a heartbeat soon, a lost answer is asked for again soon. */
const TEST_LIMITS: Partial<BusLimits> = {
  heartbeatBusyMs: 50,
  heartbeatIdleMs: 300,
  ledgerDeadlineMs: 100,
};

export type Handlers = Readonly<Record<string, Handle | readonly [Handle, HandlerOptions]>>;

export interface TestMesh {
  readonly home: string;
  readonly wire: FaultyTransport;
  /** A running node; `handlers` by signal name. */
  open(daemon: string, handlers?: Handlers, options?: Partial<NodeOptions>): Promise<Node>;
  /** Emits `Q_TEST_…` with `{n}` for each of `from … to`, one after the other without waiting. */
  burst(
    node: Node,
    signal: SignalName,
    from: number,
    to: number,
    more?: (n: number) => object,
  ): Promise<void>;
  /** Everything is handled and the books balance. */
  settled(...nodes: Node[]): Promise<void>;
}

export async function testMesh(
  backend: Backend,
  limits: Partial<BusLimits> = {},
  seed = 1,
): Promise<TestMesh> {
  const home = mkdtempSync(join(tmpdir(), "kloros-bus-"));
  await ensureHome(home);
  const all = { ...TEST_LIMITS, ...limits };
  const wire = faultyTransport(await backend(home, all), seed);
  const nodes: Node[] = [];
  const consumers = new Set<string>();
  onTestFinished(async () => {
    for (const node of nodes) await node.close();
    rmSync(home, { recursive: true, force: true });
  });
  return {
    home,
    wire,
    async open(daemon, handlers = {}, options = {}) {
      const contracts = meshContracts();
      const node = await openNode({
        daemon,
        home,
        contracts,
        transport: wire,
        ...options,
        limits: { ...all, ...options.limits },
      });
      nodes.push(node);
      if (Object.keys(handlers).length > 0) consumers.add(daemon);
      for (const [signal, handler] of Object.entries(handlers)) {
        const [handle, how] = typeof handler === "function" ? [handler, {}] : handler;
        node.on(signal as SignalName, handle, how);
      }
      await node.start();
      return node;
    },
    async burst(node, signal, from, to, more = () => ({})) {
      const receipts = [];
      for (let n = from; n <= to; n++) receipts.push(node.emit(signal, { n, ...more(n) }));
      await Promise.all(receipts);
    },
    async settled(...open) {
      await eventually(
        () => open.every((node) => node.stats().lag === 0 && node.stats().inFlight === 0),
        () => open.map((node) => node.stats()),
      );
      let audit: Audit | null = null;
      // A finish is counted when it goes to disk; the audit sees it when it is there.
      await eventually(
        async () => {
          audit = await auditHome(home);
          const met = new Set(audit.rows.map(({ consumer }) => consumer));
          const allMet = open.every(({ daemon }) => !consumers.has(daemon) || met.has(daemon));
          return allMet && audit.balanced && audit.rows.every((row) => row.pending === 0);
        },
        () => audit,
      );
    },
  };
}

/** The dead letters of a home, once there are `count` of them. */
export async function deadLetters(home: string, count: number): Promise<readonly DeadLetter[]> {
  let letters: readonly DeadLetter[] = [];
  await eventually(
    async () => (letters = (await readDeadLetters(home)).letters).length >= count,
    () => letters,
  );
  return letters;
}

export { countEffect, type Handle };

/** Every one of `from … to` had its effect exactly once, and nothing else had any. */
export function expectEffectsOnce(node: Node, from: number, to: number): void {
  const seen = node.state.list<number>("seen/", 1_000_000);
  expect(seen.filter(({ value }) => value !== 1)).toEqual([]);
  const expected = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  expect(seen.map(({ key }) => Number(key.slice(5)))).toEqual(expected);
}
