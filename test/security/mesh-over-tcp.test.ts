/** Real daemons over tcp with CURVE: an intent goes all the way; who has no key, and another user, get nothing but a greeting. */
import { spawn, spawnSync } from "node:child_process";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadContracts, portsOf } from "@kloros/bus";
import { freePortOffset } from "@kloros/bus/testing";
import { expect, it, onTestFinished } from "vitest";
import { ask, commandPath, ROOT, run } from "../mesh/commands.ts";
import { eventually } from "../mesh/eventually.ts";
import { askFor } from "../mesh/intents.ts";
import { DISCOVERY, startMesh } from "../mesh/running-mesh.ts";
import { tempFolder } from "../mesh/temp-folder.ts";
import { writeTinyModules } from "../mesh/tiny-modules.ts";
import { attempt, otherUserMissing } from "./other-user.ts";

/** Debian's Python first: another one in PATH does not see Debian's packages. */
const PYTHON = ["/usr/bin/python3", "python3"].find(
  (command) => spawnSync(command, ["-c", "import zmq; assert zmq.has('curve')"]).status === 0,
);
const OTHER_USER = otherUserMissing();
if (PYTHON === undefined) console.warn("SKIPPED in part: a client in Python needs python3-zmq");
if (OTHER_USER !== null) console.warn(`SKIPPED in part: ${OTHER_USER}`);
/** Stories that are told until one was heard whole. */
const MODULES = 40;

interface Row {
  readonly name: string;
  readonly state: string;
}

it("four daemons over tcp: refused without keys; with them an intent goes all the way, and clients are heard by their keys", async () => {
  const folder = await tempFolder();
  await chmod(folder, 0o755);
  const home = join(folder, "home");
  const { daemons } = loadContracts();
  const offset = await freePortOffset(daemons);
  await mkdir(home);
  const settings = `transport: tcp\ntcp_port_offset: ${String(offset)}\n`;
  await writeFile(join(home, "mesh.yaml"), settings);

  const keyless = await run("kloros", "up", "--home", home, "--only", "intent_router");
  expect(keyless.stdout + keyless.stderr).toMatch(/transport: tcp needs keys.*chem-bus keys init/);
  expect(keyless.stdout + keyless.stderr).toContain("exit 78");
  expect(await run("chem-bus", "listen", "--home", home)).toMatchObject({
    code: 78,
    stderr: expect.stringContaining("chem-bus keys init") as string,
  });

  expect((await run("chem-bus", "keys", "init", "--home", home)).code).toBe(0);
  const workspace = join(folder, "workspace");
  const modules = [...(await writeTinyModules(workspace, MODULES))];
  const mesh = await startMesh({ home, workspace, only: DISCOVERY });
  await run("chem-bus", "keys", "add", "dashboard", "--home", home);
  const sniffer = listening(process.execPath, [commandPath("chem-bus"), "listen", "--home", home, "--json"]);
  const python = PYTHON === undefined ? null : listening(PYTHON, [await listing(folder), home, "dashboard"]);
  const heard = (lines: readonly string[] | null) =>
    lines?.some((line) => line.includes("Q_MODULE_DISCOVERED"));
  await eventually(
    () => `the story is heard: ${[...sniffer, ...(python ?? [])].join("\n")}\n${mesh.lastLines()}`,
    async () => {
      // A fresh subscription is not there at once: another story is told until one was heard.
      const module = modules.pop();
      if (module !== undefined) await askFor(home, module.name, module.path);
      const told = () => heard(sniffer) === true && heard(python) !== false;
      return eventually("", told, 1_000).catch(() => false);
    },
  );
  const ports = [...portsOf(daemons, offset)].flatMap(([name, { live, ledger }]) =>
    (DISCOVERY as readonly string[]).includes(name) ? [live, ledger] : [],
  );
  if (OTHER_USER === null) {
    const tried = await attempt("another user", {
      subscribe: ports,
      read: [join(home, "keys/allowed.json")],
    });
    // At most the 64 bytes of a greeting, then the end.
    for (const port of ports)
      expect(tried[`subscribe ${String(port)}`]).toMatch(/^closed after (\d|[1-5]\d|6[0-4]) bytes$/);
    expect(tried[`read ${home}/keys/allowed.json`]).toBe("EACCES");
    await eventually("it is counted", async () => {
      const { stats } = (await mesh.health("intent_router")) as { stats: { refusedPeers: number } };
      return stats.refusedPeers >= 2;
    });
    expect(mesh.output()).toMatch(/intent_router +A connection was refused .*reason=no_key/);
  }
  const rows = (await ask<{ daemons: Row[] }>("kloros", "status", "--home", home)).daemons;
  expect(rows.filter(({ state }) => state === "ready").map(({ name }) => name)).toHaveLength(
    DISCOVERY.length,
  );
  expect((await run("chem-bus", "audit", "--home", home)).code).toBe(0);
});

/** Lines that a program prints until the test ends. */
function listening(command: string, args: readonly string[]): readonly string[] {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill());
  const lines: string[] = [];
  child.stdout.on("data", (chunk: Buffer) => lines.push(...chunk.toString().split("\n")));
  return lines;
}

/** The listing in docs/wire.md, as it stands there. */
async function listing(folder: string): Promise<string> {
  const page = await readFile(`${ROOT}docs/wire.md`, "utf8");
  const found = [...page.matchAll(/```python\n([\s\S]*?)```/g)].find(([, text]) =>
    text?.includes("listen_tcp.py"),
  );
  if (found?.[1] === undefined) throw new Error("docs/wire.md no longer prints listen_tcp.py");
  const script = join(folder, "listen_tcp.py");
  await writeFile(script, found[1]);
  return script;
}
