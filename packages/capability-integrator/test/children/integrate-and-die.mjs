/** Integrates one module and dies by SIGKILL at the step it is told. Arguments: folder, step, facts of the completion. */
import { join } from "node:path";
import { integrate } from "../../dist/integrate.js";
import { InvestigationLog } from "../../dist/records/investigation-log.js";
import { RegistryFile } from "../../dist/registry/registry-file.js";

const [folder = "", step = "", completion = "{}"] = process.argv.slice(2);
const home = join(folder, "home");

const outcome = await integrate(JSON.parse(completion), {
  workspace: join(folder, "workspace"),
  log: new InvestigationLog(join(home, "curiosity_investigations.jsonl")),
  registry: new RegistryFile({
    path: join(home, "capabilities.yaml"),
    lockPath: join(home, "run", "capabilities.lock"),
    holder: "crash-child",
    lockDeadlineMs: 5_000,
    timings: { settleMs: 20, settleLimitMs: 400 },
    onStep: (at) => {
      if (at === step) process.kill(process.pid, "SIGKILL");
    },
  }),
  createsInit: true,
  now: () => {
    if (step === "before-anything") process.kill(process.pid, "SIGKILL");
    return new Date();
  },
});
process.stdout.write(JSON.stringify(outcome));
