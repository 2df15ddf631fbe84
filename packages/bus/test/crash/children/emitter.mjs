/**
 * Emits 1 … count, each under an id that belongs to its number, and begins again from 1 when it was killed.
 * Arguments: home, count, and what contracts are created from, as JSON.
 */
import { openNode } from "../../../dist/node/open-node.js";
import { createContracts } from "../../../dist/signal/contract-set.js";

const [home = "", count = "0", parts = "[]"] = process.argv.slice(2);
const contracts = createContracts(...JSON.parse(parts));
const node = await openNode({ daemon: "left", home, contracts });
await node.start();
process.stdout.write("ready\n");
const receipts = [];
for (let n = 1; n <= Number(count); n++) {
  const id = `0190b3c0-aaaa-7bbb-8ccc-${String(n).padStart(12, "0")}`;
  receipts.push(node.emit("Q_TEST_KEYED", { n, key: `key ${String(n % 7)}` }, { id }));
  if (n % 20 === 0) await receipts[n - 20];
}
await Promise.all(receipts);
process.stdout.write("done\n");
