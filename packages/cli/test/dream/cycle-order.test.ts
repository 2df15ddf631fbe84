/** The order of cycles, and what `kloros dream show` says where a line is too short. */
import { readFileSync, writeFileSync } from "node:fs";
import { cyclePaths } from "@kloros/experiments";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCli, temporaryFolder } from "../run-cli.ts";
import { summaryOf, writeCycle } from "./cycle-on-disk.ts";

const folder = temporaryFolder();
const home = folder.path;
const [FIRST, SECOND, RETRY] = [
  "dream_20260131_110000_ffffffff",
  "dream_20260131_110000_00000001",
  "dream_20260131_100000_aaaaaaaa_r2",
] as const;
const LONG = `6 of 6 candidates failed; ${"and failed ".repeat(20)}; the end\nsecond line`;

beforeAll(() => {
  begin(FIRST, "2026-01-31T11:00:01.000Z");
  begin(SECOND, "2026-01-31T11:00:30.000Z");
  begin(RETRY, "2026-01-31T11:05:00.000Z");
});
afterAll(folder.remove);

function begin(id: string, started_at: string): void {
  const error = { type: "AllCandidatesFailed" as const, message: LONG };
  writeCycle(home, id, summaryOf(id, { started_at, status: "failed", winner_id: null, error }));
  const path = cyclePaths(home, id).cycle;
  const cycle = JSON.parse(readFileSync(path, "utf8")) as object;
  writeFileSync(path, JSON.stringify({ ...cycle, started_at }));
}

const dream = (...args: string[]) => runCli("kloros", ["dream", ...args, "--home", home]);

test("cycles are listed by when they began, whatever their ids say", async () => {
  const { stdout } = await dream("list", "--json");
  expect((JSON.parse(stdout) as { cycle_id: string }[]).map((one) => one.cycle_id)).toEqual([
    RETRY,
    SECOND,
    FIRST,
  ]);
});

test("last is the one that began last, and its whole error is shown", async () => {
  const { stdout } = await dream("show", "last");
  expect(stdout).toContain(RETRY);
  expect(stdout).toContain("; the end\n  second line\n");
});

test("the id of a trigger that was refused before it began leads to its trace", async () => {
  const { stderr, code } = await dream("show", "dream_20260131_120000_12345678");
  expect(stderr).toContain("chem-bus trace dream_20260131_120000_12345678 shows whether it was refused");
  expect(code).toBe(1);
});
