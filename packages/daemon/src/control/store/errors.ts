import { KlorosError } from "@kloros/bus";

/**
 * `state:get` with `must_exist` found no such key, or it has expired.
 * Leave `must_exist` out to be told `found: false` instead.
 */
export class StateNotFoundError extends KlorosError {
  constructor(namespace: string, key: string) {
    super("E_STATE_NOT_FOUND", `there is no key ${JSON.stringify(key)} in namespace ${namespace}`);
  }
}

/**
 * A compare-and-set did not find what it expected; nothing was changed.
 * Read the key again, decide anew, and set with the version that was read.
 */
export class StateConflictingError extends KlorosError {
  constructor(namespace: string, key: string, expected: string, found: string) {
    super(
      "E_STATE_VERSION",
      `${namespace}/${key}: expected ${expected}, found ${found}; read it again and decide anew`,
    );
  }
}

/**
 * A value is not of the type that it, or its key, was declared with; nothing was changed.
 * Correct the value, or set it with the other `type`.
 */
export class StateTypeError extends KlorosError {
  constructor(key: string, declared: string, found: string) {
    super("E_STATE_TYPE", `${key}: the value must be of type ${declared} (got ${found})`);
  }
}

/**
 * One of the bounds of a daemon's store is reached; nothing was changed.
 * The message names it: delete what is not needed, let entries expire (`ttl_s`), or keep large things in files.
 */
export class StoreLimitError extends KlorosError {
  constructor(message: string) {
    super("E_STORE_LIMIT", message);
  }
}

/**
 * A `request_id` came back with another request than the one it belongs to; nothing was done.
 * Use a fresh id for each push and pop, and the same one only to ask for the same again.
 */
export class RequestIdReusedError extends KlorosError {
  constructor(requestId: string, what: string) {
    super("E_REQUEST_ID_REUSED", `request_id ${requestId} belongs to ${what}; use a fresh one`);
  }
}

/**
 * A checkpoint cannot be read or is too large, or there is none of that id.
 * The message says which; `checkpoint:list` shows what there is.
 */
export class CheckpointError extends KlorosError {
  constructor(message: string, options?: ErrorOptions) {
    super("E_CHECKPOINT", message, options);
  }
}

/**
 * This checkpoint was restored before; restoring it twice would undo what happened since.
 * Send `again: true` if that is what you want.
 */
export class CheckpointRestoredError extends KlorosError {
  constructor(id: string, at: string) {
    super(
      "E_CHECKPOINT_RESTORED",
      `${id} was restored at ${at} already; what changed since would be lost: send again: true if you want that`,
    );
  }
}
