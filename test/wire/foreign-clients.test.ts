/** The listings in docs/wire.md, run as they stand there by Python with pyzmq beside a running mesh. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it, onTestFinished } from "vitest";
import { writeTinyModules } from "../mesh/tiny-modules.ts";
import { ROOT } from "../mesh/commands.ts";
import { eventually } from "../mesh/eventually.ts";
import { askFor, dropIntent } from "../mesh/intents.ts";
import { type RunningMesh, startMesh } from "../mesh/running-mesh.ts";
import { readSignals } from "../mesh/signals.ts";
import { tempFolder } from "../mesh/temp-folder.ts";

/** Debian's Python first: another one in PATH does not see Debian's packages. */
const PYTHON = ["/usr/bin/python3", "python3"].find(
  (command) => spawnSync(command, ["-c", "import zmq"]).status === 0,
);
const MODULES = 60;
const STORY = [
  ["intent_router", "Q_CURIOSITY_INVESTIGATE"],
  ["investigation_consumer_daemon", "Q_INVESTIGATION_COMPLETE"],
  ["capability_integrator_daemon", "Q_MODULE_INTEGRATED"],
  ["orchestrator_monitor", "Q_MODULE_DISCOVERED"],
];

if (PYTHON === undefined) {
  console.warn("SKIPPED: foreign clients need python3 and python3-zmq (apt-get install python3-zmq)");
}

describe.skipIf(PYTHON === undefined)("the listing in docs/wire.md", () => {
  it("that listens prints the live signals of a whole story, in order, accents and all", async () => {
    const { mesh, modules } = await meshWithModules();
    const heard = await startListing("listen", mesh.home);
    let story: readonly string[] = [];
    // A fresh subscription is not there at once: stories are told until one was heard whole.
    for (const { name, path } of modules) {
      await askFor(mesh.home, name, path, { question: `Was tut „${name}“ – größer?` });
      story = await heardOf(heard, name);
      if (story.length === STORY.length) break;
    }
    expect(story.map((line) => line.replace(/ \d+ /, " ").split(" ", 2))).toEqual(STORY);
    const asked = JSON.parse(story[0]!.slice(story[0]!.indexOf("{"))) as { question: string };
    expect(asked.question).toMatch(/^Was tut „mod_\d+“ – größer\?$/);
  });

  it("that asks for history prints every journalled signal, of former lives of the emitter too", async () => {
    const { mesh, modules, workspace } = await meshWithModules();
    const { home } = mesh;
    const half = modules.length / 2;
    for (const { name, intent } of modules.slice(0, half)) await dropIntent(home, name, intent);
    await routed(home, half);
    await mesh.stop();
    await startMesh({ home, workspace });
    for (const { name, intent } of modules.slice(half)) await dropIntent(home, name, intent);
    await routed(home, modules.length);

    const printed = await startListing("history", home, "intent_router", "Q_CURIOSITY_INVESTIGATE");
    await eventually(
      () => `history prints ${modules.length} signals, printed ${printed.length}`,
      () => printed.length >= modules.length,
    );
    const journalled = (await readSignals(home)).get("Q_CURIOSITY_INVESTIGATE") ?? [];
    expect(printed.map((line) => line.split(" ").slice(0, 2).join(" "))).toEqual(
      journalled.map(({ seq, epoch }) => `${seq} ${epoch}`),
    );
  });
});

async function meshWithModules() {
  const folder = await tempFolder();
  const [home, workspace] = [join(folder, "home"), join(folder, "workspace")];
  const modules = await writeTinyModules(workspace, MODULES);
  const mesh: RunningMesh = await startMesh({ home, workspace });
  return { mesh, modules, workspace };
}

async function routed(home: string, count: number): Promise<void> {
  await eventually(
    `${count} intents are routed`,
    async () => (await readSignals(home)).get("Q_CURIOSITY_INVESTIGATE")?.length === count,
  );
}

/** What has been printed of a module when its story is over, or after a while when that was not heard. */
async function heardOf(heard: readonly string[], name: string): Promise<readonly string[]> {
  const ofName = () => heard.filter((line) => new RegExp(`\\b${name}\\b`).test(line));
  await eventually("", () => ofName().some((line) => line.includes("Q_MODULE_DISCOVERED")), 1_000).catch(
    () => "not heard",
  );
  return ofName();
}

/** Runs the listing whose first line names `file`.py; what it prints is added to the lines that are returned. */
async function startListing(file: string, home: string, ...args: string[]): Promise<readonly string[]> {
  const page = await readFile(`${ROOT}docs/wire.md`, "utf8");
  const listings = [...page.matchAll(/```python\n([\s\S]*?)```/g)].map((match) => match[1]!);
  const listing = listings.find((text) => text.split("\n")[0]!.includes(`${file}.py`));
  if (listing === undefined) throw new Error(`docs/wire.md no longer prints ${file}.py`);
  const script = `${home}.${file}.py`;
  await writeFile(script, listing);
  const child: ChildProcess = spawn(PYTHON!, [script, home, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill());
  const lines: string[] = [];
  createInterface({ input: child.stdout! }).on("line", (line) => lines.push(line));
  return lines;
}
