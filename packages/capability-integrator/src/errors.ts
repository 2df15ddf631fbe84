/** What makes the bus try an integration again instead of refusing it: causes that may pass within seconds. */
import { KlorosError } from "@kloros/bus";

/** A passing obstacle; after the last attempt the same cause becomes a `Q_INTEGRATION_FAILED`. */
export class IntegrationPostponedError extends KlorosError {
  readonly error_type: string;

  /** `cause`: where it is a full disk, the bus tries again until there is space. */
  constructor(error_type: string, message: string, options?: ErrorOptions) {
    super("E_INTEGRATION_POSTPONED", `${error_type}: ${message}; trying again`, options);
    this.error_type = error_type;
  }
}
