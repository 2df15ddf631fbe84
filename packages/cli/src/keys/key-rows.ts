/** The keys of a home as a list: who may come in, who may not any more, and what is wrong with a secret. */
import { fingerprintOf, type KeyKind, readKeys, readSecret } from "@kloros/bus";
import type { Paint } from "../program/paint.ts";
import { drawTable } from "../program/table.ts";

export interface KeyRow {
  readonly name: string;
  readonly kind: KeyKind;
  readonly state: "allowed" | "revoked";
  readonly fingerprint: string;
  readonly public_key: string;
  /** RFC 3339. */
  readonly since: string;
  readonly revoked: string | null;
  /** Whether the secret is in this home. */
  readonly secret: "here" | "elsewhere";
  readonly problem: string | null;
}

/** Daemons first, then commands and clients, then what was revoked. */
export function keyRows(home: string): KeyRow[] {
  const { allowed, revoked } = readKeys(home);
  const gone = new Set(revoked.map(({ public_key }) => public_key));
  const live = allowed
    .filter(({ public_key }) => !gone.has(public_key))
    .map((key): KeyRow => {
      const { name, kind, public_key, since } = key;
      const row = { name, kind, public_key, since, fingerprint: fingerprintOf(public_key) };
      return { ...row, state: "allowed", revoked: null, ...secretOf(home, name, public_key) };
    });
  const dead = revoked.map(({ name, kind, public_key, since, revoked: at }): KeyRow => ({
    name,
    kind,
    state: "revoked",
    fingerprint: fingerprintOf(public_key),
    public_key,
    since,
    revoked: at,
    secret: "elsewhere",
    problem: null,
  }));
  const order: readonly KeyKind[] = ["daemon", "command", "client"];
  return [...live.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind)), ...dead];
}

function secretOf(home: string, name: string, publicKey: string): Pick<KeyRow, "secret" | "problem"> {
  try {
    const secret = readSecret(home, name);
    if (secret === null) return { secret: "elsewhere", problem: null };
    const fits = secret.public_key === publicKey;
    return { secret: "here", problem: fits ? null : "the secret in this home is that of another key" };
  } catch (error) {
    return { secret: "here", problem: error instanceof Error ? error.message : String(error) };
  }
}

export function drawKeys(rows: readonly KeyRow[], paint: Paint): string[] {
  const cells = rows.map((row) => [
    row.name,
    row.kind,
    row.fingerprint,
    row.state === "allowed" ? { text: row.state, paint: paint.green } : { text: row.state, paint: paint.red },
    (row.revoked ?? row.since).slice(0, 19).replace("T", " "),
    row.problem ?? (row.secret === "here" ? "" : "secret elsewhere"),
  ]);
  return drawTable(["NAME", "KIND", "FINGERPRINT", "STATE", "SINCE (UTC)", ""], cells, paint);
}
