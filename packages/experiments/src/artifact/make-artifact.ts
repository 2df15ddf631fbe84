/**
 * Makes a candidate's artifact in its work folder: `params.json`, a filled-in template, or what an external mutator writes. The same
 * parameters, seed and source give the same bytes. Nothing outside the work folder is written by us, nothing outside of
 * `<home>/dream_lab`, the workspace and the shipped experiments is taken for a template or a source.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { canonicalJson, writeFileAtomic } from "@kloros/bus";
import type { ArtifactSpec } from "../dream-file/dream-file.ts";
import { type Placeholders, tryFillCommand } from "../placeholders.ts";
import type { Params } from "../search-space/search-space.ts";
import { shippedExperimentsFolder, shippedPackageFolder } from "../shipped-folder.ts";
import type { ArtifactRequest } from "./artifact-request.ts";
import { type Confined, confinedSource, confinedTarget } from "./confine.ts";
import { fileSha256 } from "./hash.ts";
import { renderTemplate } from "./render-template.ts";
import { runMutator } from "./run-mutator.ts";

/** A text that a person wrote. */
const MAX_TEMPLATE_BYTES = 1024 * 1024;

export type Artifact =
  | {
      readonly kind: "made";
      /** Absolute. */
      readonly path: string;
      /** Its name in the work folder, and in a version's folder. */
      readonly file: string;
      readonly sha256: string;
    }
  | ArtifactFailed;

interface ArtifactFailed {
  readonly kind: "failed";
  readonly message: string;
  readonly stderr_tail: string;
}

/**
 * Makes the artifact; what was at its place is replaced.
 * @throws {FileError} the disk refuses (a full disk is nobody's bad candidate); the reason of `signal` when that is aborted
 */
export async function makeArtifact(request: ArtifactRequest): Promise<Artifact> {
  request.signal?.throwIfAborted();
  await mkdir(request.workDir, { recursive: true, mode: 0o700 });
  const { spec } = request;
  const target = await confinedTarget(request.workDir, spec.file);
  if (target.kind === "refused") return failed(target.message);
  const written = await writeArtifact(spec, request, target.path);
  return typeof written === "string"
    ? { kind: "made", path: target.path, file: spec.file, sha256: written }
    : written;
}

/** SHA-256 of what was written. */
async function writeArtifact(
  spec: ArtifactSpec,
  request: ArtifactRequest,
  target: string,
): Promise<string | ArtifactFailed> {
  switch (spec.kind) {
    case "params":
      return await writeTarget(target, paramsText(request.params), request);
    case "template": {
      const source = await findSource(spec.template, request);
      if (source.kind === "refused") return failed(`artifact.template: ${source.message}`);
      const problem = await sizeProblem(source.path);
      if (problem !== undefined) return failed(`artifact.template: ${problem}`);
      const rendered = renderTemplate(await readFile(source.path, "utf8"), request.params);
      if (rendered.kind === "problems") return failed(`${source.path}: ${rendered.problems.join("; ")}`);
      return await writeTarget(target, rendered.text, request);
    }
    case "mutator": {
      const source = await findSource(spec.source, request);
      if (source.kind === "refused") return failed(`artifact.source: ${source.message}`);
      await rm(target, { recursive: true, force: true }); // What an earlier try left is not what this one wrote.
      const mutated = await runMutator(spec, request, placeholdersOf(request), source.path, target);
      return mutated.kind === "failed" ? mutated : await fileSha256(target);
    }
  }
}

/** The bytes of `params.json`: sorted by name, so that equal parameters are equal files. */
export function paramsText(params: Params): string {
  return `${JSON.stringify(JSON.parse(canonicalJson(params)), null, 2)}\n`;
}

async function writeTarget(
  target: string,
  text: string,
  { isDurable = true }: ArtifactRequest,
): Promise<string> {
  if (isDurable) await writeFileAtomic(target, text);
  else await replaceFile(target, text);
  return createHash("sha256").update(text).digest("hex");
}

/** A link at its place is replaced, not followed. Nearly always nothing is there. */
async function replaceFile(target: string, text: string): Promise<void> {
  const create = async () => await writeFile(target, text, { flag: "wx", mode: 0o600 });
  try {
    await create();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
    await rm(target, { recursive: true, force: true });
    await create();
  }
}

async function findSource(path: string, request: ArtifactRequest): Promise<Confined> {
  const roots = [join(request.home, "dream_lab"), request.workspace, shippedPackageFolder()];
  const filled = tryFillCommand([path], placeholdersOf(request));
  if (typeof filled === "string") return { kind: "refused", message: filled };
  return await confinedSource(filled[0]!, roots);
}

async function sizeProblem(path: string): Promise<string | undefined> {
  const found = await stat(path);
  if (!found.isFile()) return `${path} is no plain file`;
  return found.size > MAX_TEMPLATE_BYTES
    ? `${path} has ${found.size} bytes; a template has at most ${MAX_TEMPLATE_BYTES}`
    : undefined;
}

function placeholdersOf(request: ArtifactRequest): Placeholders {
  return {
    node: process.execPath,
    home: request.home,
    workspace: request.workspace,
    experiments: shippedExperimentsFolder(),
    work: request.workDir,
    candidate_id: request.candidateId,
    seed: String(request.seed),
    ...(request.cycleId !== undefined && { cycle_id: request.cycleId }),
  };
}

function failed(message: string): ArtifactFailed {
  return { kind: "failed", message, stderr_tail: "" };
}
