/** The listener printed in docs/wire.md, run as it stands there by Debian's Python with Debian's pyzmq. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { ensureHome, loadContracts, openNode } from "@kloros/bus";
import { describe, expect, it } from "vitest";

const WIRE_PAGE = fileURLToPath(new URL("../docs/wire.md", import.meta.url));
/** Debian's Python first: another one in PATH does not see Debian's packages. */
const PYTHON = ["/usr/bin/python3", "python3"].find(
  (command) => spawnSync(command, ["-c", "import zmq"]).status === 0,
);
/** Longest wait for the listener to hear something, in milliseconds. */
const DEADLINE_MS = 20_000;
/** A fresh subscription is not there at once; the signal is repeated at this pace until it is heard, in milliseconds. */
const REPEAT_MS = 100;

if (PYTHON === undefined) {
  console.warn("SKIPPED: the foreign listener needs python3 and python3-zmq (apt-get install python3-zmq)");
}

describe.skipIf(PYTHON === undefined)("the listener in docs/wire.md", () => {
  it("prints the facts of a live signal, accents and all", async () => {
    const home = await mkdtemp(join(tmpdir(), "kloros-wire-"));
    const script = join(home, "listen.py");
    await writeFile(script, await printedListener());
    await ensureHome(home);
    const node = await openNode({ daemon: "intent_router", home, contracts: loadContracts() });
    await node.start();
    const listener = spawn(PYTHON!, [script, home], { stdio: ["ignore", "pipe", "inherit"] });
    const repeat = setInterval(() => {
      void node.emit("Q_CURIOSITY_INVESTIGATE", {
        question: "Was macht das Modul „Größe“?",
        question_id: "discover.module.size",
        priority: "normal",
        evidence: ["path:src/size"],
      });
    }, REPEAT_MS);
    try {
      const heard = await firstLine(listener.stdout);
      expect(heard).toMatch(/^intent_router \d+ Q_CURIOSITY_INVESTIGATE \{/);
      expect(JSON.parse(heard.slice(heard.indexOf("{")))).toMatchObject({
        question: "Was macht das Modul „Größe“?",
        evidence: ["path:src/size"],
      });
    } finally {
      clearInterval(repeat);
      listener.kill();
      await node.drain(1_000);
      await node.close();
      await rm(home, { recursive: true });
    }
  });
});

async function printedListener(): Promise<string> {
  const block = /```python\n([\s\S]*?)```/.exec(await readFile(WIRE_PAGE, "utf8"))?.[1];
  if (block === undefined) throw new Error("docs/wire.md no longer prints a listener in Python");
  return block;
}

async function firstLine(output: NodeJS.ReadableStream): Promise<string> {
  const lines = createInterface({ input: output });
  const deadline = setTimeout(() => lines.close(), DEADLINE_MS);
  for await (const line of lines) {
    clearTimeout(deadline);
    return line;
  }
  throw new Error(`the listener heard nothing within ${DEADLINE_MS} ms`);
}
