/**
 * Standard output as a descriptor on which no write ever blocks. A thread that waits in a write to a held terminal
 * (Ctrl-S) would keep the process from ending. Terminals and pipes are opened anew, so that the programs that share
 * them are not affected; files never block.
 */
import { constants, fstatSync, openSync } from "node:fs";

/** A descriptor for `fd` that answers EAGAIN instead of blocking; `fd` itself where there is none to be had. */
export function nonBlocking(fd: number): number {
  try {
    const kind = fstatSync(fd);
    if (!kind.isFIFO() && !kind.isCharacterDevice()) return fd;
    return openSync(
      `/proc/self/fd/${String(fd)}`,
      constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY,
    );
  } catch {
    return fd; // Another user's terminal, or no /proc: writes may block, and only a held terminal makes them.
  }
}
