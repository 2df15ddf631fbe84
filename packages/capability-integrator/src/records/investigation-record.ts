/**
 * What the integrator needs of one line of `curiosity_investigations.jsonl`, checked field by field: the file is
 * written by another daemon, and may have been edited. Pure.
 */

/** More names of capabilities than this say nothing to a reader of the registry. */
const MAX_CAPABILITIES = 200;
/** Files of the record that are looked for to tell a module from a phantom. */
const MAX_FILES_KEPT = 50;
const MAX_NAME_CHARACTERS = 256;
const MAX_DESCRIPTION_CHARACTERS = 300;

export interface InvestigatedModule {
  readonly name: string;
  readonly path: string;
  readonly relative_path: string | null;
  readonly import_path: string | null;
  readonly language: string;
  /** Some of the files that the investigation saw, as it wrote them. */
  readonly files: readonly string[];
  readonly description: string | null;
}

export interface InvestigationRecord {
  readonly investigation_id: string;
  readonly question_id: string;
  readonly status: string;
  readonly hypothesis: string;
  readonly confidence: number | null;
  readonly capabilities: readonly string[];
  readonly module: InvestigatedModule | null;
}

export type ReadRecord =
  | { readonly kind: "record"; readonly record: InvestigationRecord }
  | { readonly kind: "invalid"; readonly problem: string };

/** Takes what is there and names the first field that is missing or of the wrong kind. */
export function readRecord(line: unknown): ReadRecord {
  if (!isObject(line)) return invalid("the record is no object");
  for (const field of ["investigation_id", "question_id", "hypothesis"]) {
    if (typeof line[field] !== "string" || line[field] === "") return invalid(`${field} must be a text`);
  }
  const { module } = line;
  if (module !== null && module !== undefined) {
    if (!isObject(module)) return invalid("module must be an object or null");
    if (!isText(module["name"])) return invalid("module.name must be a text");
    if (!isText(module["path"])) return invalid("module.path must be a text");
  }
  return {
    kind: "record",
    record: {
      investigation_id: String(line["investigation_id"]),
      question_id: String(line["question_id"]),
      status: isText(line["status"]) ? line["status"] : "completed",
      hypothesis: String(line["hypothesis"]),
      confidence:
        typeof line["confidence"] === "number" && Number.isFinite(line["confidence"])
          ? line["confidence"]
          : null,
      capabilities: names(line["capabilities"], MAX_CAPABILITIES),
      module: isObject(module) ? moduleOf(module) : null,
    },
  };
}

function moduleOf(module: Record<string, unknown>): InvestigatedModule {
  const description = [module["description"], module["summary"], module["docstring"]].find(isText);
  return {
    name: String(module["name"]),
    path: String(module["path"]),
    relative_path: isText(module["relative_path"]) ? module["relative_path"] : null,
    import_path: isText(module["import_path"]) ? module["import_path"] : null,
    language: isText(module["language"]) ? module["language"] : "unknown",
    files: names(module["files"], MAX_FILES_KEPT),
    description: description === undefined ? null : firstLine(description),
  };
}

/** Texts, or objects with a `path` or `name`; each once, in their order. */
function names(value: unknown, limit: number): string[] {
  if (!Array.isArray(value)) return [];
  const found = new Set<string>();
  for (const item of value as unknown[]) {
    if (found.size === limit) break;
    const name = isObject(item) ? (item["path"] ?? item["name"]) : item;
    if (isText(name))
      found.add(
        name.length > MAX_NAME_CHARACTERS && !name.includes("/") ? cut(name, MAX_NAME_CHARACTERS) : name,
      );
  }
  return [...found];
}

function firstLine(text: string): string {
  const [line = ""] = text.trim().split(/\r?\n/, 1);
  return cut(line.trim(), MAX_DESCRIPTION_CHARACTERS);
}

function cut(text: string, limit: number): string {
  const characters = [...text];
  return characters.length > limit ? `${characters.slice(0, limit - 1).join("")}…` : text;
}

function invalid(problem: string): ReadRecord {
  return { kind: "invalid", problem };
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
