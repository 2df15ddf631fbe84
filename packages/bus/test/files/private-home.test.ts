/** A home is its owner's alone. */
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ensureHome } from "../../src/files/ensure-home.ts";

const ROOT = process.getuid?.() === 0;
if (!ROOT) console.warn("SKIPPED: whether a home of another user is refused can be tried as root only");

function folder(mode: number): string {
  const path = mkdtempSync(join(tmpdir(), "kloros-home-"));
  chmodSync(path, mode);
  onTestFinished(() => {
    rmSync(path, { recursive: true, force: true });
  });
  return path;
}

const modeOf = (path: string) => statSync(path).mode & 0o7777;

test("a home that is open to others is closed, and so are its private folders; each is said", async () => {
  const home = folder(0o755);
  writeFileSync(join(home, "mesh.yaml"), "");
  mkdirSync(join(home, "run"), { mode: 0o777 });
  chmodSync(join(home, "run"), 0o777);
  const closed = await ensureHome(home);
  expect(closed).toEqual([
    `${home} was open to other users (mode 755) and is closed now (700)`,
    `${join(home, "run")} was open to other users (mode 777) and is closed now (700)`,
  ]);
  expect([modeOf(home), modeOf(join(home, "run"))]).toEqual([0o700, 0o700]);
  expect(await ensureHome(home)).toEqual([]);
});

test("a folder in which other things live, or that all may write to, is not closed but refused", async () => {
  const other = folder(0o755);
  writeFileSync(join(other, "thesis.txt"), "");
  await expect(ensureHome(other)).rejects.toMatchObject({ code: "E_HOME_NOT_PRIVATE" });
  expect(modeOf(other)).toBe(0o755);
  const shared = folder(0o1777);
  await expect(ensureHome(shared)).rejects.toThrow(/is no home of a mesh/);
  expect(modeOf(shared)).toBe(0o1777);
});

test.skipIf(!ROOT)("a home of another user is refused, and what of it is another's", async () => {
  const home = folder(0o700);
  chownSync(home, 65_534, 65_534);
  await expect(ensureHome(home)).rejects.toThrow(/belongs to user 65534/);
  chownSync(home, 0, 0);
  mkdirSync(join(home, "run"));
  chownSync(join(home, "run"), 65_534, 65_534);
  await expect(ensureHome(home)).rejects.toThrow(/run belongs to user 65534/);
});
