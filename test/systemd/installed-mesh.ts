/** The whole mesh, installed into a private systemd from this checkout; its home and workspace can be seen from outside. */
import { mkdtempSync, mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type DaemonInfo, loadContracts } from "@kloros/bus";
import { type PrivateSystemd, REPO_INSIDE, startPrivateSystemd } from "./private-systemd.ts";

/** Where an installation has its home, and here its workspace. */
const [HOME_INSIDE, WORKSPACE_INSIDE] = ["/var/lib/kloros", "/srv/kloros/workspace"];

/** An entry of the journal. */
export type Entry = Readonly<Record<string, string>>;

export interface InstalledMesh {
  /** Its folders as this process sees them. */
  readonly home: string;
  readonly workspace: string;
  readonly daemons: readonly DaemonInfo[];
  /** Runs a command inside as root; its standard output. @throws Error when it does not exit with 0 */
  run(...command: string[]): Promise<string>;
  /** The same for a line that a person types into a shell; never throws. */
  typed(line: string): Promise<string>;
  /** Entries that match, oldest first. */
  journal(...matches: string[]): Promise<Entry[]>;
  /** Properties of one unit. */
  show(unit: string, ...properties: string[]): Promise<Record<string, string>>;
  down(): Promise<void>;
}

export const unitOf = ({ package: name }: Pick<DaemonInfo, "package">): string => `kloros-${name}.service`;

/**
 * Installs without starting. `prepare` fills the workspace. Units but those of `shipped` get `quick` as a drop-in, as an
 * administrator writes one: tests do not wait as long as a machine may.
 */
export async function installMesh(options: {
  readonly prepare: (workspace: string) => Promise<void>;
  readonly shipped: readonly string[];
  readonly quick: string;
}): Promise<InstalledMesh> {
  const root = mkdtempSync(join(tmpdir(), "km-"));
  const [home, workspace] = [join(root, "home"), join(root, "workspace")];
  for (const folder of [home, workspace]) mkdirSync(folder);
  await options.prepare(workspace);
  const binds = [
    { from: home, to: HOME_INSIDE, writable: true },
    { from: workspace, to: WORKSPACE_INSIDE, writable: true },
  ];
  const mesh = meshIn(await startPrivateSystemd({ binds }), home, workspace);
  await mesh.run("node", `${REPO_INSIDE}/packages/cli/bin/kloros.mjs`, "install", "systemd", "--no-start");
  await mesh.run("chown", "-R", "kloros:kloros", WORKSPACE_INSIDE);
  const slow = mesh.daemons.filter((daemon) => !options.shipped.includes(unitOf(daemon)));
  for (const unit of slow.map(unitOf)) {
    await mesh.run("mkdir", "-p", `/etc/systemd/system/${unit}.d`);
    await mesh.run("sh", "-c", `printf '%s' "$0" > /etc/systemd/system/${unit}.d/quick.conf`, options.quick);
  }
  await mesh.run("systemctl", "daemon-reload");
  return mesh;
}

function meshIn(systemd: PrivateSystemd, home: string, workspace: string): InstalledMesh {
  const run = async (...command: string[]) => (await systemd.exec(command)).stdout;
  return {
    home,
    workspace,
    daemons: loadContracts().daemons,
    run,
    typed: async (line) => (await systemd.exec(["bash", "-c", line], { check: false })).stdout,
    async journal(...matches) {
      const { stdout } = await systemd.exec(["journalctl", "-o", "json", "--all", "--no-pager", ...matches], {
        check: false,
      });
      const lines = stdout.split("\n").filter((line) => line !== "");
      return lines.map((line) => JSON.parse(line) as Entry);
    },
    async show(unit, ...properties) {
      const text = await run("systemctl", "show", unit, "-p", properties.join(","));
      return Object.fromEntries(
        text
          .trim()
          .split("\n")
          .map((line) => line.split(/=(.*)/su, 2) as [string, string]),
      );
    },
    async down() {
      await systemd.down();
      rmSync(dirname(home), { recursive: true, force: true });
    },
  };
}
