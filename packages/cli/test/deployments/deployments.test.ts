/** `kloros deployments` as a user types it, without a mesh and with one. */
import { appendFileSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { openControlServer } from "@kloros/daemon";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runCli, temporaryFolder } from "../run-cli.ts";
import { NEW, OLD, writeDeployed } from "./deployed-home.ts";

let folder: ReturnType<typeof temporaryFolder>;
let home: string;
beforeEach(() => {
  folder = temporaryFolder();
  home = join(folder.path, "h");
  mkdirSync(join(home, "run"), { recursive: true, mode: 0o700 });
});
afterEach(() => folder.remove());

const deployments = async (...args: string[]) => runCli("kloros", ["deployments", ...args, "--home", home]);

test("lists what is in place, since when, how good, what was before, and what is damaged", async () => {
  expect((await deployments()).stdout).toBe("nothing is deployed yet\n");
  writeDeployed(home, "compress");
  writeDeployed(home, "other", [OLD]);
  const { stdout, code } = await deployments();
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /compress +dream_20251115_103000_0a1b2c3d +2025-11-15T10:32:00.000Z +4\.25 +dream_20251114/u,
  );
  appendFileSync(join(home, "deployed/other/current/tool.conf"), "x");
  rmSync(join(home, "deployed/compress/current"));
  symlinkSync("versions/gone", join(home, "deployed/compress/current"));
  const broken = (await deployments()).stdout;
  expect(broken).toMatch(/compress: .*current leads to versions\/gone, where no version is; point it to/u);
  expect(broken).toMatch(/other: .*tool\.conf is not what was deployed/u);
  expect(JSON.parse((await deployments("list", "--json")).stdout)).toMatchObject([
    { experiment: "compress", state: "broken", current_version_id: null, running: null },
    { experiment: "other", state: "damaged", current_version_id: OLD.id, fitness: 3.5, versions: [OLD.id] },
  ]);
});

test("shows a version by id, part of an id, current and previous, with what happened to it", async () => {
  writeDeployed(home, "compress");
  const whole = await deployments("show", "compress");
  expect(whole.stdout).toContain(`${NEW.id}  in place since`);
  expect(whole.stdout).toContain("\\x1b[31mgreedy");
  expect(whole.stdout.match(/ {2}deployed {2}/gu)).toHaveLength(2);
  for (const name of ["previous", OLD.id, "1b2c3d4e", "dream_20251114"]) {
    const shown = JSON.parse((await deployments("show", "compress", name, "--json")).stdout) as Record<
      string,
      unknown
    >;
    expect(shown).toMatchObject({ version: { version_id: OLD.id }, history: [{ version_id: OLD.id }] });
  }
});

test("diff compares parameters and files, says what is binary, and exits as diff(1) does", async () => {
  writeDeployed(home, "compress");
  const { stdout, code, stderr } = await deployments("diff", "compress");
  expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
  expect(stdout).toMatch(/level +6 +→ +9\n +dictionary +true +→ +absent/u);
  expect(stdout).toContain("@@ -1,3 +1,3 @@\n # settings\n-level = 6\n+level = 9\n mode = fast\n");
  expect(stdout).toContain("binary file table.bin is only in b (absent → 3 bytes)");
  const same = await deployments("diff", "compress", "previous", OLD.id);
  expect({ code: same.code, stdout: same.stdout }).toEqual({ code: 0, stdout: "" });
  const json = JSON.parse(
    (await deployments("diff", "compress", "current", "previous", "--json")).stdout,
  ) as object;
  expect(json).toMatchObject({ a: NEW.id, b: OLD.id, params: [{ name: "level", a: 9, b: 6 }, {}, {}] });
});

test.each([
  [["show", "compres"], 1, "did you mean compress?"],
  [["show", "compress", "dream"], 1, "dream is part of 2 versions"],
  [["show", "compress", "../../../etc"], 1, "compress has no version ../../../etc"],
  [["diff", "compress", "9999"], 64, "compress has no version 9999; there are dream_"],
  [["diff", "nothing"], 64, "nothing was ever deployed of nothing; there are compress"],
  [["diff"], 64, "missing required argument 'experiment'"],
  [["rolback"], 64, "there is no command rolback; did you mean rollback?"],
  [
    ["shwo"],
    64,
    "shwo is none of the commands list, show, diff, rollback, and nothing was ever deployed of shwo",
  ],
  [["rollback"], 64, "missing required argument 'experiment'"],
  [["rollback", "compress", "--too", "x"], 64, "Did you mean --to?"],
  [["rollback", "compress", "--to", "dream_1999"], 1, "compress has no version dream_1999"],
  [["rollback", "compress"], 69, "the winner deployer does not answer on"],
])("kloros deployments %j exits %i and says what to do", async (args, code, words) => {
  writeDeployed(home, "compress");
  const finished = await deployments(...args);
  expect(finished.stderr).toContain(words);
  expect(finished.stderr).not.toMatch(/^\s+at /mu);
  expect({ code: finished.code, stdout: finished.stdout }).toEqual({ code, stdout: "" });
});

test("rollback asks the deployer, and tells its answer or its refusal", async () => {
  writeDeployed(home, "compress");
  const asked: unknown[] = [];
  const server = await openControlServer(join(home, "run/winner_deployer_daemon.sock"), ({ event, data }) => {
    if (event === "deployments:status")
      return [{ cycle_id: "dream_3", experiment: "compress", doing: "probation" }];
    asked.push(data);
    if (asked.length === 2) throw new Error("a deployment of compress is under way");
    return { experiment: "compress", version_id: OLD.id, reverted_version_id: NEW.id, reason: "slow" };
  });
  try {
    const done = await deployments("rollback", "compress", "--to", "1b2c3d4e", "--reason", "slow");
    expect(done.stdout).toBe(`compress: ${OLD.id} is in place again, instead of ${NEW.id}\n`);
    const refused = await deployments("rollback", "compress");
    expect([refused.code, refused.stderr]).toEqual([1, "kloros: a deployment of compress is under way\n"]);
    expect(asked).toEqual([
      { experiment: "compress", to: OLD.id, reason: "slow" },
      { experiment: "compress" },
    ]);
    expect((await deployments()).stdout).toContain("probation of dream_3");
  } finally {
    await server.close();
  }
});
