/**
 * One investigation from start to end, in the worker: where is the module, what is in it, who uses it. Everything
 * that can go wrong with a workspace comes back as a reason; what is thrown is a defect.
 */
import { realpathSync } from "node:fs";
import { basename, relative } from "node:path";
import type { AnalysisNote, FailureType, InvestigationOutcome } from "./findings.ts";
import { fitDetail } from "./fit-detail.ts";
import { confinePath } from "./files/confine-path.ts";
import type { AnalysisLimits } from "./limits.ts";
import { analyseModule } from "./module/analyse-module.ts";
import type { ModuleToAnalyse } from "./module/module-finding.ts";
import { findModule } from "./workspace/find-module.ts";
import { ImporterSearch } from "./workspace/importers.ts";
import { WorkspacePicture, withoutExtension } from "./workspace/workspace-picture.ts";

export interface InvestigationRequest {
  /** Absolute folder. */
  readonly workspace: string;
  /** Paths from `path:` evidence, in order; they win over the name. */
  readonly paths: readonly string[];
  /** From the question id; null when it names none. */
  readonly module_name: string | null;
  readonly limits: AnalysisLimits;
}

/** A picture younger than this is not taken again for a name that it does not hold, in milliseconds. */
const SETTLED_MS = 500;

interface Scene {
  readonly picture: WorkspacePicture;
  readonly importers: ImporterSearch;
}

type Located =
  | { readonly kind: "located"; readonly target: ModuleToAnalyse }
  | Extract<InvestigationOutcome, { kind: "failed" }>;

let scene: Scene | undefined;

export async function investigate(request: InvestigationRequest): Promise<InvestigationOutcome> {
  let root: string;
  try {
    root = realpathSync(request.workspace);
  } catch (cause) {
    const errno = (cause as NodeJS.ErrnoException).code ?? "EUNKNOWN";
    return failed(
      "WorkspaceUnreadable",
      `the workspace ${request.workspace} cannot be read (${errno}); set --workspace`,
    );
  }
  const located = locate(request, root);
  if (located.kind === "failed") return located;
  const { picture, importers } = sceneOf(root, request.limits);
  const outcome = await analyseModule(located.target, picture, importers, request.limits);
  return outcome.kind === "found" ? fitDetail(outcome, request.limits.maxOutcomeBytes).value : outcome;
}

function locate(request: InvestigationRequest, root: string): Located {
  if (request.paths.length > 0) return locateByPath(request, root);
  return request.module_name === null
    ? failed(
        "NoModuleNamed",
        "the question names no module: give evidence `path:<directory or file>`, or a question id `discover.module.<name>`",
      )
    : locateByName(request.module_name, root, request.limits);
}

function locateByPath({ paths, module_name }: InvestigationRequest, root: string): Located {
  const notes: AnalysisNote[] = [];
  let outside: string | undefined;
  for (const path of paths) {
    const confined = confinePath(root, path);
    if (confined.kind === "inside")
      return { kind: "located", target: targetAt(root, confined.path, module_name, notes) };
    if (confined.kind === "outside") outside ??= path;
    const why = confined.kind === "unreadable" ? `cannot be read (${confined.errno})` : confined.kind;
    notes.push({ kind: "path", path, message: `evidence path is ${why}` });
  }
  if (outside !== undefined)
    return failed("PathOutsideWorkspace", `${outside} lies outside the workspace ${root}`, notes);
  const unreadable = notes.find((note) => note.message.includes("cannot be read"));
  if (unreadable) return failed("UnreadableTree", `${unreadable.path}: ${unreadable.message}`, notes);
  return failed("PathNotFound", `no such file or directory in the workspace: ${paths.join(", ")}`, notes);
}

function locateByName(name: string, root: string, limits: AnalysisLimits): Located {
  let { picture } = sceneOf(root, limits);
  if (picture.rootError !== null)
    return failed("WorkspaceUnreadable", `the workspace ${root} cannot be read (${picture.rootError})`);
  let found = findModule(picture, name);
  if (found.kind === "none" && ageOf(picture) > SETTLED_MS) {
    picture = freshScene(root, limits).picture; // It may have been created since the picture was taken.
    found = findModule(picture, name);
  }
  if (found.kind === "none") {
    const partly =
      picture.filesLeftOut > 0 ? ` (${picture.filesLeftOut} files beyond the limit were not looked at)` : "";
    return failed(
      "ModuleNotFound",
      `no folder or source file named ${name} in the workspace ${root}${partly}`,
    );
  }
  const notes: AnalysisNote[] = found.others.map((other) => ({
    kind: "ambiguous",
    path: other,
    message: `also named ${name}; not analysed`,
  }));
  const confined = confinePath(root, found.path);
  if (confined.kind === "inside")
    return { kind: "located", target: targetAt(root, confined.path, name, notes) };
  return failed("ModuleNotFound", `${found.path} was there and is not any more`, notes);
}

function targetAt(
  root: string,
  path: string,
  name: string | null,
  notes: readonly AnalysisNote[],
): ModuleToAnalyse {
  const relativePath = relative(root, path).replaceAll("\\", "/");
  return { path, relativePath, name: name ?? withoutExtension(basename(path)), notes };
}

/** The workspace as it was at most `workspaceMaxAgeMs` ago. */
function sceneOf(root: string, limits: AnalysisLimits): Scene {
  const fresh = scene?.picture.root === root && ageOf(scene.picture) < limits.workspaceMaxAgeMs;
  return fresh && scene ? scene : freshScene(root, limits);
}

function ageOf(picture: WorkspacePicture): number {
  return performance.now() - picture.takenAtMs;
}

function freshScene(root: string, limits: AnalysisLimits): Scene {
  const picture = new WorkspacePicture(root, limits.maxWorkspaceFiles);
  scene = { picture, importers: new ImporterSearch(picture) };
  return scene;
}

function failed(
  type: FailureType,
  message: string,
  notes: readonly AnalysisNote[] = [],
): Extract<InvestigationOutcome, { kind: "failed" }> {
  return { kind: "failed", error: { type, message }, notes };
}
