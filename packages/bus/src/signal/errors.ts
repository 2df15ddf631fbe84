/**
 * Every error the project throws on purpose, each with a stable `code`.
 * `docs/errors.md` mirrors this table and a test compares the two.
 */
export class KlorosError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}
