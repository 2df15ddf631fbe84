import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DaemonContext, type DaemonParts, defineSettings } from "@kloros/daemon";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { testDaemon, type TestDaemon, TestDeadlineError } from "../../src/testing/index.ts";

const settings = defineSettings({
  polite: { type: "boolean", default: false, description: "Says so." },
  patience: { type: "duration", default: "1s", description: "Until it gives up." },
});
type Config = ReturnType<typeof settings.defaults>;

const facts = {
  type: "object",
  properties: { n: { type: "integer", description: "Which." } },
  required: ["n"],
  additionalProperties: false,
  examples: [{ n: 1 }],
};
const contract = (title: string, emitters: string[], consumers: string[]) =>
  JSON.stringify({
    title,
    description: `${title}.`,
    "x-signal": { version: 1, kind: "advisory", emitters, consumers, guard: "It is only said." },
    ...facts,
  });

let contracts: string;
beforeAll(async () => {
  contracts = await mkdtemp(join(tmpdir(), "kd-contracts-"));
  await mkdir(join(contracts, "signals"));
  const daemon = (name: string, port: number) => ({ name, package: name, port, description: name });
  const roster = { daemons: [daemon("host", 7901), daemon("guest", 7902)] };
  await writeFile(join(contracts, "daemons.json"), JSON.stringify(roster));
  const write = async (name: string, text: string) =>
    writeFile(join(contracts, "signals", `${name}.schema.json`), text);
  await write("Q_BELL_RUNG", contract("Bell rung", ["guest"], ["host"]));
  await write("Q_DOOR_OPENED", contract("Door opened", ["host"], ["guest"]));
  await write("Q_ROUND_ASKED", contract("Round asked", ["host"], ["host"]));
});
afterAll(() => rm(contracts, { recursive: true, force: true }));

interface Trouble {
  readonly onBell?: (n: number, file: string) => void | Promise<void>;
  readonly onStop?: () => void;
}

/** Opens the door once for each ring, counts, and says goodbye with a signal to itself. */
function host(trouble: Trouble = {}) {
  return ({ node, config, home, log, stopping }: DaemonContext<Config>): DaemonParts => {
    node.on(
      "Q_BELL_RUNG",
      async (signal, tx) => {
        const n = Number(signal.facts["n"]);
        log.info({ n }, "Bell");
        await trouble.onBell?.(n, join(home, "effects.txt"));
        tx.state.put("rings", (tx.state.get<number>("rings") ?? 0) + 1);
        tx.emit("Q_DOOR_OPENED", { n });
      },
      { retry: { maxAttempts: 2, baseDelayMs: 1 } },
    );
    node.on("Q_ROUND_ASKED", (signal, tx) => void tx.emit("Q_DOOR_OPENED", signal.facts));
    return {
      health: () => ({ polite: config.polite, patience: config.patience, stopping: stopping.aborted }),
      stop: () => trouble.onStop?.(),
    };
  };
}

async function start(
  trouble: Trouble = {},
  more: { transport?: "memory" | "ipc" } = {},
): Promise<TestDaemon> {
  const options = { settings, config: { polite: true }, contractDirs: [contracts], ...more };
  const daemon = await testDaemon("host", host(trouble), options);
  onTestFinished(async () => daemon.close());
  return daemon;
}

describe.each(["memory", "ipc"] as const)("a daemon under test over %s", (transport) => {
  it("handles what the test delivers, and its emissions can be waited for one by one", async () => {
    const daemon = await start({}, { transport });
    const asked = await daemon.deliver("Q_BELL_RUNG", { n: 1 });
    await daemon.deliver("Q_BELL_RUNG", { n: 2 });
    const first = await daemon.waitFor("Q_DOOR_OPENED");
    expect(first).toMatchObject({ source: "host", facts: { n: 1 }, causation_id: asked.id });
    expect((await daemon.waitFor("Q_DOOR_OPENED")).facts).toEqual({ n: 2 });
    expect(daemon.emitted().map(({ signal }) => signal)).toEqual(["Q_DOOR_OPENED", "Q_DOOR_OPENED"]);
    expect(daemon.node.state.get("rings")).toBe(2);
  });

  it("goes on after a crash where the disk says it was: nothing is lost, nothing done twice", async () => {
    let crash: () => void = () => undefined;
    const crashed = new Promise<void>((resolve) => (crash = resolve));
    let isFirst = true;
    const daemon = await start(
      {
        onBell: async (n, file) => {
          await writeFile(file, String(n), { flag: "a" });
          if (n !== 2 || !isFirst) return;
          isFirst = false;
          crash();
          await new Promise(() => undefined); // Never comes back, as a handler that is killed.
        },
      },
      { transport },
    );
    for (const n of [1, 2, 3]) await daemon.deliver("Q_BELL_RUNG", { n });
    await crashed;
    await daemon.restart();
    await daemon.settled();
    expect(daemon.emitted("Q_DOOR_OPENED").map(({ facts }) => facts["n"])).toEqual([1, 2, 3]);
    expect(daemon.node.state.get("rings")).toBe(3);
    expect(await readFile(join(daemon.home, "effects.txt"), "utf8")).toBe("1223"); // Outside effects are the author's.
  });
});

describe("a daemon under test", () => {
  it("has the settings that the test gives, the defaults for the rest, and its log in memory", async () => {
    const daemon = await start();
    expect(daemon.parts.health?.()).toEqual({ polite: true, patience: 1_000, stopping: false });
    await daemon.deliver("Q_BELL_RUNG", { n: 7 });
    await daemon.settled();
    expect(daemon.logs).toContainEqual(expect.objectContaining({ msg: "Bell", level: "info", n: 7 }));
  });

  it("keeps a signal that fails for good as a dead letter, and handles the next one", async () => {
    const daemon = await start({
      onBell: (n) => {
        if (n === 1) throw new Error("the bell is cracked");
      },
    });
    await daemon.deliver("Q_BELL_RUNG", { n: 1 });
    await daemon.deliver("Q_BELL_RUNG", { n: 2 });
    await daemon.settled();
    expect(await daemon.deadLetters()).toMatchObject([{ error: "Error: the bell is cracked", attempts: 2 }]);
    expect(daemon.emitted().map(({ facts }) => facts)).toEqual([{ n: 2 }]);
  });

  it("hears signals of its own, and of whom the test names", async () => {
    const daemon = await start();
    await daemon.deliver("Q_ROUND_ASKED", { n: 3 });
    expect((await daemon.waitFor("Q_DOOR_OPENED")).facts).toEqual({ n: 3 });
    await expect(daemon.deliver("Q_BELL_RUNG", { n: 1 }, { source: "host" })).rejects.toThrow("may not emit");
    await expect(daemon.deliver("Q_BELL_RUNG", { m: 1 })).rejects.toThrow("facts/n is required");
  });

  it("says what happened instead when that which the test waits for does not come", async () => {
    const daemon = await start();
    await daemon.deliver("Q_BELL_RUNG", { n: 1 });
    await daemon.settled();
    const late = daemon.waitFor("Q_ROUND_ASKED", 20);
    await expect(late).rejects.toThrow(TestDeadlineError);
    await expect(late).rejects.toThrow(/Q_ROUND_ASKED[\s\S]*emitted: Q_DOOR_OPENED[\s\S]*"msg":"Bell"/);
  });

  it("is told of signals that it consumes and has no handler for", async () => {
    const options = { settings, contractDirs: [contracts] };
    const daemon = await testDaemon(
      "host",
      ({ node }) => (node.on("Q_BELL_RUNG", () => undefined), {}),
      options,
    );
    onTestFinished(async () => daemon.close());
    expect(daemon.logs).toContainEqual(
      expect.objectContaining({
        level: "warn",
        signals: ["Q_ROUND_ASKED"],
        msg: expect.stringContaining("without a handler") as string,
      }),
    );
  });

  it("is stopped in order at the end, and leaves nothing behind", async () => {
    let stops = 0;
    const daemon = await start({ onStop: () => stops++ });
    await daemon.close();
    await daemon.close();
    expect(stops).toBe(1);
    expect(existsSync(daemon.home)).toBe(false);
  });

  it("that cannot be set up says why, and leaves nothing behind", async () => {
    const options = { settings, contractDirs: [contracts] };
    const setup = ({ node }: DaemonContext<Config>): DaemonParts => {
      node.on("Q_DOOR_OPENED", () => undefined);
      return {};
    };
    const broken = testDaemon("host", setup, options);
    await expect(broken).rejects.toThrow("does not list host as a consumer");
    await expect(testDaemon("host", host(), { settings, contractDirs: ["nowhere"] })).rejects.toThrow(
      "cannot be read",
    );
  });
});
