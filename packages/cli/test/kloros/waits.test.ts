/** `kloros waits` as a user types it; what a running monitor answers is tried in the whole mesh (test/story/timeouts.test.ts). */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { openControlServer } from "@kloros/daemon";
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

test("does not say that all is done while something has timed out and not ended since", async () => {
  const row = {
    expected: ["Q_DREAM_COMPLETE"],
    signal: "Q_DREAM_TRIGGER",
    question_id: "spica",
    correlation_id: "s",
  };
  mkdirSync(join(folder.path, "run"), { recursive: true });
  const server = await openControlServer(join(folder.path, "run/orchestrator_monitor.sock"), () => [
    { ...row, state: "timed_out", attempt: 1, age_s: 90, due_in_s: null },
    { ...row, state: "answered_late", attempt: 1, age_s: 95, due_in_s: null },
  ]);
  try {
    const { stdout, stderr } = await runCli("kloros", ["waits", "--home", folder.path]);
    expect(stdout).toBe("nothing is waited for\n");
    expect(stderr).toContain("1 has timed out and not ended since; kloros waits --all shows what");
    const all = await runCli("kloros", ["waits", "--all", "--home", folder.path]);
    expect(all.stdout).toContain("timed out");
    expect(all.stdout).toContain("came late");
  } finally {
    await server.close();
  }
});
