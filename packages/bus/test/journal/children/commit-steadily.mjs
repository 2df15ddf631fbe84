/** Commits one block after the other into the journal argv[2] until its standard input ends; prints how many. */
import { Journal } from "../../../dist/journal/journal.js";

const journal = new Journal(process.argv[2], { newEpoch: () => "epoch" });
const nothing = new Map();
let stopped = false;
process.stdin.resume().on("end", () => (stopped = true));
process.stdout.write("ready\n");

let seq = 0;
while (!stopped) {
  seq++;
  const span = { first: seq, last: seq, count: 1 };
  const lines = Buffer.from(`{"signal":"Q_STEADY_COMMIT","seq":${seq}}\n`);
  const header = { count: 1, at: Date.now(), names: { Q_STEADY_COMMIT: span }, suppliedIds: false };
  await journal.commit({
    block: { first: seq, lines, header, firstGeneratedId: null, suppliedIds: [] },
    heads: { ...journal.heads, last: seq },
    state: nothing,
    progress: nothing,
    consumers: nothing,
    outbox: nothing,
  });
  if (seq % 8 === 0) await new Promise((resolve) => setImmediate(resolve)); // So that the end of stdin is seen.
}
await journal.close();
process.stdout.write(`${seq}\n`);
