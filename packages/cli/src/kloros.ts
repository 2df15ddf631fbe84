/** `kloros`: runs and looks after a mesh. */
import { klorosProgram } from "./kloros/program.ts";
import { runProgram } from "./program/run-program.ts";

const argv = process.argv.slice(2);
await runProgram(await klorosProgram(argv), argv);
