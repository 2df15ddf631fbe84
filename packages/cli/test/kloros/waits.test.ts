/** `kloros waits` as a user types it; what a running monitor answers is tried in the whole mesh (test/story/timeouts.test.ts). */
import { afterAll, expect, test } from "vitest";
import { runCli, temporaryFolder } from "../run-cli.ts";

const folder = temporaryFolder();
afterAll(folder.remove);

test("without a monitor it exits 69 and says how to start one", async () => {
  const { code, stdout, stderr } = await runCli("kloros", ["waits", "--home", folder.path]);
  expect({ code, stdout }).toEqual({ code: 69, stdout: "" });
  expect(stderr).toMatch(/orchestrator_monitor.*kloros up/u);
});

test("explains itself", async () => {
  const { code, stdout } = await runCli("kloros", ["waits", "--help"]);
  expect(code).toBe(0);
  expect(stdout).toContain("Examples:");
});
