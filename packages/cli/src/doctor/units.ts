/** Are the systemd units those that this release writes, and does systemd keep them? */
import { ConfigError } from "@kloros/daemon";
import { DEFAULT_PLACES } from "../systemd/places.ts";
import { textOf, unitStates } from "../systemd/install/observe.ts";
import { prefixOf, readAim } from "../systemd/install/read-aim.ts";
import { parseRecord, recordPath } from "../systemd/install/record.ts";
import { fail, type Finding, ok, warn } from "./finding.ts";

export async function systemdUnits(home: string, prefix: string = prefixOf({})): Promise<Finding[]> {
  const record = parseRecord(textOf(recordPath(prefix)));
  if (record === null)
    return [ok("systemd", "not installed as units; kloros up supervises, or kloros install systemd")];
  if (record.home !== home) return [ok("systemd", `units are installed for another home, ${record.home}`)];
  const options = prefix === DEFAULT_PLACES.prefix ? {} : { prefix };
  // With settings that are wrong nobody can say what the units should be; the check of the settings tells what is wrong.
  const wanted = await readAim({ ...options, node: record.node }).then(
    (aim) => aim.wanted.files,
    (error: unknown) => {
      if (error instanceof ConfigError) return [];
      throw error;
    },
  );
  const stale = wanted.filter(({ path, text }) => textOf(path) !== text).map(({ path }) => path);
  const gone = record.files.filter((path) => textOf(path) === null);
  const failed = [...unitStates(record.units)].filter(([, { active }]) => active === "failed");
  const findings = [
    ...gone.map((path) => fail("systemd", `${path} is not there`, "sudo kloros install systemd")),
    ...stale
      .filter((path) => !gone.includes(path))
      .map((path) =>
        warn(
          "systemd",
          `${path} is not what this release writes`,
          "sudo kloros install systemd; own changes: systemctl edit",
        ),
      ),
    ...failed.map(([unit]) =>
      fail("systemd", `${unit} has failed`, `systemctl status ${unit}; journalctl -u ${unit} -n 50`),
    ),
  ];
  return findings.length > 0
    ? findings
    : [
        wanted.length === 0
          ? ok("systemd", `${record.units.length} units, not compared: the settings come first`)
          : ok("systemd", `${record.units.length} units, as this release writes them`),
      ];
}
