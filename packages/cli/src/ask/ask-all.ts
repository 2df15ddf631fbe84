/** One question to several daemons at once: what each said, and what kept the others from it. */
import { type ControlReply, EventError, type MeshClient } from "@kloros/client";
import { KlorosError } from "@kloros/bus";
import { EXIT, type ExitCode } from "../program/exit-codes.ts";

export type Said =
  | { readonly kind: "reply"; readonly daemon: string; readonly reply: ControlReply }
  | { readonly kind: "failure"; readonly daemon: string; readonly error: KlorosError };

export async function askAll(
  mesh: MeshClient,
  daemons: readonly string[],
  event: string,
  data: unknown,
): Promise<Said[]> {
  return Promise.all(
    daemons.map(async (daemon): Promise<Said> => {
      try {
        return { kind: "reply", daemon, reply: await mesh.daemon(daemon).sendForReply(event, data) };
      } catch (error) {
        if (!(error instanceof KlorosError)) throw error;
        return { kind: "failure", daemon, error };
      }
    }),
  );
}

/** 0 all answered, 1 one of them refused, 69 one of them did not answer. */
export function exitCodeOf(said: readonly Said[]): ExitCode {
  const failures = said.flatMap((one) => (one.kind === "failure" ? [one.error] : []));
  if (failures.length === 0) return EXIT.done;
  return failures.every((error) => error instanceof EventError) ? EXIT.no : EXIT.unreachable;
}

/** For programs: the reply as it came, and whose it is. */
export function asJson(said: Said): unknown {
  if (said.kind === "reply") return { daemon: said.daemon, ...said.reply };
  const { error } = said;
  const code = error instanceof EventError ? (error.daemonCode ?? error.code) : error.code;
  return { daemon: said.daemon, error: error.message, code };
}
