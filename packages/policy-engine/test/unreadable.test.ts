/** Something that is no file stands where `policies.yaml` belongs. */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { ConfigError } from "@kloros/daemon";
import { expect, it } from "vitest";
import { checkFile } from "../src/check-file.ts";
import { startEngine, tempHome, until, writePolicies } from "./engine-home.ts";

const RULES = `version: 1
policies:
  - name: scan_on_discovery
    on: Q_MODULE_DISCOVERED
    emit: { signal: Q_SCAN_REQUESTED, facts: { scope: health } }
    gates: { cooldown: 1m }
`;

it("a folder in the place of the file keeps the rules before it, and is told like any other mistake", async () => {
  const home = await tempHome();
  const file = join(home, "policies.yaml");
  await writePolicies(home, RULES);
  const engine = await startEngine(home);
  const policies = (): { rules: number; is_valid: boolean; problems: string[] } =>
    engine.parts.health?.()["policies"] as never;
  await rm(file);
  await mkdir(file);
  await until("the problem", () => !policies().is_valid);
  expect(policies().problems[0]).toMatch(/^policies\.yaml:1:1: cannot read .* it is a folder .*move it away/);
  expect(policies().rules).toBe(1);
  await until("the alert", () => engine.node.stats().emitted === 1);

  await rm(file, { recursive: true });
  await writePolicies(home, RULES);
  await until("all is well again", () => policies().is_valid && engine.node.stats().emitted === 2);
});

it("a folder in the place of the file is bad configuration at the start", async () => {
  const home = await tempHome();
  await mkdir(join(home, "policies.yaml"));
  await expect(startEngine(home)).rejects.toBeInstanceOf(ConfigError);
});

it("a check of something that is no file, or not there, is a problem in the answer", async () => {
  const home = await tempHome();
  expect(checkFile(home, [])).toMatchObject({
    is_valid: false,
    problems: [{ message: expect.stringContaining("it is a folder") as string }],
  });
  expect(checkFile(join(home, "none.yaml"), [])).toMatchObject({ is_valid: false });
});
