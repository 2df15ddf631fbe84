/** Emits 1 … count, each under an id that belongs to its number, and begins again from 1 when it was killed. */
import { openNode } from "../../../src/node/open-node.ts";
import { meshContracts } from "../../mesh/contracts.ts";

const [home = "", count = "0"] = process.argv.slice(2);
const node = await openNode({ daemon: "left", home, contracts: meshContracts() });
await node.start();
process.stdout.write("ready\n");
const receipts: Promise<unknown>[] = [];
for (let n = 1; n <= Number(count); n++) {
  const id = `0190b3c0-aaaa-7bbb-8ccc-${String(n).padStart(12, "0")}`;
  receipts.push(node.emit("Q_TEST_KEYED", { n, key: `key ${String(n % 7)}` }, { id }));
  if (n % 20 === 0) await receipts[n - 20];
}
await Promise.all(receipts);
process.stdout.write("done\n");
