/** The base of all errors alone, for programs that must not load sockets and journals to know it. */
export { KlorosError } from "./signal/errors.ts";
