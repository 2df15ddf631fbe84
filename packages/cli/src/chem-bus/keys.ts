/** `chem-bus keys init|add|revoke|rotate|list`: who may connect to a mesh whose transport is tcp. */
import {
  addKey,
  type AddedKey,
  COMMAND_IDENTITY,
  type Contracts,
  fingerprintOf,
  initKeys,
  type KeyKind,
  loadContracts,
  revokeKey,
  rotateKey,
} from "@kloros/bus";
import { Command } from "commander";
import { drawKeys, keyRows } from "../keys/key-rows.ts";
import { otherSide, type OtherSide } from "../keys/other-side.ts";
import { contractDirs } from "../program/contract-dirs.ts";
import { type CommonOptions, existingHome, homeOf, withCommonOptions } from "../program/home.ts";
import { printJson, printLine, remark } from "../program/output.ts";
import { paintFor } from "../program/paint.ts";

interface AddOptions extends CommonOptions {
  readonly publicKey?: string;
}

export function keysCommand(): Command {
  return new Command("keys")
    .description("Keys of a mesh whose transport is tcp: who may connect, and by what emitters are known.")
    .addCommand(initCommand())
    .addCommand(addCommand())
    .addCommand(revokeCommand())
    .addCommand(rotateCommand())
    .addCommand(listCommand());
}

function initCommand(): Command {
  return withCommonOptions(new Command("init"))
    .description("Make a key for every daemon and for the commands; keys that exist are kept.")
    .action(async (options: CommonOptions) => {
      const home = homeOf(options);
      const { daemons } = await contractsOf(home);
      const names = daemons.map(({ name }) => name);
      const made = await initKeys(home, names);
      for (const name of made.revoked)
        remark(`the key of ${name} was revoked; it gets a new one with: chem-bus keys add ${name}`);
      if (options.json === true) return printJson({ home, ...made });
      if (made.created.length > 0)
        await printLine(`${home}/keys: made ${count(made.created.length)}: ${made.created.join(", ")}`);
      else await printLine(`${home}/keys: nothing to make, ${count(made.kept.length)} kept`);
      const { transport } = await otherSide(home, await contractsOf(home));
      if (transport !== "tcp") await printLine("they are used once mesh.yaml says transport: tcp");
    });
}

function addCommand(): Command {
  return withCommonOptions(new Command("add"))
    .description("Let a client or a new daemon in, and print what its side needs.")
    .argument("<name>", "name of the client or daemon")
    .option("--public-key <z85>", "its public key, when it made its pair itself; else a pair is made here")
    .action(async (name: string, options: AddOptions) => {
      const home = existingHome(options);
      const contracts = await contractsOf(home);
      const { publicKey } = options;
      const given = publicKey === undefined ? {} : { publicKey };
      const added = await addKey(home, name, { kind: kindOf(name, contracts), ...given });
      await tell(added, await otherSide(home, contracts), options, added.created ? "may connect now" : null);
    })
    .addHelpText(
      "after",
      `
Examples:
  chem-bus keys add dashboard
  chem-bus keys add dashboard --public-key 'rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7'

The client needs its own pair, and of each emitter the public key (curve_serverkey) and the address. docs/security.md
shows a client in Python. A running mesh lets it in at once.`,
    );
}

function revokeCommand(): Command {
  return withCommonOptions(new Command("revoke"))
    .description("Refuse the key of a client or daemon from now on, for ever.")
    .argument("<name>", "whose key")
    .action(async (name: string, options: CommonOptions) => {
      const key = await revokeKey(existingHome(options), name);
      const fingerprint = fingerprintOf(key.public_key);
      if (options.json === true) return printJson({ ...key, fingerprint, state: "revoked" });
      await printLine(`${name} (${fingerprint}) is refused from now on; its connections end at once`);
      if (key.kind !== "client")
        await printLine(`until it has a new key nobody hears it: chem-bus keys add ${name}`);
    });
}

function rotateCommand(): Command {
  return withCommonOptions(new Command("rotate"))
    .description("Give a daemon or client whose secret is in this home a new pair; the old one is revoked.")
    .argument("<name>", "whose key")
    .action(async (name: string, options: CommonOptions) => {
      const home = existingHome(options);
      const rotated = await rotateKey(home, name);
      await tell(rotated, await otherSide(home, await contractsOf(home)), options, "has a new key");
    });
}

function listCommand(): Command {
  return withCommonOptions(new Command("list"))
    .description("List keys: name, kind, fingerprint, state, since when.")
    .action(async (options: CommonOptions) => {
      const rows = keyRows(existingHome(options));
      if (options.json === true) return printJson(rows);
      if (rows.length === 0) return printLine("no keys; make them with: chem-bus keys init");
      for (const line of drawKeys(rows, paintFor())) await printLine(line);
    });
}

async function tell(
  { key, secretFile, created }: AddedKey,
  { transport, emitters }: OtherSide,
  options: CommonOptions,
  done: string | null,
): Promise<void> {
  const { name, kind, public_key } = key;
  const fingerprint = fingerprintOf(public_key);
  if (options.json === true)
    return printJson({ ...key, fingerprint, created, secret_file: secretFile, transport, emitters });
  await printLine(`${name} (${fingerprint}) ${done ?? "may connect already; nothing was changed"}`);
  await printLine(`its public key: ${public_key}`);
  if (secretFile !== null && kind === "client")
    await printLine(
      `its secret is in ${secretFile}: if ${name} runs elsewhere, take the file there by a way nobody listens to, and delete it here`,
    );
  if (transport !== "tcp") await printLine("keys are used once mesh.yaml says transport: tcp");
  if (kind !== "client") return;
  await printLine("what it needs of the emitters (live, ledger, public key):");
  for (const emitter of emitters)
    await printLine(`  ${emitter.name}  ${emitter.live}  ${emitter.ledger}  ${emitter.public_key}`);
}

function kindOf(name: string, { daemons }: Contracts): KeyKind {
  if (name === COMMAND_IDENTITY) return "command";
  return daemons.some((daemon) => daemon.name === name) ? "daemon" : "client";
}

async function contractsOf(home: string): Promise<Contracts> {
  return loadContracts({ extraDirs: await contractDirs(home) });
}

function count(keys: number): string {
  return keys === 1 ? "1 key" : `${String(keys)} keys`;
}
