/** What one check of `kloros doctor` found. */

export interface Finding {
  readonly check: string;
  readonly status: "ok" | "warn" | "fail";
  readonly detail: string;
  /** What to do; empty when it is ok. */
  readonly remedy: string;
}

export function ok(check: string, detail: string): Finding {
  return { check, status: "ok", detail, remedy: "" };
}

/** The mesh runs, but something should be looked at. */
export function warn(check: string, detail: string, remedy: string): Finding {
  return { check, status: "warn", detail, remedy };
}

/** The mesh, or a part of it, cannot run like that. */
export function fail(check: string, detail: string, remedy: string): Finding {
  return { check, status: "fail", detail, remedy };
}

/** A check that breaks is itself a finding: the others still run. */
export async function guarded(
  check: string,
  run: () => Finding | readonly Finding[] | Promise<Finding | readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return [await run()].flat();
  } catch (error) {
    return [broken(check, error)];
  }
}

export function broken(check: string, error: unknown): Finding {
  const detail = error instanceof Error ? error.message : String(error);
  return fail(check, detail, "this check itself failed: what it looks at is damaged, or closed to you");
}
