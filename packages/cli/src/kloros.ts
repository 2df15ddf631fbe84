/** `kloros`: runs and looks after a mesh. */
import { klorosProgram } from "./kloros/program.ts";
import { runProgram } from "./program/run-program.ts";

await runProgram(klorosProgram(), process.argv.slice(2));
