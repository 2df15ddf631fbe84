/** Somebody breaks `capabilities.yaml` by hand while intents flow, and repairs it later. */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Audit } from "@kloros/bus";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { ask } from "../mesh/commands.ts";
import { eventually } from "../mesh/eventually.ts";
import { askFor, dropIntent } from "../mesh/intents.ts";
import { HAND_WRITTEN } from "../mesh/outcomes.ts";
import { startMesh } from "../mesh/running-mesh.ts";
import { countSignals, readSignals } from "../mesh/signals.ts";
import { tempFolder } from "../mesh/temp-folder.ts";
import { writeTinyModules } from "../mesh/tiny-modules.ts";

const BROKEN_LINE = "broken: [by, hand\n";

it("each integration is refused with the place of the mistake until it is repaired; the file is never touched", async () => {
  const folder = await tempFolder();
  const [home, workspace] = [join(folder, "home"), join(folder, "workspace")];
  const modules = await writeTinyModules(workspace, 12);
  const [before, during, after] = [modules.slice(0, 4), modules.slice(4, 8), modules.slice(8)];
  const registry = join(home, "capabilities.yaml");
  await mkdir(home, { mode: 0o700 });
  await writeFile(registry, HAND_WRITTEN);
  const mesh = await startMesh({ home, workspace });
  const emitted = async (name: string, emitter: string, count: number) =>
    eventually(
      () => `${count} ${name}; the mesh said:\n${mesh.lastLines()}`,
      async () => (await countSignals(home, emitter, name)) === count,
    );

  for (const { name, intent } of before) await dropIntent(home, name, intent);
  await emitted("Q_MODULE_DISCOVERED", "orchestrator_monitor", 4);
  const good = await readFile(registry, "utf8");
  await replace(registry, BROKEN_LINE + good);
  for (const { name, intent } of during) await dropIntent(home, name, intent);
  await emitted("Q_INTEGRATION_FAILED", "capability_integrator_daemon", 4);
  const refusals = (await readSignals(home)).get("Q_INTEGRATION_FAILED") ?? [];
  for (const { facts } of refusals) {
    expect(facts).toMatchObject({
      error_type: "RegistryUnreadable",
      error_message: expect.stringMatching(/capabilities\.yaml, line \d+, column \d+: /) as unknown,
      retry_possible: true,
    });
  }
  expect(refusals.map(({ facts }) => facts["module_name"]).sort()).toEqual(during.map(({ name }) => name));
  expect(await readFile(registry, "utf8")).toBe(BROKEN_LINE + good);

  await replace(registry, good);
  for (const { name, intent } of after) await dropIntent(home, name, intent);
  for (const { name, path } of during) await askFor(home, name, path, { reason: "once more" });
  await emitted("Q_MODULE_DISCOVERED", "orchestrator_monitor", 12);
  expect(await mesh.stop()).toBe(0);
  const text = await readFile(registry, "utf8");
  expect(text.startsWith(good)).toBe(true);
  expect(Object.keys(parse(text) as object).sort()).toEqual(
    ["handmade", ...modules.map(({ name }) => name)].sort(),
  );
  const discovered = (await readSignals(home)).get("Q_MODULE_DISCOVERED") ?? [];
  expect(discovered.map(({ facts }) => facts["module_name"]).sort()).toEqual(modules.map(({ name }) => name));
  expect(await ask<Audit>("chem-bus", "audit", "--home", home)).toMatchObject({ balanced: true });
});

/** As editors do it. */
async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.swp`, text);
  await rename(`${path}.swp`, path);
}
