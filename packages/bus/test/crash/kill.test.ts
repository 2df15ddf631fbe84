/** Real processes over real sockets, killed at random moments: every effect once, every answer once, every letter once (P1–P3, P7). */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { ensureHome } from "../../src/files/ensure-home.ts";
import { Journal } from "../../src/journal/journal.ts";
import { auditHome } from "../../src/node/audit-home.ts";
import { readDeadLetters } from "../../src/node/dead-letter-office.ts";
import { JournalView } from "../../src/node/journal-view.ts";
import { seededRandom } from "../../src/testing/index.ts";
import { meshContractParts } from "../mesh/contracts.ts";
import { eventually } from "../mesh/eventually.ts";

const SEED = Date.now() % 100_000;
const COUNT = 3_000;
const KILLS = 10;
/** The moment of a kill after a process is ready, in milliseconds: from its first breath to the middle of its work. */
const MOMENT_MS = 150;
const FINISH_MS = 40_000;

it(`emitter and consumer killed ten times between them: all effects exactly once (seed ${String(SEED)})`, async () => {
  const home = mkdtempSync(join(tmpdir(), "kloros-kill-"));
  await ensureHome(home);
  const random = seededRandom(SEED);
  const children: Record<string, ChildProcess> = {};
  onTestFinished(() => {
    for (const child of Object.values(children)) child.kill("SIGKILL");
    rmSync(home, { recursive: true, force: true });
  });
  const start = async (name: string) => {
    children[name] = startChild(name, home, String(COUNT), JSON.stringify(meshContractParts()));
    await once(children[name].stdout as NodeJS.ReadableStream, "data");
  };
  await Promise.all([start("emitter"), start("consumer")]);
  for (let i = 0; i < KILLS; i++) {
    const name = random() < 0.6 ? "consumer" : "emitter";
    await new Promise((resolve) => setTimeout(resolve, random() * MOMENT_MS));
    children[name]?.kill("SIGKILL");
    await ended(children[name]);
    await start(name);
  }
  await eventually(
    async () => {
      const { rows, balanced } = await auditHome(home);
      const row = rows.find(({ signal }) => signal === "Q_TEST_KEYED");
      return balanced && row?.emitted === COUNT && row.pending === 0;
    },
    () => SEED,
    FINISH_MS,
  );
  await eventually(async () => (await readDeadLetters(home)).letters.length >= COUNT / 50);
  for (const child of Object.values(children)) child.kill("SIGKILL");
  await Promise.all(Object.values(children).map(ended));
  await expectEveryEffectOnce(home);
}, 120_000);

async function expectEveryEffectOnce(home: string): Promise<void> {
  const good = Array.from({ length: COUNT }, (_, i) => i + 1).filter((n) => n % 50 !== 0);
  const journal = new Journal(join(home, "journal", "right"), { readOnly: true, newEpoch: () => "" });
  const effects = [...journal.stateList("seen/")].map(({ key, value }) => [Number(key.slice(5)), value]);
  await journal.close();
  expect(effects).toEqual(good.map((n) => [n, "1"]));
  const view = new JournalView(home, "right");
  const answers = view.tail(2 * COUNT).map(({ facts }) => (facts as { n: number }).n);
  await view.close();
  expect(answers.sort((a, b) => a - b)).toEqual(good);
  const { letters } = await readDeadLetters(home);
  const dead = letters.map(({ signal }) => (signal as { facts: { n: number } }).facts.n);
  expect(dead.sort((a, b) => a - b)).toEqual(Array.from({ length: COUNT / 50 }, (_, i) => (i + 1) * 50));
}

function startChild(name: string, ...args: string[]): ChildProcess {
  const script = fileURLToPath(new URL(`./children/${name}.mjs`, import.meta.url));
  return spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "inherit"] });
}

async function ended(child: ChildProcess | undefined): Promise<void> {
  if (child !== undefined && child.exitCode === null && child.signalCode === null) await once(child, "exit");
}
