/** Asks the daemon on its control socket again and again, and tells the slowest answer, in milliseconds, when it is ended. Argument: the socket. */
import { setTimeout as sleep } from "node:timers/promises";
import { askDaemon } from "@kloros/client";

const [socket = ""] = process.argv.slice(2);
let slowest = 0;
let answers = 0;
process.on("SIGTERM", () => {
  process.stdout.write(JSON.stringify({ slowest, answers }));
  process.exit(0);
});
for (;;) {
  const askedAt = performance.now();
  const answer = await askDaemon(socket, "dream:status").catch(() => null);
  if (answer !== null) {
    answers++;
    slowest = Math.max(slowest, performance.now() - askedAt);
  }
  await sleep(5);
}
