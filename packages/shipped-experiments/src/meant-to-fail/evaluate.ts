/**
 * Evaluator of `meant_to_fail`: each candidate fails in the way that its parameters say, so that one can see what failure
 * looks like: in `kloros dream show`, in the results' lines, and in `Q_DREAM_FAILED`. @see docs/experiments.md
 */
import { spawn } from "node:child_process";
import { ComplaintError, paramsOfStdin, program } from "../run-experiment.ts";

/** Beyond any limit that the experiment sets. */
const FAR_TOO_MUCH_BYTES = 1024 ** 3;
const CHUNK = Buffer.alloc(1024 * 1024, "x");

const WAYS: Readonly<Record<string, () => void>> = {
  exits_with_3() {
    process.stderr.write("I give up\n");
    process.exitCode = 3;
  },
  kills_itself() {
    process.kill(process.pid, "SIGKILL");
  },
  says_nothing() {
    // A success without a result is none.
  },
  prints_garbage() {
    process.stdout.write("fitness: very good\n");
  },
  prints_nan() {
    process.stdout.write('{"fitness": NaN}\n');
  },
  prints_infinity() {
    process.stdout.write('{"fitness": 1e999}\n');
  },
  prints_for_ever() {
    process.stdout.on("error", () => process.exit(1)); // Nobody reads any more.
    const write = () => process.stdout.write(CHUNK, write);
    write();
  },
  hangs() {
    setInterval(() => undefined, 60_000);
  },
  spins() {
    for (;;) Math.random();
  },
  eats_memory() {
    const eaten: Buffer[] = [];
    while (eaten.length * CHUNK.length < FAR_TOO_MUCH_BYTES) eaten.push(Buffer.from(CHUNK));
    setInterval(() => eaten.length, 60_000);
  },
  leaves_a_child() {
    spawn(process.execPath, ["-e", "setInterval(() => {}, 60000)"], {
      detached: true,
      stdio: "ignore",
    }).unref();
    process.exitCode = 1;
  },
};

await program(() => {
  const way = String(paramsOfStdin()["way"]);
  const fail = Object.hasOwn(WAYS, way) ? WAYS[way] : undefined;
  if (!fail) throw new ComplaintError(`way must be one of ${Object.keys(WAYS).join(", ")} (got ${way})`);
  fail();
});
