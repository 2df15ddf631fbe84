/** Whether the service user could run a Node binary. */
import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { ancestors } from "./observe.ts";

/** Hidden from services by `ProtectHome=`. */
const PEOPLE = /^\/(?:home|root|run\/user)\//;

/** Why `node` cannot be what the units start, or null. */
export function nodeProblem(node: string): string | null {
  try {
    accessSync(node, constants.X_OK);
    return problemOf(realpathSync(node), (path) => statSync(path).mode);
  } catch (cause) {
    return `${node} cannot be run: ${(cause as Error).message}`;
  }
}

/** The same for a path without links, given the mode of each part. Pure. */
export function problemOf(node: string, modeOf: (path: string) => number): string | null {
  if (PEOPLE.test(node)) return `${node} lies in somebody's home, which services cannot see`;
  const closed = [...ancestors(node), node].find((path) => (modeOf(path) & 0o001) === 0);
  return closed === undefined ? null : `${closed} is not open to the service user`;
}
