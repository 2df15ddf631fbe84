import { acquireFileLock } from "@kloros/bus";

const [path = "", name = ""] = process.argv.slice(2);
const result = acquireFileLock(path, { name });
console.log(JSON.stringify({ kind: result.kind, holder: result.kind === "busy" ? result.holder : null }));
process.stdin.resume(); // Holds until the parent ends it.
process.stdin.on("end", () => process.exit(0));
