/**
 * A spool in a process of its own. Arguments: home, and optionally a step and how often it is to be reached before the
 * process kills itself with -9. Prints the counts on SIGTERM.
 */
import { workbench } from "./harness.ts";

const [, , home = "", killAt, times = "1"] = process.argv;
let left = Number(times);

const bench = await workbench({
  home,
  settings: { settleMs: 50, rescanMs: 200 },
  reached: (step) => {
    if (step !== killAt) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, "SIGKILL");
  },
});
process.on("SIGTERM", () => {
  void bench.close().then(() => {
    console.log(
      JSON.stringify({
        counts: bench.spool.counts(),
        logged: bench.logged.filter(({ level }) => level === "error"),
      }),
    );
    process.exit(0);
  });
});
console.log("started");
