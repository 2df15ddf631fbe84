/** The shell scripts by which people call the commands. Pure texts. */
import { currentRelease, type Places } from "./places.ts";

const COMMANDS = ["kloros", "chem-bus"] as const;

/** `bin/` of a release, by name: runs what lies beside it, with the Node that is in PATH (or `KLOROS_NODE`). */
export const RELEASE_BIN: Readonly<Record<string, string>> = Object.fromEntries(
  COMMANDS.map((command) => [
    command,
    `#!/bin/sh
here=$(dirname "$(dirname "$(readlink -f "$0")")")
exec "\${KLOROS_NODE:-node}" "$here/packages/cli/bin/${command}.mjs" "$@"
`,
  ]),
);

/** `/usr/local/bin/<command>`, by path. */
export function launchers(places: Places): readonly { path: string; text: string }[] {
  return COMMANDS.map((command) => ({
    path: `/usr/local/bin/${command}`,
    text: launcherText(command, places),
  }));
}

/**
 * The installed mesh is meant unless a home is named. Root goes on as the owner of the home, so that no file in it
 * becomes root's; what changes the installation stays root's.
 */
function launcherText(command: string, places: Places): string {
  const program = `${currentRelease(places)}/packages/cli/bin/${command}.mjs`;
  return `#!/bin/sh
# Written by kloros install systemd.
export KLOROS_HOME="\${KLOROS_HOME:-${places.home}}"
export KLOROS_WORKSPACE="\${KLOROS_WORKSPACE:-${places.workspace}}"
home=$KLOROS_HOME
take=
for word in "$@"; do
  if [ -n "$take" ]; then home=$word take=; fi
  case $word in
    --home) take=1 ;;
    --home=*) home=\${word#--home=} ;;
  esac
done
case $1 in install | uninstall | upgrade) stay=1 ;; *) stay= ;; esac
if [ "$(id -u)" = 0 ] && [ -z "$stay" ] && [ -d "$home" ]; then
  owner=$(stat -c %u "$home")
  if [ "$owner" != 0 ]; then
    exec setpriv --reuid "$owner" --regid "$(stat -c %g "$home")" --clear-groups -- \\
      env HOME="$home" ${shellWord(places.node)} ${shellWord(program)} "$@"
  fi
elif [ -d "$home" ] && [ ! -x "$home" ]; then
  echo "${command}: $home belongs to its service user; use: sudo ${command} $*" >&2
  exit 1
fi
exec ${shellWord(places.node)} ${shellWord(program)} "$@"
`;
}

function shellWord(text: string): string {
  return /^[\w/.+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
