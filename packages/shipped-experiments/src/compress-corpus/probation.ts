/** Probation of `compress_corpus`: the deployed settings on files that the search has never seen. */
import { ComplaintError, paramsOfFile, program } from "../run-experiment.ts";
import { codecOf, ZLIB_DEFAULTS } from "./codec.ts";
import { readCorpus } from "./corpus.ts";
import { measure } from "./measure.ts";
import { optionsOf } from "./options.ts";
import { verify } from "./verify.ts";

await program(() => {
  const { corpus: folder, secondsPerMb, artifact } = optionsOf(process.argv.slice(2));
  const codec = codecOf(paramsOfFile(artifact));
  const corpus = readCorpus(folder, "kept_back");
  const deployed = measure(codec, corpus, secondsPerMb);
  const usual = measure(codecOf(ZLIB_DEFAULTS), corpus, secondsPerMb);
  verify(codec, deployed.packed, corpus.data);
  if (deployed.fitness < usual.fitness)
    throw new ComplaintError(
      `on other files the settings are worse than zlib's defaults: ${deployed.fitness.toFixed(3)} instead of ${usual.fitness.toFixed(3)}`,
    );
});
