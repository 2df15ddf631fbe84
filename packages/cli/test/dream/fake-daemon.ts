/** A control socket in the test's own process that answers as it is told. */
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";

interface Request {
  readonly event: string;
  readonly data: unknown;
  readonly correlation_id: string;
}

export interface FakeDaemon {
  readonly asked: { readonly event: string; readonly data: unknown }[];
  close(): Promise<void>;
}

/** Listens as `daemon` of `home`; `answer` gives the data of the reply. */
export async function fakeDaemon(
  home: string,
  daemon: string,
  answer: (event: string) => unknown,
): Promise<FakeDaemon> {
  const path = join(home, "run", `${daemon}.sock`);
  mkdirSync(dirname(path), { recursive: true });
  const asked: FakeDaemon["asked"] = [];
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    createInterface(socket).on("line", (line) => {
      const { event, data, correlation_id } = JSON.parse(line) as Request;
      asked.push({ event, data });
      socket.write(
        `${JSON.stringify({ event, data: answer(event), count: 1, correlation_id, timestamp: "" })}\n`,
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    asked,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
