/** The system's name for what failed: `ENOENT`, `EACCES`; `UNKNOWN` when it was no system error. */
export function errnoOf(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return typeof code === "string" ? code : "UNKNOWN";
}
