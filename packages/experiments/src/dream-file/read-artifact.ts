/** What an experiment deploys: `params.json` by default, a file from a template, or what a mutator program writes. */
import { basename, isAbsolute, normalize } from "node:path";
import type { Cursor, Fields } from "@kloros/checked-yaml";
import { fileNameProblem } from "../artifact/confine.ts";
import type { ArtifactSpec } from "./dream-file.ts";
import { ARTIFACT } from "./dream-limits.ts";
import { readCommand } from "./read-command.ts";
import { numberOf } from "./read-field.ts";

const PARAMS: ArtifactSpec = { kind: "params", file: "params.json" };
/** As the kernel has it. */
const MAX_PATH_CHARACTERS = 4096;

export function readArtifact(cursor: Cursor | undefined): ArtifactSpec {
  if (!cursor) return PARAMS;
  return cursor.map((fields) => {
    const template = fields.optional("template");
    const mutator = fields.optional("mutator");
    if (template && mutator) fields.problem("has both template and mutator; keep one of them");
    if (mutator) return readMutator(fields, mutator);
    if (template) {
      const path = readSourcePath(template);
      const file = readFileName(fields, basename(path).replace(/\.(tpl|tmpl|template)$/, ""));
      return { kind: "template", template: path, file };
    }
    fields.allow("source");
    fields.problem("needs template or mutator; leave artifact out to deploy params.json");
    readFileName(fields, "params.json");
    return PARAMS;
  });
}

function readMutator(fields: Fields, mutator: Cursor): ArtifactSpec {
  const source = readSourcePath(fields.required("source"));
  const { command, timeout_s } = mutator.map((of) => ({
    command: readCommand(of.required("command"), "mutator"),
    timeout_s: numberOf(of, "timeout_s", ARTIFACT.timeout_s),
  }));
  return { kind: "mutator", file: readFileName(fields, basename(source)), command, timeout_s, source };
}

function readFileName(fields: Fields, standard: string): string {
  const given = fields.optional("file");
  const file = given?.string({ max: MAX_PATH_CHARACTERS }) ?? standard;
  const problem = fileNameProblem(file);
  if (problem !== undefined && file !== "") (given ?? fields).problem(problem);
  return file;
}

/**
 * A path below `dream_lab` (relative), the workspace or the shipped experiments (by placeholder). Links on the way are the
 * business of whoever opens the file.
 */
function readSourcePath(cursor: Cursor): string {
  const path = cursor.string({ max: MAX_PATH_CHARACTERS });
  const inside = path.replace(/^\{(home|workspace|experiments)\}\//, "");
  const clean = normalize(inside);
  if (/[\0{}]/.test(inside) || isAbsolute(inside) || clean === ".." || clean.startsWith("../"))
    cursor.problem(
      "must stay inside its folder: relative to dream_lab, or beginning with {workspace}/ or {experiments}/, and without .. that leads out",
    );
  else if (path !== "" && (inside.endsWith("/") || clean === "."))
    cursor.problem("must name a file, not a folder");
  return path;
}
