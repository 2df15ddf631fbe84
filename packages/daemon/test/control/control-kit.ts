/** The control side of a daemon on a real node and a real socket, for tests. */
import { mkdtempSync, rmSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureHome, loadContracts, type Node, openNode } from "@kloros/bus";
import { askDaemon } from "@kloros/client";
import pino, { type Logger } from "pino";
import { onTestFinished, vi } from "vitest";
import { type Control, openControl } from "../../src/control/open-control.ts";
import type { DaemonParts } from "../../src/definition.ts";

const CONTRACTS = fileURLToPath(new URL("../lifecycle/contracts", import.meta.url));

export interface TestControl {
  readonly home: string;
  readonly path: string;
  readonly node: Node;
  readonly control: Control;
  readonly log: Logger;
  ask<T = Record<string, unknown>>(event: string, data?: unknown): Promise<T>;
  /** From now on the daemon has no node, as while it starts. */
  withoutNode(): void;
  /** Ends node and socket in order; the home stays. */
  close(): Promise<void>;
}

export function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), "kctl-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  return home;
}

export interface TestControlOptions {
  readonly home?: string;
  readonly daemon?: string;
  readonly own?: DaemonParts["control"];
  /** Registers handlers before the node starts. */
  readonly setUp?: (node: Node) => void;
  readonly shutdown?: () => void;
}

/** `hello_guest`, which handles Q_GREETING_SENT, unless another is asked for. Closed at the end of the test. */
export async function testControl(options: TestControlOptions = {}): Promise<TestControl> {
  const { home = newHome(), daemon = "hello_guest", setUp, shutdown = () => undefined } = options;
  await ensureHome(home);
  const log = pino({ level: "info" }, { write: () => undefined });
  const path = join(home, "run", `${daemon}.sock`);
  let node: Node | null = null;
  const control = await openControl({
    daemon,
    home,
    socketPath: path,
    log,
    health: () => ({ daemon, state: "ready" }),
    node: () => node,
    shutdown,
    more: {},
    own: () => options.own,
  });
  const open = await openNode({
    daemon,
    home,
    contracts: loadContracts({ extraDirs: [CONTRACTS], compileFor: daemon }),
    hooks: control.hooks,
  });
  setUp?.(open);
  await open.start();
  node = open;
  let isClosed = false;
  const close = async () => {
    if (isClosed) return;
    isClosed = true;
    node = null;
    await open.close();
    await control.close();
  };
  onTestFinished(close);
  const withoutNode = () => {
    node = null;
  };
  return {
    home,
    path,
    node: open,
    control,
    log,
    close,
    withoutNode,
    ask: (event, data) => askDaemon(path, event, data),
  };
}

export interface Line {
  readonly event: string;
  readonly data: Record<string, unknown>;
  readonly subscription?: string;
  readonly correlation_id: string | null;
  readonly error?: string;
  readonly code?: string;
}

export interface RawClient {
  readonly socket: Socket;
  readonly lines: Line[];
  send(event: string, data?: unknown, correlation_id?: string): void;
  /** The first line that matches, taken out. */
  next(matches?: (line: Line) => boolean): Promise<Line>;
}

/** A client that sees every line. */
export async function rawClient(path: string): Promise<RawClient> {
  const socket = createConnection(path);
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => undefined);
  await new Promise((resolve) => socket.once("connect", resolve));
  const lines: Line[] = [];
  let rest = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) lines.push(JSON.parse(part) as Line);
  });
  return {
    socket,
    lines,
    send: (event, data = {}, correlation_id = "c") =>
      void socket.write(`${JSON.stringify({ event, data, correlation_id })}\n`),
    async next(matches = () => true) {
      const found = () => lines.findIndex(matches);
      if (found() === -1) await vi.waitUntil(() => found() !== -1, { timeout: 10_000, interval: 2 });
      const [line] = lines.splice(found(), 1);
      return line!;
    },
  };
}
