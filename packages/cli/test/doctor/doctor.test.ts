/** `kloros doctor`: what it finds, and that it says what to do. */
import { chmodSync, chownSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { ensureHome } from "@kloros/bus";
import { describe, expect, onTestFinished, test } from "vitest";
import { examine } from "../../src/doctor/examine.ts";
import { drawFindings } from "../../src/doctor/draw-findings.ts";
import { fail, guarded, ok } from "../../src/doctor/finding.ts";
import { diskKind, diskSpace, leftovers, privacy } from "../../src/doctor/home.ts";
import { nodeVersion, openFiles, setpriv } from "../../src/doctor/machine.ts";
import { systemdUnits } from "../../src/doctor/units.ts";
import { paintFor } from "../../src/program/paint.ts";
import { runCli, temporaryFolder } from "../run-cli.ts";

async function freshHome(): Promise<string> {
  const { path, remove } = temporaryFolder();
  onTestFinished(remove);
  const home = join(path, "home");
  await ensureHome(home);
  return home;
}

/** As `check: status detail`. */
const lines = (findings: Awaited<ReturnType<typeof examine>>) =>
  findings.map(({ check, status, detail }) => `${check}: ${status} ${detail}`);

describe("a machine", () => {
  test("needs a Node that is new enough", () => {
    expect(nodeVersion("20.19.0").status).toBe("ok");
    expect(nodeVersion("24.1.0").status).toBe("ok");
    expect(nodeVersion("20.18.3")).toMatchObject({ status: "fail", detail: "Node 20.18.3 is too old" });
    expect(nodeVersion("18.20.0").status).toBe("fail");
  });

  test("should allow enough open files and have setpriv", () => {
    expect(
      openFiles("Max open files            256                  4096                 files").status,
    ).toBe("warn");
    expect(
      openFiles("Max open files            1024                 4096                 files").status,
    ).toBe("ok");
    expect(
      openFiles("Max open files            unlimited            unlimited            files").status,
    ).toBe("ok");
    expect(setpriv("/nowhere").status).toBe("warn");
  });

  test("keeps a home on a local disk with room", () => {
    expect(diskKind(0xef53).status).toBe("ok");
    expect(diskKind(0x6969)).toMatchObject({
      status: "fail",
      detail: expect.stringMatching(/^NFS/u) as string,
    });
    expect(diskKind(0xff534d42 | 0).status).toBe("fail");
    expect(diskKind(0x01021994).status).toBe("warn");
    expect(diskSpace(16 * 2 ** 20, 2 ** 40).status).toBe("fail");
    expect(diskSpace(512 * 2 ** 20, 2 ** 40).status).toBe("warn");
    expect(diskSpace(2 ** 34, 2 ** 40).status).toBe("ok");
  });
});

test("a fresh home has nothing wrong", async () => {
  const findings = await examine(await freshHome());
  expect(lines(findings.filter(({ status }) => status === "fail"))).toEqual([]);
  expect(findings.filter(({ status, remedy }) => status === "ok" && remedy !== "")).toEqual([]);
});

test("all that is wrong is told at once, each with what to do", async () => {
  const home = await freshHome();
  const contracts = join(home, "..", "contracts", "signals");
  mkdirSync(contracts, { recursive: true });
  writeFileSync(join(contracts, "Q_NOTE_TAKEN.schema.json"), "{ not json");
  writeFileSync(
    join(home, "mesh.yaml"),
    `contract_dirs: ["${join(home, "..", "contracts")}"]\nlog_level: loud\nlimits: { max_signal_bites: 1 }\n`,
  );
  chmodSync(join(home, "run"), 0o755);
  writeFileSync(join(home, "keys", "x.secret.json"), "{}", { mode: 0o644 });
  writeFileSync(join(home, "policies.yaml"), "rules: 7\n");
  mkdirSync(join(home, "dream_lab"), { recursive: true });
  writeFileSync(join(home, "dream_lab", "dream.yaml"), "experiments: 7\n");
  writeFileSync(join(home, "maintenance_mode"), "");
  utimesSync(join(home, "maintenance_mode"), 0, 0);
  writeFileSync(
    join(home, "failed_signals.jsonl"),
    `${JSON.stringify({ id: "x", daemon: "a", error: "e" })}\n`,
  );
  await deadSocket(join(home, "run", "intent_router.sock"));
  const findings = await examine(home);
  const told = lines(findings);
  for (const expected of [
    /^privacy: fail .*\/run is open/u,
    /^privacy: fail .*x\.secret\.json can be read/u,
    /^settings: fail .*log_level/u,
    /^settings: fail .*max_signal_bites/u,
    /^contracts: fail .*Q_NOTE_TAKEN\.schema\.json: .*not JSON/u,
    /^policies: fail /u,
    /^experiments: fail /u,
    /^maintenance: warn .*perhaps forgotten/u,
    /^dead letters: warn 1 unresolved/u,
  ])
    expect(
      told.some((line) => expected.test(line)),
      `${String(expected)} in\n${told.join("\n")}`,
    ).toBe(true);
  for (const { status, remedy } of findings) if (status !== "ok") expect(remedy).not.toBe("");
});

test.skipIf(process.geteuid?.() !== 0)(
  "files that a command of another user left in the home are told before a daemon stumbles over them",
  async () => {
    const home = await freshHome();
    mkdirSync(join(home, "journal", "intent_router"));
    for (const file of ["mesh.yaml", join("journal", "intent_router", "data.mdb")]) {
      writeFileSync(join(home, file), "");
      chownSync(join(home, file), 65_534, 65_534);
    }
    const [told, ...others] = (await privacy(home)).filter(({ status }) => status === "fail");
    expect(told?.detail).toBe(`${home}/mesh.yaml does not belong to the owner of the home, and 1 more`);
    expect(told?.remedy).toBe(`chown -R --reference=${home} ${home}`);
    expect(others).toEqual([]);
  },
);

test("what was left behind is told: sockets of the killed, journals of daemons that are gone", async () => {
  const home = await freshHome();
  await deadSocket(join(home, "run", "intent_router.sock"));
  mkdirSync(join(home, "journal", "gone_daemon"));
  const live = createServer();
  await new Promise<void>((resolve) => live.listen(join(home, "run", "orchestrator_monitor.sock"), resolve));
  onTestFinished(() => void live.close());
  expect(lines(await leftovers(home, ["intent_router", "orchestrator_monitor"]))).toEqual([
    `leftovers: warn ${home}/run/intent_router.sock is of a killed process`,
    "leftovers: warn journal/gone_daemon is of a daemon that is not installed here",
  ]);
});

test("units that are missing or were changed are told, those of another home are none of ours", async () => {
  const home = await freshHome();
  const prefix = join(home, "..", "prefix");
  mkdirSync(prefix);
  const gone = join(prefix, "gone.service");
  const record = { home, workspace: "/srv/w", node: process.execPath, files: [gone], units: [], folders: [] };
  writeFileSync(join(prefix, "installation.json"), JSON.stringify(record));
  const found = lines(await guarded("systemd", () => systemdUnits(home, prefix)));
  expect(found).toContain(`systemd: fail ${gone} is not there`);
  expect(found.some((line) => /^systemd: warn .*kloros-intent-router\.service is not what/u.test(line))).toBe(
    true,
  );
  writeFileSync(join(home, "mesh.yaml"), "workspaec: /srv\n");
  expect(lines(await guarded("systemd", () => systemdUnits(home, prefix)))).toEqual([
    `systemd: fail ${gone} is not there`, // The mistake itself is told once, by the check of the settings.
  ]);
  expect(lines(await systemdUnits("/another/home", prefix))[0]).toMatch(
    /^systemd: ok units are installed for another home/u,
  );
  expect(lines(await systemdUnits(home, join(home, "nowhere")))[0]).toMatch(/^systemd: ok not installed/u);
});

test("the command says it in lines or JSON, and ends with 1 when something is broken", async () => {
  const findings = [ok("a", "fine"), fail("bb", "broken\u001b[2J", "mend it")];
  expect(drawFindings(findings, paintFor({ isTTY: false }))).toEqual([
    "      check  found",
    "ok    a      fine",
    "fail  bb     broken\\x1b[2J",
    "      → mend it",
  ]);
  const nowhere = join(await freshHome(), "nowhere");
  const { code, stdout } = await runCli("kloros", ["doctor", "--home", nowhere, "--quiet", "--json"]);
  const told = JSON.parse(stdout) as { healthy: boolean; findings: { check: string; status: string }[] };
  expect({ code, healthy: told.healthy }).toEqual({ code: 1, healthy: false });
  expect(told.findings.at(-1)).toMatchObject({ check: "home", status: "fail" });
  expect(told.findings.filter(({ status }) => status === "ok")).toEqual([]);
});

/** A socket file whose process was killed. */
async function deadSocket(path: string): Promise<void> {
  const program = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 9))`;
  await once(spawn(process.execPath, ["-e", program], { stdio: "ignore" }), "exit");
}
