import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mkdirSync } from "node:fs";
import { expect, it, onTestFinished } from "vitest";
import { newDaemon } from "../../src/new/daemon/new-daemon.ts";
import { chooseDaemons } from "../../src/up/choose-daemons.ts";

it("a registered daemon runs with the others once it is built; until then that is said", async () => {
  const dir = await mkdtemp(join(tmpdir(), "kloros-choose-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const { folder } = await newDaemon({ name: "scribe", dir, home: dir, consumes: [] });
  const dirs = [join(folder, "contracts")];
  const main = join(folder, "dist/src/main.js");
  expect(chooseDaemons(dirs, []).unbuilt).toEqual([{ name: "scribe", main }]);
  expect(chooseDaemons(dirs, []).daemons.map(({ name }) => name)).not.toContain("scribe");
  expect(() => chooseDaemons(dirs, ["scribe"])).toThrow(`it is not built, ${main} is not there`);
  mkdirSync(join(folder, "dist/src"), { recursive: true });
  await writeFile(main, "");
  expect(chooseDaemons(dirs, ["scribe"])).toMatchObject({ daemons: [{ name: "scribe", main }], unbuilt: [] });
  expect(() => chooseDaemons(dirs, ["scrib"])).toThrow("did you mean scribe?");
});
