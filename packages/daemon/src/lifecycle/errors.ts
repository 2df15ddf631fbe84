/** Why a daemon does not start. */
import { KlorosError, type LockHolder } from "@kloros/bus";

/** The same daemon runs in this home already; nothing of it was touched. */
export class TwinRunningError extends KlorosError {
  readonly holder: LockHolder | null;
  constructor(daemon: string, home: string, holder: LockHolder | null) {
    const who = holder
      ? `process ${holder.pid}, since ${holder.since}`
      : "a process that has not said its name yet";
    super(
      "E_TWIN_RUNNING",
      `${daemon} already runs in ${home} (${who}): stop it first, or choose another home`,
    );
    this.holder = holder;
  }
}

/** There is so little space that not even an empty journal can be opened. */
export class NoSpaceToStartError extends KlorosError {
  constructor(home: string, neededBytes: number) {
    super(
      "E_NO_SPACE_TO_START",
      `the disk of ${home} has less than ${neededBytes} bytes free: free space on it; nothing was damaged`,
    );
  }
}

/** The path of a socket in this home would be longer than the kernel allows. */
export class HomePathTooLongError extends KlorosError {
  constructor(home: string, limitBytes: number) {
    super(
      "E_HOME_PATH_TOO_LONG",
      `the path of the home is too long for sockets (at most ${limitBytes} bytes): choose a shorter one than ${home}`,
    );
  }
}
