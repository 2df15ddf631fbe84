/** Errors of the journal: what the disk did to us, and what the user can do about it. */
import { KlorosError } from "../signal/errors.ts";

/** The disk refused a commit for want of space (P5). Nothing was written; emitting works again once space is free. */
export class DiskFullError extends KlorosError {
  readonly path: string;
  constructor(path: string, detail: string, options?: ErrorOptions) {
    super(
      "E_DISK_FULL",
      `${path}: ${detail}; free some space, nothing was lost and emits resume by themselves`,
      options,
    );
    this.path = path;
  }
}

/** A commit failed for another reason than space. The daemon must stop: what the disk holds is no longer known (P6). */
export class JournalWriteError extends KlorosError {
  readonly path: string;
  constructor(path: string, options?: ErrorOptions) {
    const cause = options?.cause instanceof Error ? options.cause.message : "unknown cause";
    super(
      "E_JOURNAL_WRITE",
      `${path}: the journal could not be written (${cause}); check the disk, then restart the daemon`,
      options,
    );
    this.path = path;
  }
}

/** The journal cannot be opened: unreadable, damaged, or of another format. */
export class JournalOpenError extends KlorosError {
  readonly path: string;
  constructor(path: string, detail: string, options?: ErrorOptions) {
    super("E_JOURNAL_OPEN", `${path}: ${detail}`, options);
    this.path = path;
  }
}
