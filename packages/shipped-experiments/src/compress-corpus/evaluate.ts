/** Evaluator of `compress_corpus`: how small the parameters on standard input make a corpus. @see docs/experiments.md */
import { evaluator, paramsOfStdin } from "../run-experiment.ts";
import { codecOf } from "./codec.ts";
import { readCorpus } from "./corpus.ts";
import { measure } from "./measure.ts";
import { optionsOf } from "./options.ts";

await evaluator(() => {
  const { corpus, secondsPerMb } = optionsOf(process.argv.slice(2));
  const { fitness, metrics } = measure(codecOf(paramsOfStdin()), readCorpus(corpus, "search"), secondsPerMb);
  return { fitness, metrics };
});
