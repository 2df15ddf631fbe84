/** `chem-bus`: looks at the signals of a mesh, and asks for some. */
import { chemBusProgram, normalizeArguments } from "./chem-bus/program.ts";
import { runProgram } from "./program/run-program.ts";

await runProgram(chemBusProgram(), normalizeArguments(process.argv.slice(2)));
