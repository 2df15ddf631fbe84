/** Retrying what fails now and then: bounded attempts, exponential backoff, jitter. */
export { backoffDelays, type BackoffOptions } from "./backoff.ts";
export { retry, RetriesExhaustedError } from "./retry.ts";
