/** Validation of `compress_corpus`: what the artifact's settings pack can be unpacked, also where there is nothing to pack. */
import { paramsOfFile, program } from "../run-experiment.ts";
import { codecOf } from "./codec.ts";
import { readCorpus } from "./corpus.ts";
import { optionsOf } from "./options.ts";
import { verify } from "./verify.ts";

await program(() => {
  const { corpus, artifact } = optionsOf(process.argv.slice(2));
  const codec = codecOf(paramsOfFile(artifact));
  const { data } = readCorpus(corpus, "search");
  for (const sample of [data, Buffer.alloc(0), Buffer.from("a"), Buffer.alloc(100_000, "ab")])
    verify(codec, codec.compress(sample), sample);
});
