/** Where an installation under systemd has its parts, and what its units are told. */

/** The service user and its group. */
export const SERVICE_USER = "kloros";

export interface Places {
  /** Absolute path of the Node binary. */
  readonly node: string;
  /** Folder with the releases and the link `current`. */
  readonly prefix: string;
  readonly home: string;
  readonly workspace: string;
  /** What the bus itself needs of the network: nothing with `transport: ipc`. */
  readonly network: "none" | "loopback" | "any";
  /** Longest drain that the home's settings allow a daemon, in milliseconds; the stop timeout is derived from it. */
  readonly drainDeadlineMs: number;
}

/** What `kloros install systemd` does when nothing else is said; `systemd/` is generated for these places. */
export const DEFAULT_PLACES: Places = {
  node: "/usr/bin/node",
  prefix: "/opt/kloros",
  home: "/var/lib/kloros",
  workspace: "/srv/kloros/workspace",
  network: "none",
  drainDeadlineMs: 10_000,
};

/** Units have their own of these, or systemd empties them: nothing that has to last can be there. */
const HIDDEN = /^\/(?:tmp|var\/tmp|dev|proc|run|sys)(?=\/|$)/;

/** What is wrong with a place that no unit could see; null: nothing. */
export function hiddenPlace({ prefix, home, workspace }: Places): string | null {
  const named = { "--prefix": prefix, "--home": home, "--workspace": workspace };
  for (const [option, path] of Object.entries(named)) {
    const [hidden] = HIDDEN.exec(path) ?? [];
    if (hidden !== undefined)
      return `${option} ${path}: a unit does not see the machine's ${hidden}; choose a folder below /srv, /var/lib or /opt`;
  }
  return null;
}

/** The release in use: what units and launchers name, so that an upgrade changes one link and no unit. */
export function currentRelease({ prefix }: Pick<Places, "prefix">): string {
  return `${prefix}/current`;
}

/** Name of a daemon's unit. */
export function unitName(daemon: { readonly package: string }): string {
  return `kloros-${daemon.package}.service`;
}

/** A path as a unit file, a preset or tmpfiles.d takes it: `%` begins a specifier there. @throws never */
export function escapePath(path: string): string {
  const text = path.replaceAll("%", "%%");
  return /[\s"'\\]/.test(text) ? `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"` : text;
}
