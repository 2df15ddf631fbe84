/**
 * One integration from completion to registry, step by step; every step can be repeated (P3).
 *
 * I1 Nothing is created before the registry was looked at: what will be refused leaves no trace.
 * I2 The `__init__.py` comes before the entry, so that what the registry names can be imported. A refusal after it
 *    takes it back.
 */
import type { Facts } from "@kloros/bus";
import {
  checkRecord,
  checkSight,
  entryFor,
  needsInit,
  readAddition,
  readCompletion,
  REFUSALS,
  refuse,
  type Refusal,
} from "./decide.ts";
import type { InvestigationLog } from "./records/investigation-log.ts";
import {
  type InvestigatedModule,
  type InvestigationRecord,
  readRecord,
} from "./records/investigation-record.ts";
import type { ModuleEntry } from "./registry/module-entry.ts";
import type { RegistryFile } from "./registry/registry-file.ts";
import { inspectModule, type ModuleSight } from "./workspace/inspect-module.ts";
import { createInit, isOwnInit, removeOwnInit } from "./workspace/python-init.ts";

export interface Workplace {
  readonly workspace: string;
  readonly log: InvestigationLog;
  readonly registry: RegistryFile;
  /** Whether a missing `__init__.py` may be created. */
  readonly createsInit: boolean;
  now(): Date;
}

export type Outcome =
  | { readonly kind: "ignore"; readonly reason: string }
  | {
      readonly kind: "integrated";
      /** False: this investigation's entry was there already, a crash or a repetition lies between. */
      readonly isNew: boolean;
      readonly facts: Facts<"Q_MODULE_INTEGRATED"> & { readonly investigation_id: string };
    }
  | (Refusal & { readonly facts: Facts<"Q_INTEGRATION_FAILED"> });

/** Integrates what the completion asks for, or says why not. Throws only for bugs. */
export async function integrate(
  facts: Facts<"Q_INVESTIGATION_COMPLETE">,
  workplace: Workplace,
): Promise<Outcome> {
  const request = readCompletion(facts);
  if (request.kind === "ignore") return request;
  if (request.kind === "refuse") return refused(request, facts, null);

  const found = await findRecord(facts, workplace.log);
  if (found.kind === "refuse") return refused(found, facts, request.name);
  const fitting = checkRecord(facts, request.name, found.record);
  if (fitting.kind === "refuse") return refused(fitting, facts, request.name);

  const sight = checkSight(fitting.module, await inspectModule(workplace.workspace, fitting.module));
  if (sight.kind === "refuse") return refused(sight, facts, request.name);
  return register(facts, found.record, fitting.module, sight, workplace);
}

async function findRecord(
  facts: Facts<"Q_INVESTIGATION_COMPLETE">,
  log: InvestigationLog,
): Promise<{ readonly kind: "record"; readonly record: InvestigationRecord } | Refusal> {
  const id = facts.investigation_id;
  const line = id === undefined ? await log.findByQuestion(facts.question_id) : await log.find(id);
  if (line === undefined) {
    return refuse(
      "RecordNotFound",
      `curiosity_investigations.jsonl holds no record of ${id ?? facts.question_id}`,
    );
  }
  const read = readRecord(line);
  return read.kind === "record"
    ? read
    : refuse("RecordInvalid", `the record of ${id ?? facts.question_id}: ${read.problem}`);
}

async function register(
  facts: Facts<"Q_INVESTIGATION_COMPLETE">,
  record: InvestigationRecord,
  module: InvestigatedModule,
  sight: ModuleSight,
  workplace: Workplace,
): Promise<Outcome> {
  const { registry, createsInit } = workplace;
  const entry = entryFor(record, module, sight, workplace.now().toISOString());
  const before = readAddition(entry, await registry.look(entry)); // I1
  if (before.kind === "refuse") return refused(before, facts, entry.name);

  let initCreated = sight.hasInit && (await isOwnInit(sight.realPath, entry.investigation_id));
  if (createsInit && before.kind === "new" && needsInit(sight)) {
    const made = await createInit(sight.realPath, entry.module, entry.investigation_id);
    if (made.kind === "failed") {
      const why = `${sight.realPath}/__init__.py cannot be created: ${made.reason}; make the workspace writable or set create_init to false`;
      return refused(refuse("InitNotCreated", why), facts, entry.name);
    }
    initCreated = made.kind !== "exists";
  }
  if (before.kind === "own") return integrated(entry, initCreated, false);

  const added = readAddition(entry, await registry.add(entry));
  if (added.kind !== "refuse") return integrated(entry, initCreated, added.kind === "added");
  if (initCreated) await removeOwnInit(sight.realPath, entry.module, entry.investigation_id); // I2
  return refused(added, facts, entry.name);
}

function integrated(entry: ModuleEntry, initCreated: boolean, isNew: boolean): Outcome {
  return {
    kind: "integrated",
    isNew,
    facts: {
      module_name: entry.name,
      module_path: entry.module,
      capabilities_added: [...entry.capabilities],
      init_created: initCreated,
      investigation_id: entry.investigation_id,
    },
  };
}

/** `moduleName` is null when the completion's own is not fit to be repeated. */
function refused(
  refusal: Refusal,
  facts: Facts<"Q_INVESTIGATION_COMPLETE">,
  moduleName: string | null,
): Outcome {
  return {
    ...refusal,
    facts: {
      investigation_id: facts.investigation_id ?? facts.question_id,
      error_type: refusal.error_type,
      error_message: refusal.error_message,
      retry_possible: REFUSALS[refusal.error_type],
      ...(moduleName === null ? {} : { module_name: moduleName }),
    },
  };
}
