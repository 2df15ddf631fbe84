import { KlorosError } from "../signal/errors.ts";

/** A socket address that cannot be used. */
export class AddressError extends KlorosError {
  readonly address: string;
  constructor(address: string, detail: string, options?: ErrorOptions) {
    super("E_ADDRESS", `${address}: ${detail}`, options);
    this.address = address;
  }
}

/**
 * The settings of the transport contradict each other or would be unsafe, such as plain TCP beyond loopback.
 * Nothing was bound. The message names the setting to change.
 */
export class TransportRefusedError extends KlorosError {
  constructor(detail: string, options?: ErrorOptions) {
    super("E_TRANSPORT_REFUSED", detail, options);
  }
}

/**
 * `transport: tcp` needs keys, and this daemon or command has none in the home, or its key was revoked.
 * Make them with `chem-bus keys init`, or a single one with `chem-bus keys add <name>`.
 */
export class KeysMissingError extends KlorosError {
  constructor(detail: string) {
    super("E_KEYS_MISSING", detail);
  }
}

/** A file in `keys/` may be read by others, belongs to somebody else, or does not say what it should. */
export class KeyFileError extends KlorosError {
  readonly path: string;
  constructor(path: string, detail: string, options?: ErrorOptions) {
    super("E_KEY_FILE", `${path}: ${detail}`, options);
    this.path = path;
  }
}

/** What is asked of the keys cannot be done: the name is taken, the key is no key, or it was revoked. */
export class KeyRefusedError extends KlorosError {
  constructor(detail: string) {
    super("E_KEY_REFUSED", detail);
  }
}
