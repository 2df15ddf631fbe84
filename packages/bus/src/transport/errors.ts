import { KlorosError } from "../signal/errors.ts";

/** A socket address that cannot be used. */
export class AddressError extends KlorosError {
  readonly address: string;
  constructor(address: string, detail: string, options?: ErrorOptions) {
    super("E_ADDRESS", `${address}: ${detail}`, options);
    this.address = address;
  }
}
