/** Integrates one module and dies by SIGKILL at the step it is told. Arguments: folder, module, step. */
import { integrate } from "../src/integrate.ts";
import { InvestigationLog } from "../src/records/investigation-log.ts";
import { RegistryFile } from "../src/registry/registry-file.ts";
import { completionOf } from "./entries.ts";

const [folder = "", name = "", step = ""] = process.argv.slice(2);

const outcome = await integrate(completionOf(name), {
  workspace: `${folder}/workspace`,
  log: new InvestigationLog(`${folder}/home/curiosity_investigations.jsonl`),
  registry: new RegistryFile({
    path: `${folder}/home/capabilities.yaml`,
    lockPath: `${folder}/home/run/capabilities.lock`,
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
