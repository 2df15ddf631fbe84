/** One step of an installation: what it is for, and what is done about it. Plans are lists of these; pure data. */

export type Action =
  | { readonly kind: "write"; readonly path: string; readonly text: string; readonly mode: number }
  /** A file, a link, an empty folder or a whole tree; absent is fine. */
  | { readonly kind: "remove"; readonly path: string }
  /** Only when it is empty. */
  | { readonly kind: "remove-empty"; readonly path: string }
  | { readonly kind: "release"; readonly from: string; readonly to: string }
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  | { readonly kind: "append"; readonly path: string; readonly text: string }
  | { readonly kind: "run"; readonly command: readonly string[]; readonly mayFail?: boolean };

export interface Step {
  /** A short sentence in the imperative: `write /etc/…`. */
  readonly what: string;
  /** Nothing to do: it is so already. */
  readonly already: boolean;
  /** In this order; none when `already`. */
  readonly actions: readonly Action[];
}

/** A step that is done unless `already`. */
export function step(what: string, already: boolean, ...actions: readonly Action[]): Step {
  return { what, already, actions: already ? [] : actions };
}
