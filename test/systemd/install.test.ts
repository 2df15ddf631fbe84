/** Installed from a packed release on a real systemd: plan, run, upgrade, go back, remove. One machine, told in order. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadContracts } from "@kloros/bus";
import { unitName } from "../../packages/cli/src/systemd/places.ts";
import { eventually } from "../mesh/eventually.ts";
import { type PrivateSystemd, skipWithoutSystemd, startPrivateSystemd } from "./private-systemd.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const units = loadContracts().daemons.map(unitName);
const KLOROS = "/usr/local/bin/kloros";
/** Those that run while the releases change; nine would only take longer. */
const upgraded = ["kloros-intent-router.service", "kloros-winner-deployer.service"];
/** Everything that an installation may touch; what the user database keeps of its last change is not ours. */
const LIST =
  "find /etc /opt /srv /usr/local /usr/lib/systemd /usr/lib/sysusers.d /var/lib -xdev -not -path '/var/lib/systemd/*' " +
  String.raw`-not -regex '/etc/\(.*-\|\.pwd\.lock\|subuid\|subgid\)' | sort; getent passwd kloros; getent group kloros`;

interface Step {
  readonly what: string;
  readonly state: string;
}

/** A machine that is busy with other tests: each step here moves thousands of files and starts Node many times, in milliseconds. */
const PATIENCE_MS = 120_000;

describe.skipIf(skipWithoutSystemd("install"))("kloros install systemd", { timeout: PATIENCE_MS }, () => {
  let folder: string;
  let machine: PrivateSystemd;
  let release: string;
  let before: string;

  const sh = async (
    script: string,
    check = true,
  ): Promise<{ code: number; stdout: string; stderr: string }> =>
    machine.exec(["bash", "-c", script], { timeoutMs: 60_000, check });
  const list = async (): Promise<string> => (await sh(LIST, false)).stdout;
  const install = async (...flags: string[]): Promise<readonly Step[]> =>
    (
      JSON.parse((await sh(`${release}/bin/kloros install systemd --json ${flags.join(" ")}`)).stdout) as {
        steps: Step[];
      }
    ).steps;
  const states = async (): Promise<string[]> =>
    (await sh(`systemctl is-active ${units.join(" ")}`, false)).stdout.trim().split("\n");
  const pids = async (): Promise<string[]> =>
    (await sh(`systemctl show --value -p MainPID ${units.join(" ")}`)).stdout.trim().split(/\n+/);
  const otherRelease = async (id: string, change = ":"): Promise<string> => {
    const to = `/var/tmp/${id}`;
    await sh(
      `cp -al ${release} ${to} && sed -i 's/"id": "[^"]*"/"id": "${id}"/' ${to}/release.json && cd ${to} && ${change}`,
    );
    return to;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "packed-"));
    const pack = [
      "--import",
      "tsx",
      "--conditions=source",
      "scripts/pack.ts",
      "--json",
      "--no-build",
      "--output",
      folder,
    ];
    const { stdout } = await promisify(execFile)(process.execPath, pack, { cwd: ROOT });
    const { tarball, bytes } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as {
      tarball: string;
      bytes: number;
    };
    expect(bytes).toBeLessThan(40 * 2 ** 20);
    machine = await startPrivateSystemd({ binds: [{ from: tarball, to: "/srv/release.tar.gz" }] });
    await sh("mkdir /var/tmp/new && tar -C /var/tmp/new -xzf /srv/release.tar.gz");
    release = (await sh("echo /var/tmp/new/*")).stdout.trim();
    before = await list();
  }, PATIENCE_MS);

  afterAll(async () => {
    await machine.down();
    await rm(folder, { recursive: true });
  });

  it("says what it would do, and does nothing of it, in a dry run", async () => {
    const steps = await install("--dry-run");
    expect(steps.length).toBeGreaterThan(units.length);
    expect(new Set(steps.map(({ state }) => state))).toEqual(new Set(["would_do"]));
    expect(await list()).toBe(before);
  });

  it("refuses a Node that the service user could not run, and whoever is not root", async () => {
    const asRoot = await sh(
      `mkdir -p /home/me; cp /usr/bin/node /home/me/; /home/me/node ${release}/packages/cli/bin/kloros.mjs install systemd`,
      false,
    );
    expect(asRoot.code).toBe(1);
    expect(asRoot.stderr).toContain("--node");
    const asNobody = await sh(
      `cd /; setpriv --reuid 65534 --regid 65534 --clear-groups ${release}/bin/kloros install systemd`,
      false,
    );
    expect(asNobody).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("sudo kloros install systemd") as string,
    });
    expect(await list()).toBe(before);
  });

  it("brings all daemons to READY; the second time all is so already", async () => {
    const steps = await install();
    expect(new Set(steps.map(({ state }) => state))).toEqual(new Set(["done"]));
    expect(await states()).toEqual(units.map(() => "active"));
    const again = await install();
    expect(again.filter(({ state }) => state !== "already")).toEqual([]);
    const { stdout } = await sh(
      "systemctl is-enabled kloros.target; systemctl show -p NRestarts --value kloros-intent-router",
    );
    expect(stdout.trim().split("\n")).toEqual(["enabled", "0"]);
  });

  it("takes an intent to its end, written by the daemons alone and owned by their user", async () => {
    const intent = {
      id: "a-first-intent",
      type: "discover.module.text",
      data: {
        question: "What is it?",
        question_id: "discover.module.text",
        priority: "high",
        evidence: ["path:/srv/kloros/workspace/text"],
        hypothesis: "UNDISCOVERED_MODULE_text",
      },
      timestamp: 1,
    };
    await sh(
      "mkdir /srv/kloros/workspace/text && echo 'def tokens(): pass' > /srv/kloros/workspace/text/tokens.py && chown -R kloros: /srv/kloros/workspace",
    );
    await machine.exec(
      [
        "bash",
        "-c",
        "cat > /var/tmp/i && chown kloros: /var/tmp/i && mv /var/tmp/i /var/lib/kloros/intents/a.json",
      ],
      { input: JSON.stringify(intent) },
    );
    await eventually("the module is integrated", async () => {
      const { stdout } = await sh("/usr/local/bin/chem-bus trace discover.module.text --json", false);
      return stdout.includes("Q_MODULE_INTEGRATED");
    });
    const { stdout } = await sh(
      "find /var/lib/kloros -not -user kloros; stat -c '%a %U' /srv/kloros/workspace/text/__init__.py /var/lib/kloros",
    );
    expect(stdout.trim().split("\n")).toEqual(["644 kloros", "700 kloros"]);
  });

  it("answers root through its launchers, and tells others whose it is", async () => {
    const { stdout } = await sh(`cd /root; ${KLOROS} status --json`);
    const { daemons } = JSON.parse(stdout) as { daemons: { state: string }[] };
    expect(daemons.map(({ state }) => state)).toEqual(units.map(() => "ready"));
    const other = await sh(
      `cd /; setpriv --reuid 65534 --regid 65534 --clear-groups ${KLOROS} status`,
      false,
    );
    expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining("sudo kloros status") as string });
  });

  it("starts a daemon although a file that its sandbox opens was removed", async () => {
    const { stdout } = await sh(
      "rm /var/lib/kloros/failed_signals.jsonl; systemctl restart kloros-intent-router && stat -c '%a %U' /var/lib/kloros/failed_signals.jsonl",
    );
    expect(stdout).toBe("600 kloros\n");
  });

  it("stops one daemon and leaves the others alone", async () => {
    const running = await pids();
    await sh(`systemctl stop ${units[1] ?? ""}`);
    expect(await states()).toEqual(units.map((_, index) => (index === 1 ? "inactive" : "active")));
    expect((await pids()).filter((pid) => running.includes(pid))).toHaveLength(units.length - 1);
  });

  it("upgrades to a good release, and does not start what an operator stopped", async () => {
    await sh(`systemctl stop ${units.filter((unit) => !upgraded.includes(unit)).join(" ")}`);
    const good = await otherRelease("9.9.9-good");
    const { stdout } = await sh(`${KLOROS} upgrade systemd --from ${good} --settle 0.5 --json`);
    expect(JSON.parse(stdout)).toMatchObject({ kind: "upgraded", to: "9.9.9-good" });
    expect(await states()).toEqual(units.map((unit) => (upgraded.includes(unit) ? "active" : "inactive")));
    expect((await sh("readlink /opt/kloros/current; ls /opt/kloros/releases | wc -l")).stdout).toBe(
      "releases/9.9.9-good\n2\n",
    );
  });

  it("goes back by itself from a release of which one daemon does not start", async () => {
    const main = "packages/winner-deployer/dist/main.js";
    const bad = await otherRelease("9.9.9-bad", `rm ${main} && echo 'throw new Error("broken")' > ${main}`);
    const all =
      "cat /etc/systemd/system/kloros* /etc/tmpfiles.d/kloros.conf /opt/kloros/installation.json; ls -R /opt/kloros -I node_modules";
    const installed = await sh(all);
    const { code, stdout } = await sh(`${KLOROS} upgrade systemd --from ${bad} --settle 0.5 --json`, false);
    expect({ code, ...(JSON.parse(stdout) as object) }).toMatchObject({
      code: 1,
      kind: "rolled_back",
      from: "9.9.9-good",
      to: "9.9.9-bad",
      reason: expect.stringContaining("winner-deployer") as string,
    });
    expect((await sh(all)).stdout).toBe(installed.stdout);
    expect(await states()).toEqual(units.map((unit) => (upgraded.includes(unit) ? "active" : "inactive")));
  });

  it("refuses a tarball that is none, and changes nothing", async () => {
    const { code, stderr } = await sh(
      `echo no > /var/tmp/no.tar.gz; ${KLOROS} upgrade systemd --from /var/tmp/no.tar.gz`,
      false,
    );
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("cannot be unpacked") as string,
    });
    const same = "tar -C /var/tmp -czf /var/tmp/same.tar.gz 9.9.9-good/release.json";
    const { stdout } = await sh(`${same} && ${KLOROS} upgrade systemd --from /var/tmp/same.tar.gz`);
    expect(stdout).toContain("in use already");
  });

  it("uninstalls all but the state, and with --purge that too", async () => {
    const { stdout } = await sh(`${KLOROS} uninstall systemd`);
    expect(stdout).toContain("kept      /var/lib/kloros");
    const known = new Set(before.split("\n"));
    const left = (await list()).split("\n").filter((line) => !known.has(line));
    expect(left.filter((line) => !/^\/var\/lib\/kloros|^\/srv\/kloros|^kloros:/.test(line))).toEqual([]);
    expect((await sh("systemctl list-units --all --no-legend 'kloros*'")).stdout).toBe("");
    await install("--no-start");
    expect((await sh("/usr/local/bin/chem-bus trace discover.module.text --json")).stdout).toContain(
      "Q_MODULE_INTEGRATED",
    );
    await sh(`rm -r /srv/kloros/workspace/text; ${KLOROS} uninstall systemd --purge`);
    expect(await list()).toBe(before);
  });
});
