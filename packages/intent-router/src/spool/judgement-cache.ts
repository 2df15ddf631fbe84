/**
 * Judgements kept from the first look until the file's turn, so that most files are read once. Bounded by the size of the
 * content they were made from (P5); what does not fit is read again.
 */
import { isSameFile } from "./file-identity.ts";
import type { Judged } from "./judge-file.ts";
import { identityAt } from "./move-aside.ts";
import type { RawName } from "./raw-name.ts";

/** Content of kept judgements; as objects they take about four times that. */
const MAX_KEPT_BYTES = 1024 * 1024;

export class JudgementCache {
  readonly #kept = new Map<object, Judged>();
  #bytes = 0;

  /** `owner` is what the judgement is taken back by. */
  keep(owner: object, judged: Judged): void {
    this.drop(owner);
    if (this.#bytes + judged.bytes > MAX_KEPT_BYTES) return;
    this.#kept.set(owner, judged);
    this.#bytes += judged.bytes;
  }

  /** The judgement, if one was kept and the file is still the one it was made of. */
  async take(owner: { readonly name: RawName }, folder: string): Promise<Judged | undefined> {
    const judged = this.drop(owner);
    if (judged === undefined) return undefined;
    const now = await identityAt(folder, owner.name);
    return now !== undefined && isSameFile(now, judged.identity) ? judged : undefined;
  }

  drop(owner: object): Judged | undefined {
    const judged = this.#kept.get(owner);
    if (judged === undefined) return undefined;
    this.#kept.delete(owner);
    this.#bytes -= judged.bytes;
    return judged;
  }
}
