/** The program itself, as the supervisor runs it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { askDaemon } from "@kloros/client";
import { expect, it, onTestFinished } from "vitest";
import { lab } from "./lab.ts";
import { surroundings } from "./mesh.ts";

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));

it("deploys, answers on its control socket, refuses what it cannot do with a reason, and stops with 0", async () => {
  const home = await lab();
  await home.winner("dream_1", 5);
  const mesh = await surroundings(home);
  const args = [MAIN, "--home", home.home, "--workspace", home.workspace];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  expect((await mesh.answerTo(await mesh.complete("dream_1"))).signal).toBe("Q_WINNER_DEPLOYED");
  const socket = join(home.home, "run/winner_deployer_daemon.sock");
  expect(await askDaemon(socket, "deployments:list")).toMatchObject([
    { experiment: "tune", current: { version_id: "dream_1", version: { kind: "intact" } }, running: null },
  ]);
  expect(await askDaemon(socket, "system:health")).toMatchObject({ deployed: 1, failed: 0 });
  await expect(askDaemon(socket, "deployments:rollback", { experiment: "tuna" })).rejects.toThrow(
    "nothing was ever deployed of tuna; there are tune",
  );
  expect(await askDaemon(socket, "deployments:rollback", { experiment: "tune" })).toMatchObject({
    version_id: null,
  });
  child.kill("SIGTERM");
  expect((await once(child, "exit"))[0]).toBe(0);
});
