/**
 * The end of a routed file. It is taken out of the folder first, compared (move-aside.ts, M2), and only then deleted:
 * an intent that a writer has put under the same name meanwhile is never deleted unread.
 */
import { readdir, rename, unlink } from "node:fs/promises";
import type { IntentRules } from "../decide.ts";
import { isSameFile, type FileIdentity } from "./file-identity.ts";
import { judgeFile } from "./judge-file.ts";
import { freeName, moveAside, type Moved } from "./move-aside.ts";
import { pathOf, type RawName } from "./raw-name.ts";
import type { RoutedLedger } from "./routed-ledger.ts";
import type { SpoolFolders } from "./spool-folders.ts";

/** Bytes of the original name that are kept beside the number. */
const MAX_KEPT_NAME_BYTES = 200;

export class RoutedRemover {
  readonly #folders: SpoolFolders;
  #number = 0;

  constructor(folders: SpoolFolders) {
    this.#folders = folders;
  }

  /** `reached` is called between the two steps. @throws system errors */
  async remove(name: RawName, identity: FileIdentity, reached: () => void): Promise<Moved["kind"]> {
    const { intents, routed } = this.#folders;
    this.#number += 1;
    const target = `${this.#number}~${name.slice(-MAX_KEPT_NAME_BYTES)}`;
    const { kind } = await moveAside(intents, name, identity, routed, target);
    reached();
    if (kind === "moved") await unlink(pathOf(routed, target));
    return kind;
  }

  /** After a start: deletes what was on its way out and routed; anything else goes back into the folder. */
  async recover(ledger: RoutedLedger, rules: IntentRules, maxBytes: number): Promise<number> {
    const { intents, routed } = this.#folders;
    const names = await readdir(routed, { encoding: "latin1" });
    for (const name of names) {
      const judged = await judgeFile({ folder: routed, maxBytes, rules }, name, true);
      const entry = judged.kind === "route" ? ledger.entryOf(judged.routed) : undefined;
      if (judged.kind === "route" && entry !== undefined && isSameFile(entry.file, judged.identity)) {
        await unlink(pathOf(routed, name));
      } else if (judged.kind !== "gone") {
        const original = name.slice(name.indexOf("~") + 1);
        await rename(pathOf(routed, name), pathOf(intents, await freeName(intents, original)));
      }
    }
    return names.length;
  }
}
