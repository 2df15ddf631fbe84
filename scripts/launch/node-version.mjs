// The first thing each entry script asks. Written in the syntax of old Nodes on purpose: a too old one must get as far
// as the sentence that says so.
import { readFileSync } from "fs";
import { fileURLToPath } from "url";

/** Ends the process with exit code 78 (configuration) and one clear line when this Node is below the floor in package.json. */
export function requireSupportedNode() {
  var manifest = fileURLToPath(new URL("../../package.json", import.meta.url));
  var floor = JSON.parse(readFileSync(manifest, "utf8")).engines.node.replace(/[^0-9.]/g, "");
  if (isAtLeast(process.versions.node, floor)) return;
  console.error(
    "Node >= " + floor + " is needed, this is " + process.versions.node + " (" + process.execPath + ").",
  );
  console.error("Install a current one, for example from https://nodejs.org, and run the command again.");
  process.exit(78);
}

/**
 * @param {string} version
 * @param {string} floor
 */
function isAtLeast(version, floor) {
  var have = version.split(".").map(Number);
  var need = floor.split(".").map(Number);
  for (var i = 0; i < need.length; i += 1) {
    var difference = (have[i] || 0) - (need[i] || 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
