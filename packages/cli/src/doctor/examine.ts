/** All checks of `kloros doctor`, in the order in which one would repair. */
import { broken, type Finding, guarded } from "./finding.ts";
import { deadLetters, disk, homeExists, leftovers, maintenance, privacy } from "./home.ts";
import { clockSync, nativeParts, nodeVersion, openFiles, setpriv } from "./machine.ts";
import { contracts, experiments, policies, programs, settings } from "./settings.ts";
import { systemdUnits } from "./units.ts";

/** Changes nothing, neither in the home nor on the machine. */
export async function examine(home: string): Promise<readonly Finding[]> {
  const [machine, existing] = await Promise.all([
    Promise.all([
      guarded("node", () => nodeVersion()),
      guarded("native parts", nativeParts),
      guarded("clock", clockSync),
      guarded("open files", () => openFiles()),
      guarded("setpriv", () => setpriv()),
    ]),
    guarded("home", () => homeExists(home)),
  ]);
  const findings = [...machine.flat(), ...existing];
  if (existing.some(({ status }) => status === "fail")) return findings;
  return [...findings, ...(await examineHome(home))];
}

async function examineHome(home: string): Promise<readonly Finding[]> {
  const checked = await contracts(home).catch((error: unknown) => ({
    findings: [broken("contracts", error)],
    contracts: null,
  }));
  const known = checked.contracts;
  const groups = await Promise.all([
    guarded("privacy", () => privacy(home)),
    guarded("disk", () => disk(home)),
    guarded("settings", () => settings(home, known)),
    guarded("contracts", () => checked.findings),
    guarded("programs", () => (known === null ? [] : programs(known))),
    guarded("policies", () => policies(home)),
    guarded("experiments", () => experiments(home)),
    guarded("maintenance", () => maintenance(home, Date.now())),
    guarded("dead letters", () => deadLetters(home)),
    guarded("leftovers", () =>
      known === null
        ? []
        : leftovers(
            home,
            known.daemons.map(({ name }) => name),
          ),
    ),
    guarded("systemd", () => systemdUnits(home)),
  ]);
  return groups.flat();
}
