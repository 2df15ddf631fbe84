/** Control sockets that answer what a test wants, or nothing: for commands that ask daemons. */
import { mkdirSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { LineSplitter } from "@kloros/client";
import { onTestFinished } from "vitest";

export type Answers = Readonly<Record<string, unknown>>;

/**
 * Listens at `<home>/run/<name>.sock` until the test is over. An answer that is a function is called for each request;
 * an event without an answer is refused; `null` instead of answers: it takes connections and says nothing.
 */
export async function fakeDaemon(home: string, name: string, answers: Answers | null): Promise<void> {
  mkdirSync(join(home, "run"), { recursive: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    const splitter = new LineSplitter(1024 * 1024);
    socket.on("data", (chunk: Buffer) => {
      for (const split of splitter.push(chunk)) {
        if (answers !== null && split.kind === "line") socket.write(`${replyTo(split.text, answers)}\n`);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(join(home, "run", `${name}.sock`), resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
}

function replyTo(line: string, answers: Answers): string {
  const { event, correlation_id } = JSON.parse(line) as { event: string; correlation_id: string };
  const given = answers[event];
  const data: unknown = typeof given === "function" ? (given as () => unknown)() : given;
  const common = { event, correlation_id, timestamp: Date.now() / 1_000 };
  return JSON.stringify(
    data === undefined ? { ...common, error: `no event ${event}` } : { ...common, data, count: 1 },
  );
}

/** `kloros up` that supervises daemons of these names and nothing else. */
export async function fakeSupervisor(
  home: string,
  daemons: Readonly<
    Record<string, { readonly state?: string; readonly restarts?: number; readonly reason?: string }>
  >,
): Promise<void> {
  const status = Object.entries(daemons).map(([name, { state = "ready", restarts = 0, reason = "" }]) => ({
    name,
    state,
    pid: state === "ready" ? 7 : null,
    restarts,
    uptime_s: 10,
    phase: state,
    reason,
    status: "",
  }));
  await fakeDaemon(home, "kloros-up", { "supervisor:status": { daemons: status } });
}
