/** What is generated, and where it goes. */
import { format, resolveConfig } from "prettier";
import { validatorsSource } from "../../packages/bus/src/signal/validator-code.ts";
import type { Catalogue } from "./catalogue.ts";
import { asyncApi } from "./async-api.ts";
import { controlPage } from "./control-page.ts";
import { errorsTable } from "./errors-table.ts";
import { factsTypes } from "./facts-types.ts";
import { metricsPage } from "./metrics-page.ts";
import { ROOT } from "./root.ts";
import { settingsDocuments } from "./settings-tables.ts";
import { signalsPage } from "./signals-page.ts";
import { systemdUnits } from "./systemd-units.ts";

export interface GeneratedFile {
  /** Absolute path. */
  readonly file: string;
  readonly text: string;
}

const GENERATED = `${ROOT}packages/bus/src/signal/generated/`;

/** All generated files with the text they should have. */
export async function generatedFiles(catalogue: Catalogue): Promise<readonly GeneratedFile[]> {
  const { contracts, fileSchemas } = catalogue;
  return [
    await formatted(`${GENERATED}facts.ts`, await factsTypes(contracts)),
    { file: `${GENERATED}validators.ts`, text: validatorsSource(contracts, fileSchemas) },
    { file: `${ROOT}docs/signals.md`, text: signalsPage(catalogue) },
    await metricsPage(),
    controlPage(),
    { file: `${ROOT}docs/errors.md`, text: await errorsTable(ROOT) },
    ...(await settingsDocuments(catalogue.daemons)),
    ...systemdUnits(catalogue),
    await formatted(`${ROOT}docs/asyncapi.json`, JSON.stringify(asyncApi(catalogue))),
  ];
}

async function formatted(file: string, text: string): Promise<GeneratedFile> {
  return { file, text: await format(text, { ...(await resolveConfig(file)), filepath: file }) };
}
