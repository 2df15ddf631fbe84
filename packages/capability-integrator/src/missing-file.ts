/** For `.catch()`: a file that is not there is an answer, anything else an error. */
export function errorIfNotMissing(cause: unknown): undefined {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ENOENT" || code === "ENOTDIR") return undefined;
  throw cause;
}
