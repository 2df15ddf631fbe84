/** What a program pays that only wants to ask a daemon something. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const PROGRAM = fileURLToPath(new URL("./children/load-client.mjs", import.meta.url));

test("loading the client loads no journal, no sockets of the mesh, nothing but itself and the base of all errors", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM]);
  const { modules, shared_objects } = JSON.parse(stdout) as { modules: string[]; shared_objects: string[] };
  const inPackages = modules.map((url) => url.replace(/^.*\/(packages|node_modules)\//, "$1/"));
  expect(inPackages.length).toBeGreaterThan(10);
  const foreign = inPackages.filter((path) => !path.startsWith("packages/client/dist/"));
  expect(foreign.sort()).toEqual(["packages/bus/dist/error.js", "packages/bus/dist/signal/errors.js"]);
  expect(shared_objects.filter((path) => path.endsWith(".node"))).toEqual([]);
});
