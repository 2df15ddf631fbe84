/** How the user's presence is told. `presence-watch.ts` asks. No code. */

export type PresenceProbe =
  | {
      readonly kind: "command";
      readonly command: readonly string[];
      readonly timeoutMs: number;
      /** Exit code that means present; any other means absent. */
      readonly presentExit: number;
      readonly intervalMs: number;
    }
  | {
      readonly kind: "file";
      /** Relative to the home unless absolute. */
      readonly path: string;
      /** Touched within this time: present. */
      readonly maxAgeMs: number;
    };
