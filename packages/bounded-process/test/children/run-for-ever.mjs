/** Runs one program for ever. Arguments: label, command. */
import { tmpdir } from "node:os";
import { runBounded } from "@kloros/bounded-process";

const [label = "", ...command] = process.argv.slice(2);
await runBounded({ command, cwd: tmpdir(), timeoutMs: 600_000, label });
