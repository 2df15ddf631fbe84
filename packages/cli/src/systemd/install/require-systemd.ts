import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { answerNo } from "../../program/errors.ts";

/** There while systemd is PID 1. */
const RUNNING = "/run/systemd/system";

/** @throws {CommandError} 1 not root, or no systemd runs here */
export function requireSystemd(command: string): void {
  if (!existsSync(RUNNING))
    throw answerNo("systemd does not run this machine; without it, the mesh runs with: kloros up");
  if (userInfo().uid !== 0) throw answerNo(`this changes the system: sudo kloros ${command}`);
}
