/** A workspace of many tiny Python modules, every other one without `__init__.py`. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface TinyModule {
  readonly name: string;
  readonly question_id: string;
  /** Relative to the workspace. */
  readonly path: string;
  readonly hasInit: boolean;
  /** What its intent says. */
  readonly intent: object;
}

/** Folders written at once. */
const AT_ONCE = 64;

/** Writes `count` modules below `workspace/src`. */
export async function writeTinyModules(workspace: string, count: number): Promise<readonly TinyModule[]> {
  const modules = Array.from({ length: count }, (_, index) => describeModule(index));
  for (let at = 0; at < count; at += AT_ONCE) {
    await Promise.all(modules.slice(at, at + AT_ONCE).map((module, n) => write(workspace, module, at + n)));
  }
  return modules;
}

function describeModule(index: number): TinyModule {
  const name = `mod_${String(index).padStart(4, "0")}`;
  const question_id = `discover.module.${name}`;
  const path = `src/${name}`;
  const data = {
    question: `What does ${name} do?`,
    question_id,
    priority: index % 11,
    evidence: [`path:${path}`],
  };
  return { name, question_id, path, hasInit: index % 2 === 0, intent: { type: "discover.module", data } };
}

async function write(workspace: string, module: TinyModule, index: number): Promise<void> {
  const folder = join(workspace, module.path);
  await mkdir(folder, { recursive: true });
  const source = `"""Part ${index}."""\n\n\nclass Part${index}:\n    def run(self) -> int:\n        return ${index}\n`;
  await writeFile(join(folder, "core.py"), source);
  if (module.hasInit) await writeFile(join(folder, "__init__.py"), "");
}
