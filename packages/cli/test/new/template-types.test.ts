import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadContracts } from "@kloros/bus";
import ts from "typescript";
import { expect, it, onTestFinished } from "vitest";
import { contractsIn } from "../../src/contracts/contract-folders.ts";
import { factsTypes } from "../../src/contracts/facts-types.ts";
import { newDaemon } from "../../src/new/daemon/new-daemon.ts";

const MODULES = fileURLToPath(new URL("../../../../node_modules", import.meta.url));

it("a new daemon that hears signals of others compiles as it is written, under its own settings of the compiler", async () => {
  const dir = await mkdtemp(join(tmpdir(), "kloros-types-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const consumes = ["Q_MODULE_DISCOVERED", "Q_HEALTH_ALERT"];
  const { folder } = await newDaemon({ name: "scribe", dir, home: dir, consumes, signal: "Q_NOTES_WRITTEN" });
  await symlink(MODULES, join(folder, "node_modules"));
  const contracts = join(folder, "contracts");
  const own = contractsIn(loadContracts({ extraDirs: [contracts] }), [contracts]);
  await writeFile(join(folder, "src/signals.d.ts"), factsTypes(own, "contracts/"));
  const config = ts.getParsedCommandLineOfConfigFile(
    join(folder, "tsconfig.json"),
    { noEmit: true },
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
        throw new Error(ts.flattenDiagnosticMessageText(messageText, "\n"));
      },
    },
  )!;
  const found = ts.getPreEmitDiagnostics(ts.createProgram(config.fileNames, config.options));
  expect(found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))).toEqual([]);
  expect(config.fileNames).toHaveLength(6);
});
