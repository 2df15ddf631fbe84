/** Everything that is wrong with folders of contracts: file by file, and all of them with the shipped ones together. */
import { ContractFileError, type ContractFileProblem, type Contracts, lintContracts } from "@kloros/bus";
import { contractsIn, contractsWith } from "./contract-folders.ts";

export interface LintProblem {
  readonly file: string;
  /** JSON Pointer into the file, `""` for the file as a whole. */
  readonly pointer: string;
  readonly message: string;
  readonly remedy: string;
}

export type LintedFolders =
  | { readonly kind: "sound"; readonly contracts: Contracts }
  | { readonly kind: "unsound"; readonly problems: readonly LintProblem[] };

/** The one shipped daemon that handles whatever its rules name. */
const TAKES_ANY = "kloros_policy_engine";

/** Reads and checks; nothing of it is ever thrown. */
export function lintFolders(folders: readonly string[]): LintedFolders {
  let contracts: Contracts;
  try {
    contracts = contractsWith(folders);
  } catch (cause) {
    if (cause instanceof ContractFileError)
      return { kind: "unsound", problems: cause.problems.map(fileProblem) };
    throw cause;
  }
  const problems = [...lintContracts(contracts).map(ofFile), ...deafConsumers(contracts, folders)];
  return problems.length === 0 ? { kind: "sound", contracts } : { kind: "unsound", problems };
}

/** One problem as people read it. */
export function problemLine({ file, pointer, message, remedy }: LintProblem): string {
  return `${file}: ${pointer === "" ? "" : `${pointer} `}${message}; ${remedy}`;
}

function ofFile(finding: ReturnType<typeof lintContracts>[number]): LintProblem {
  const { signal, file, pointer, message, remedy } = finding;
  return { file: file ?? signal, pointer, message, remedy };
}

/** A shipped daemon has handlers for the shipped signals; on its list another one would be pending for ever. */
function deafConsumers(contracts: Contracts, folders: readonly string[]): LintProblem[] {
  const shipped = contracts.daemons.filter(({ main }) => main === undefined).map(({ name }) => name);
  return contractsIn(contracts, folders).flatMap(({ name, file = name, consumers }) =>
    [...consumers.entries()]
      .filter(([, daemon]) => shipped.includes(daemon) && daemon !== TAKES_ANY)
      .map(([n, daemon]) => ({
        file,
        pointer: `/x-signal/consumers/${String(n)}`,
        message: `${daemon} has no handler for signals of others`,
        remedy: `name a daemon of your own, or ${TAKES_ANY}, which takes any signal`,
      })),
  );
}

function fileProblem({ file, path, message }: ContractFileProblem): LintProblem {
  return { file, pointer: path, message, remedy: remedyFor(message) };
}

const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/is not JSON/, "correct the JSON: quotes, commas, brackets"],
  [/cannot be read/, "create it, or name another folder"],
  [/has a contract already/, "rename yours: a name has one contract"],
  [/has the name or port of/, "choose another name or port, 7901 and up are free in the shipped roster"],
  [/must be named Q_/, "rename the file: capital letters and digits, two words at least"],
  [/which has no contract/, "correct the name, or add the folder with its contract"],
  [/cannot emit/, "emit a signal of your own, or one with ingress (chem-bus contracts list --ingress)"],
  [
    /must match .*keys\|journal/,
    "name folders of your own below the home, such as word-counter; or . or workspace",
  ],
  [/is required$/, "add it"],
  [/is not known to the contract$/, "remove it, or correct its spelling"],
];

function remedyFor(message: string): string {
  return (
    REMEDIES.find(([pattern]) => pattern.test(message))?.[1] ??
    "correct it; chem-bus contracts show Q_MODULE_DISCOVERED --json is a contract to compare with"
  );
}
