/** The units as systemd itself judges them: understood, closed, and patient enough. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DaemonInfo, loadContracts } from "@kloros/bus";
import { commonSettings } from "@kloros/daemon";
import { systemdUnits } from "../../scripts/generate/systemd-units.ts";
import { readCatalogue } from "../../scripts/generate/catalogue.ts";
import { meshFiles } from "../../packages/cli/src/systemd/mesh-files.ts";
import { DEFAULT_PLACES, type Places, unitName } from "../../packages/cli/src/systemd/places.ts";
import { type PrivateSystemd, skipWithoutSystemd, startPrivateSystemd } from "./private-systemd.ts";

/** Exposure that systemd may find in a unit with local sockets only, of 10. */
const MAX_EXPOSURE = 0.5;
/** And in one that reaches the network. */
const MAX_EXPOSURE_NETWORK = 1.2;

/** Reaches the network. */
const notDaemons = /-kloros-metrics\.service$/;

const { daemons } = loadContracts();
const own: DaemonInfo = {
  name: "my_daemon",
  package: "my-daemon",
  port: 7900,
  description: "Somebody's own.",
  main: "/srv/mine/dist/main.js",
  writes: ["my_files"],
};

describe("the units in systemd/", () => {
  it("are those that the roster gives; npm run generate writes them", async () => {
    const files = systemdUnits(readCatalogue());
    const stale = await Promise.all(
      files.map(async ({ file, text }) =>
        (await readFile(file, "utf8").catch(() => "")) === text ? [] : [file],
      ),
    );
    expect(stale.flat()).toEqual([]);
  });

  it("stop a daemon later than its drain deadline and both closing steps allow", () => {
    const files = meshFiles([...daemons, own], DEFAULT_PLACES).filter(({ text }) =>
      text.includes("Type=notify"),
    );
    const longestStopS = commonSettings.defaults().drain_deadline / 1_000 + 5 + 5;
    const stopTimes = files.map(({ text }) => Number(/^TimeoutStopSec=(\d+)s$/m.exec(text)?.[1]));
    expect(Math.min(...stopTimes)).toBeGreaterThan(longestStopS + 5);
    const patient = meshFiles([own], { ...DEFAULT_PLACES, drainDeadlineMs: 60_000 });
    expect(patient[0]?.text).toContain("TimeoutStopSec=85s");
  });

  it("name each daemon, none requires another, and each writes its own journal only", () => {
    for (const daemon of daemons) {
      const text = meshFiles([daemon], DEFAULT_PLACES)[0]?.text ?? "";
      expect(text).not.toMatch(/^(?:Requires|BindsTo|Requisite)=/m);
      const writable = [...text.matchAll(/^ReadWritePaths=(.*)$/gm)].map((match) => match[1]);
      const journals = writable.filter((path) => path?.includes("/journal"));
      expect(journals).toEqual([`${DEFAULT_PLACES.home}/journal/${daemon.name}`]);
      if (writable.includes(DEFAULT_PLACES.home))
        expect(text).toContain(`ReadOnlyPaths=${DEFAULT_PLACES.home}/journal\n`);
    }
  });
});

describe.skipIf(skipWithoutSystemd("units"))("systemd", () => {
  let folder: string;
  let systemd: PrivateSystemd;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "units-"));
    const write = async (variant: string, list: readonly DaemonInfo[], places: Places): Promise<void> => {
      const files = meshFiles(list, places).filter(({ path }) => path.startsWith("/etc/systemd/system/"));
      for (const { name, text } of files) await writeFile(join(folder, `${variant}-${name}`), text);
    };
    await write("ipc", [...daemons, own], DEFAULT_PLACES);
    await write("tcp", daemons, { ...DEFAULT_PLACES, network: "loopback" });
    await write("any", [{ ...own, network: "any" }], DEFAULT_PLACES);
    systemd = await startPrivateSystemd({ binds: [{ from: folder, to: "/srv/units" }] });
  });

  afterAll(async () => {
    await systemd.down();
    await rm(folder, { recursive: true });
  });

  it("has nothing to say about them", async () => {
    const { stdout, stderr } = await systemd.exec([
      "bash",
      "-c",
      `cd /srv/units && for f in ipc-* tcp-*; do install -m 644 $f /etc/systemd/system/$\{f#*-}; done
      systemctl daemon-reload; cd /etc/systemd/system; systemd-analyze verify kloros*.service kloros.target kloros.slice`,
    ]);
    expect(stdout + stderr).toBe("");
  });

  it("says so when something is wrong with one", async () => {
    await systemd.exec([
      "bash",
      "-c",
      "sed 's/^WatchdogSec=.*/WatchdogSecs=1/' /srv/units/ipc-kloros-intent-router.service > /tmp/w.service",
    ]);
    const { stdout, stderr } = await systemd.exec(["systemd-analyze", "verify", "/tmp/w.service"], {
      check: false,
    });
    expect(stdout + stderr).toContain("WatchdogSecs");
  });

  it(`finds an exposure of at most ${MAX_EXPOSURE} in each that uses local sockets, ${MAX_EXPOSURE_NETWORK} in the others`, async () => {
    const { stdout } = await systemd.exec([
      "bash",
      "-c",
      `cd /srv/units; for f in *.service; do printf '%s ' $f; systemd-analyze security --offline=true --no-pager $f | sed -n 's/.*: \\([0-9.]*\\) .*/\\1/p' | tail -1; done`,
    ]);
    const scores = stdout
      .trim()
      .split("\n")
      .map((line) => line.split(" "))
      .map(([name = "", score = ""]) => ({ name, score: Number(score || Number.NaN) }));
    process.stdout.write(`\nsystemd-analyze security:\n${stdout}`);
    expect(scores.length).toBe(2 * daemons.length + 8);
    const limitOf = (name: string): number =>
      name.startsWith("ipc-") && !notDaemons.test(name) ? MAX_EXPOSURE : MAX_EXPOSURE_NETWORK;
    expect(scores.filter(({ name, score }) => !(score <= limitOf(name)))).toEqual([]);
  });
});

it("systemd/ has one unit for each daemon of the roster", () => {
  const folder = fileURLToPath(new URL("../../systemd", import.meta.url));
  expect(systemdUnits(readCatalogue()).map(({ file }) => file)).toEqual(
    expect.arrayContaining(daemons.map((daemon) => join(folder, unitName(daemon)))),
  );
});
