/** `kloros daemons add|list|remove`: users' own daemons on a home. */
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { loadContracts } from "@kloros/bus";
import { Command } from "commander";
import { addDaemons, removeDaemons, type RosterChange } from "../daemons/add-daemons.ts";
import { contractsFolder } from "../daemons/registration.ts";
import { contractDirs } from "../program/contract-dirs.ts";
import { type CommonOptions, homeOf, withCommonOptions } from "../program/home.ts";
import { printJson, printLine, remark } from "../program/output.ts";
import { paintFor } from "../program/paint.ts";
import { drawTable } from "../program/table.ts";
import { collectStatus } from "../status/collect-status.ts";

interface ChangeOptions extends CommonOptions {
  readonly restart?: boolean;
}

export function daemonsCommand(): Command {
  return new Command("daemons")
    .description("Daemons of your own on a home: register, list, remove.")
    .addCommand(addCommand())
    .addCommand(listCommand())
    .addCommand(removeCommand());
}

const RESTART = "restart the running daemons that have to know, through kloros up";

function addCommand(): Command {
  const command = new Command("add")
    .description(
      "Register the daemon of a folder: checks its contracts with all others, its program, name and port.",
    )
    .argument("<dir>", "folder of the daemon, or of contracts only")
    .option("--restart", `${RESTART}, and start the new one`);
  return withCommonOptions(command)
    .action(async (dir: string, options: ChangeOptions) => {
      const home = homeOf(options);
      const folder = contractsFolder(dir);
      if (process.env["KLOROS_CONTRACT_DIRS"])
        remark(
          "KLOROS_CONTRACT_DIRS is set and stands above mesh.yaml: what is registered counts without it",
        );
      const change = await addDaemons(home, folder, options.restart === true);
      if (options.json === true) return printJson(change);
      const who = change.daemons.join(", ") || `contracts of ${folder}`;
      await printLine(`${who}: ${change.changed ? "registered" : "registered already"} on ${home}`);
      for (const line of nextSteps(change, "add")) await printLine(line);
    })
    .addHelpText(
      "after",
      `
Examples:
  kloros daemons add ./word-counter
  kloros daemons add ./word-counter --restart      a mesh that runs takes it over at once

It becomes an entry of contract_dirs in mesh.yaml; the rest of the file stays as it is. Under systemd go on with:
  sudo kloros install systemd`,
    );
}

function removeCommand(): Command {
  const command = new Command("remove")
    .description("Take a daemon out of the roster; its journal and its files stay.")
    .argument("<name...>", "as kloros daemons list shows it")
    .option("--restart", `${RESTART}, and stop this one`);
  return withCommonOptions(command)
    .action(async (names: string[], options: ChangeOptions) => {
      const home = homeOf(options);
      const change = await removeDaemons(home, names, options.restart === true);
      if (options.json === true) return printJson(change);
      await printLine(`${change.daemons.join(", ")}: removed from ${home}; journal and files were kept`);
      for (const line of nextSteps(change, "remove")) await printLine(line);
    })
    .addHelpText("after", "\nExample:\n  kloros daemons remove word_counter --restart");
}

function nextSteps(change: RosterChange, command: "add" | "remove"): string[] {
  const { running, to_restart, restarted, daemons } = change;
  if (running === "nothing") return command === "add" ? ["  kloros up        runs it with all others"] : [];
  if (running === "alone")
    return [
      "daemons run here without kloros up, as under systemd; for them:",
      "  sudo kloros install systemd",
      ...(to_restart.length === 0 ? [] : [`  sudo systemctl restart ${to_restart.map(unitOf).join(" ")}`]),
    ];
  if (change.is_taken_over) {
    const own =
      daemons.length === 0 ? [] : [`${command === "add" ? "started" : "stopped"}: ${daemons.join(", ")}`];
    return [...own, ...(restarted.length === 0 ? [] : [`restarted: ${restarted.join(", ")}`])];
  }
  const who = to_restart.join(", ") || "none of its daemons";
  const known = change.changed
    ? `kloros up runs, and these know the contracts as they were: ${who}`
    : `kloros up runs; if it was started before this was registered, or contracts have changed since, these have to know: ${who}`;
  if (command === "add") return [known, "  the same command with --restart makes it take all over"];
  return [
    known,
    ...daemons.map((name) => `  kloros stop ${name}`),
    ...to_restart.map((name) => `  kloros restart ${name}`),
  ];
}

function unitOf(daemon: string): string {
  const { package: name } = loadContracts().daemons.find((known) => known.name === daemon) ?? {
    package: daemon.replaceAll("_", "-"),
  };
  return `kloros-${name}`;
}

interface ListedDaemon {
  readonly name: string;
  readonly state: string;
  readonly port: number;
  readonly folder: string;
  readonly main: string;
  readonly is_built: boolean;
}

function listCommand(): Command {
  const command = new Command("list").description("Your own daemons on this home; kloros status shows all.");
  return withCommonOptions(command).action(async (options: CommonOptions) => {
    const home = homeOf(options);
    const contracts = loadContracts({ extraDirs: existsSync(home) ? await contractDirs(home) : [] });
    const { daemons: running } = existsSync(home) ? await collectStatus(home) : { daemons: [] };
    const rows = contracts.daemons.flatMap(({ name, port, main }): ListedDaemon[] => {
      if (main === undefined) return [];
      const state = running.find((daemon) => daemon.name === name)?.state ?? "stopped";
      return [{ name, state, port, folder: dirname(main), main, is_built: existsSync(main) }];
    });
    if (options.json === true) return printJson(rows);
    if (rows.length === 0) return printLine(`no daemons of your own on ${home}; kloros new daemon makes one`);
    const cells = rows.map(({ name, state, port, main, is_built }) => [
      name,
      is_built ? state : "not built",
      String(port),
      main,
    ]);
    for (const line of drawTable(["daemon", "state", ">port", "program"], cells, paintFor()))
      await printLine(line);
  });
}
