/** What `kloros up` says once everything has started: whether all is well, and in a new home what to do next. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { SupervisorState } from "../supervisor/state.ts";
import type { UpConfig } from "./config.ts";
import { dropFirstIntent, findFirstModule } from "./first-intent.ts";
import type { MeshConsole } from "./mesh-console.ts";

/** Tells once when every daemon is ready, or has given up becoming so. */
export class StartWatch {
  readonly #onSettled: (state: SupervisorState) => void;
  #settled = false;

  constructor(onSettled: (state: SupervisorState) => void) {
    this.#onSettled = onSettled;
  }

  see(state: SupervisorState): void {
    const settled = state.children.every(({ phase }) => ["ready", "failed", "stopped"].includes(phase.kind));
    const begun = state.children.every(({ run }) => run > 0);
    if (this.#settled || !settled || !begun || state.mode !== "running") return;
    this.#settled = true;
    this.#onSettled(state);
  }
}

export interface Announcement {
  readonly view: MeshConsole;
  readonly config: UpConfig;
  readonly tookMs: number;
  /** Drop a first intent, so that something is seen. */
  readonly dropIntent: boolean;
}

/** Says how the start went. Never throws: a first intent that cannot be dropped is no reason to stop a mesh. */
export async function announce(
  state: SupervisorState,
  { view, config, tookMs, dropIntent }: Announcement,
): Promise<void> {
  const ready = state.children.filter(({ phase }) => phase.kind === "ready").length;
  const all = state.children.length;
  const fields = { home: config.home, workspace: config.workspace, took_ms: Math.round(tookMs) };
  if (ready === all) view.say("info", `Every daemon is ready (${String(all)}); Ctrl-C stops all`, fields);
  else view.say("error", `Only ${String(ready)} of ${String(all)} daemons are ready`, fields);
  if (!dropIntent) return;
  try {
    await showFirstIntent(view, config);
  } catch (error) {
    view.say("warn", "No first intent", { error: error instanceof Error ? error.message : String(error) });
  }
}

async function showFirstIntent(view: MeshConsole, { home, workspace }: UpConfig): Promise<void> {
  const capabilities = await readFile(join(home, "capabilities.yaml"), "utf8");
  const module = await findFirstModule(workspace, capabilities);
  if (!module) {
    view.say("info", "No first intent: the workspace holds no folder with source files", { workspace });
    return;
  }
  const { file, questionId } = await dropFirstIntent(home, module);
  view.say("info", "Dropped a first intent", { file, module: module.relativePath });
  const { bold, dim } = view.paint;
  view.hint([
    `  ${dim("Its story as a tree:")}   ${bold(`npx chem-bus trace ${questionId} --home ${home}`)}`,
    `  ${dim("All signals, live:")}     ${bold(`npx chem-bus listen --home ${home}`)}`,
    `  ${dim("Ask for yourself:")}      ${bold(`put a file like that one into ${join(home, "intents")}/`)}`,
  ]);
}
