/** salvage as a real process on real journals, whole and damaged. */
import {
  closeSync,
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { SalvageSummary } from "../../src/salvage/summary.ts";
import { runCli, temporaryFolder } from "../run-cli.ts";
import { smallMesh, type SmallMesh } from "./small-mesh.ts";

const ASKED = 120;
const ROUTER = "intent_router";

let mesh: SmallMesh;
const folder = temporaryFolder();
beforeAll(async () => {
  mesh = await smallMesh();
  for (let index = 0; index < ASKED; index++) await mesh.ask(`q.${String(index)}`);
});
afterAll(async () => {
  await mesh.close();
  folder.remove();
});

/** A home of its own with a copy of the router's journal, and the path of its data. */
function copiedHome(name: string): { readonly home: string; readonly data: string } {
  const home = join(folder.path, name);
  cpSync(join(mesh.home, "journal", ROUTER), join(home, "journal", ROUTER), { recursive: true });
  return { home, data: join(home, "journal", ROUTER, "data.mdb") };
}

const seqsOf = (ndjson: string): number[] =>
  ndjson
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { seq: number }).seq);

test("a truncated journal gives its signals to --out, says which are missing and what to do next", async () => {
  const { home, data } = copiedHome("truncated");
  truncateSync(data, statSync(data).size >> 1);
  const damaged = readFileSync(data);
  const out = join(folder.path, "truncated.ndjson");
  const { code, stdout, stderr } = await runCli("chem-bus", [
    "salvage",
    ROUTER,
    "--out",
    out,
    "--home",
    home,
  ]);
  expect([code, stdout]).toEqual([0, ""]);
  const seqs = seqsOf(readFileSync(out, "utf8"));
  expect(seqs.length).toBeGreaterThan(10);
  expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
  expect(stderr).toContain(`${String(seqs.length)} signals salvaged from ${join(home, "journal", ROUTER)}`);
  expect(stderr).toContain(`  Q_CURIOSITY_INVESTIGATE  ${String(seqs.length)}\n`);
  expect(stderr).toMatch(/kloros stop[^]*mv [^]*kloros start[^]*A new journal begins[^]*jq /u);
  expect(readFileSync(data).equals(damaged)).toBe(true);
});

test("signals go to standard output, all of them when nothing is missing, and nothing stays behind", async () => {
  const temporary = mkdtempSync(join(folder.path, "tmp-"));
  const { home } = copiedHome("whole");
  const args = ["salvage", ROUTER, "--home", home];
  const { code, stdout, stderr } = await runCli("chem-bus", args, { TMPDIR: temporary });
  expect(code).toBe(0);
  expect(seqsOf(stdout)).toEqual(Array.from({ length: ASKED }, (_, index) => index + 1));
  expect(stderr).toContain("missing between them: nothing");
  expect(readdirSync(temporary).filter((name) => name.startsWith("chem-bus"))).toEqual([]);
});

test("what a bad disk destroyed in the middle is named by --json as ranges of seqs", async () => {
  const { home, data } = copiedHome("scribbled");
  // A page's worth around each mention of this signal: copy-on-write leaves more than one.
  scribbleOver(data, '"question_id":"q.60"', 4_096);
  const out = join(folder.path, "scribbled.ndjson");
  const args = ["salvage", ROUTER, "--json", "--out", out, "--home", home];
  const { code, stdout, stderr } = await runCli("chem-bus", args);
  expect([code, stderr]).toEqual([0, ""]);
  const summary = JSON.parse(stdout) as SalvageSummary;
  const found = new Set(seqsOf(readFileSync(out, "utf8")));
  expect(summary).toMatchObject({ daemon: ROUTER, file: out, signals: found.size, last_seq: ASKED });
  expect(summary.missing_signals).toBe(ASKED - found.size);
  expect(summary.missing.some(({ first, last }) => first <= 61 && 61 <= last)).toBe(true);
  const missing = summary.missing.flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index),
  );
  expect(missing.some((seq) => found.has(seq))).toBe(false);
  expect(missing).toHaveLength(summary.missing_signals);
});

test("without --out, --json keeps the summary apart from the signals", async () => {
  const args = ["salvage", ROUTER, "--json", "--home", copiedHome("apart").home];
  const { code, stdout, stderr } = await runCli("chem-bus", args);
  expect([code, seqsOf(stdout).length]).toEqual([0, ASKED]);
  expect(JSON.parse(stderr)).toMatchObject({ file: null, signals: ASKED, missing_signals: 0, missing: [] });
});

test("nothing found is a no, and leaves no empty file", async () => {
  const { home, data } = copiedHome("empty");
  writeFileSync(data, "this is my shopping list\n".repeat(2_000));
  const out = join(folder.path, "empty.ndjson");
  const { code, stderr } = await runCli("chem-bus", ["salvage", ROUTER, "--out", out, "--home", home]);
  expect(code).toBe(1);
  expect(stderr).toContain("no signal can be found in");
  expect(stderr).not.toContain("jq ");
  expect(existsSync(out)).toBe(false);
});

test("a daemon that was misspelt, one without a journal, and a taken file are told apart", async () => {
  const { home, data } = copiedHome("asked-wrongly");
  const misspelt = await runCli("chem-bus", ["salvage", "intent_ruoter", "--home", home]);
  expect([misspelt.code, misspelt.stderr]).toEqual([
    64,
    "chem-bus: no daemon is called intent_ruoter; did you mean intent_router?\n",
  ]);
  const upwards = await runCli("chem-bus", ["salvage", "../journal/intent_router", "--home", home]);
  expect([upwards.code, upwards.stdout]).toEqual([64, ""]);
  const none = await runCli("chem-bus", ["salvage", "orchestrator_monitor", "--home", home]);
  expect(none.code).toBe(1);
  expect(none.stderr).toContain("orchestrator_monitor has no journal");
  const before = readFileSync(data);
  const taken = await runCli("chem-bus", ["salvage", ROUTER, "--out", data, "--home", home]);
  expect(taken.code).toBe(64);
  expect(taken.stderr).toContain("exists already");
  expect(readFileSync(data).equals(before)).toBe(true);
});

function scribbleOver(data: string, text: string, bytes: number): void {
  const content = readFileSync(data);
  const file = openSync(data, "r+");
  for (let at = content.indexOf(text); at >= 0; at = content.indexOf(text, at + 1))
    writeSync(file, Buffer.alloc(bytes), 0, bytes, Math.floor(at / bytes) * bytes);
  closeSync(file);
}
