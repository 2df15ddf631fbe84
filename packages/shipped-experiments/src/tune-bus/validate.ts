/** Validation of `tune_bus`: a bus with the artifact's limits keeps its promises. */
import { paramsOfFile, program } from "../run-experiment.ts";
import { checkDelivery } from "./check-delivery.ts";
import { limitsOf } from "./limits.ts";
import { optionsOf } from "./options.ts";

await program(() => checkDelivery(limitsOf(paramsOfFile(optionsOf(process.argv.slice(2)).artifact))));
