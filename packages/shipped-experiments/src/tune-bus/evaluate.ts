/** Evaluator of `tune_bus`: signals per second with the limits on standard input. @see docs/experiments.md */
import { evaluator, paramsOfStdin } from "../run-experiment.ts";
import { limitsOf } from "./limits.ts";
import { measure } from "./measure.ts";
import { optionsOf } from "./options.ts";

await evaluator(() => measure(limitsOf(paramsOfStdin()), optionsOf(process.argv.slice(2))));
