/** `chem-bus`: looks at the signals of a mesh, and asks for some. */
import { chemBusProgram, normalizeArguments } from "./chem-bus/program.ts";
import { runProgram } from "./program/run-program.ts";

const argv = normalizeArguments(process.argv.slice(2));
await runProgram(await chemBusProgram(argv), argv);
