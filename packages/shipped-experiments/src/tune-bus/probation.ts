/** Probation of `tune_bus`: the deployed limits under load once more, guard included, and the promises besides. */
import { paramsOfFile, program } from "../run-experiment.ts";
import { checkDelivery } from "./check-delivery.ts";
import { limitsOf } from "./limits.ts";
import { measure } from "./measure.ts";
import { optionsOf } from "./options.ts";

await program(async () => {
  const options = optionsOf(process.argv.slice(2));
  const limits = limitsOf(paramsOfFile(options.artifact));
  await checkDelivery(limits);
  await measure(limits, { ...options, rounds: 1 });
});
