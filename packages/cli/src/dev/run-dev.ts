/** `kloros dev`: builds what is stale, then runs the mesh with dev mode attached. */
import { loadContracts } from "@kloros/bus";
import { remark } from "../program/output.ts";
import { OWN_ROOT } from "../systemd/release/release-root.ts";
import { loadUpConfig } from "../up/config.ts";
import { type InstalledDaemon, installedDaemons } from "../up/roster.ts";
import { type AttachedMesh, type Attachment, runMesh, type UpOptions } from "../up/run-mesh.ts";
import { DevMode } from "./dev-mode.ts";
import { runBuild } from "./run-build.ts";
import { type SourceMap, sourceMap } from "./source-units.ts";

export interface DevOptions extends UpOptions {
  /** Leave the checkout alone: build and watch users' own packages only. */
  readonly own?: boolean;
}

/** Runs until somebody stops it; resolves with the exit code. @throws what `runMesh` throws */
export async function runDev(options: DevOptions): Promise<number> {
  await buildFirst(options);
  return runMesh({ ...options, attach: (mesh) => attach(mesh, options) });
}

/** A start that would run yesterday's programs is no help; a broken one runs them, and says so. */
async function buildFirst(options: DevOptions): Promise<void> {
  const { home, workspace, only = [] } = options;
  const { contractDirs } = await loadUpConfig({
    ...(home === undefined ? {} : { home }),
    ...(workspace === undefined ? {} : { workspace }),
  });
  const { daemons } = loadContracts({ extraDirs: contractDirs });
  const wanted = daemons.filter(({ name }) => only.length === 0 || only.includes(name));
  const own = wanted.flatMap((daemon): InstalledDaemon[] =>
    daemon.main === undefined ? [] : [{ ...daemon, main: daemon.main }],
  );
  const shipped = installedDaemons(loadContracts()).filter(({ name }) =>
    wanted.some((one) => one.name === name),
  );
  for (const unit of mapOf([...shipped, ...own], options).units) {
    if (unit.build === null) continue;
    remark(`building ${unit.name}`);
    const result = await runBuild(unit, new AbortController().signal);
    if (result.kind === "broken")
      remark(`${result.output}\n${unit.name} does not build; what was built before is run`);
  }
}

function attach(mesh: AttachedMesh, options: DevOptions): Attachment {
  let mode = new DevMode(mesh, mapOf(mesh.daemons, options));
  let begun = mode.begin();
  return {
    reloaded: async (fresh) => {
      await begun;
      await mode.end();
      mode = new DevMode(fresh, mapOf(fresh.daemons, options));
      begun = mode.begin();
      await begun;
    },
    end: async () => {
      await begun;
      await mode.end();
    },
  };
}

function mapOf(daemons: readonly InstalledDaemon[], { own }: DevOptions): SourceMap {
  const map = sourceMap(daemons, OWN_ROOT);
  return own === true ? { ...map, units: map.units.filter(({ name }) => name !== "checkout") } : map;
}
