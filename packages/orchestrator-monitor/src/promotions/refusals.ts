/**
 * Makes refused files known, once per file content however often it is looked at (also after a restart): in the log, and
 * as a dead letter. What has merely expired needs nobody's care: it is logged only. The file stays where it is.
 */
import { createHash } from "node:crypto";
import { type DaemonContext } from "@kloros/daemon";
import { PromotionRefusedError } from "../errors.ts";
import type { RefusedFile } from "./promotion-entry.ts";

const PREFIX = "promotion_refused:";
/** Refusals recorded in one transaction. */
const BATCH = 1_000;
/** Files of a batch with a letter and a line of their own; the others share one, since thousands would be read by nobody. */
const MAX_OWN_LETTERS = 20;
/** Refusals remembered; beyond it those whose files are gone are forgotten (P5). */
const MAX_REMEMBERED = 20_000;

interface Remembered {
  readonly file: string;
  readonly code: string;
}

export class Refusals {
  readonly #context: Pick<DaemonContext<unknown>, "node" | "log">;
  #remembered: Set<string> | null = null;

  constructor(context: Pick<DaemonContext<unknown>, "node" | "log">) {
    this.#context = context;
  }

  /** Records what has not been recorded. Resolves when that is durable. */
  async record(refused: readonly RefusedFile[]): Promise<void> {
    const { node } = this.#context;
    this.#remembered ??= new Set(node.state.list(PREFIX, 2 * MAX_REMEMBERED).map(({ key }) => key));
    const remembered = this.#remembered;
    const news = refused.filter((file) => !remembered.has(keyOf(file)));
    for (let at = 0; at < news.length; at += BATCH) await this.#recordBatch(news.slice(at, at + BATCH));
    if (news.length > 0 && remembered.size > MAX_REMEMBERED) await this.#forgetGone(refused);
  }

  async #recordBatch(batch: readonly RefusedFile[]): Promise<void> {
    const { node, log } = this.#context;
    const needy = batch.filter(({ code }) => code !== "Expired");
    const own = needy.slice(0, MAX_OWN_LETTERS);
    const others = needy.slice(MAX_OWN_LETTERS);
    await node.transact((tx) => {
      for (const file of batch) {
        const entry: Remembered = { file: file.name, code: file.code };
        tx.state.put(keyOf(file), entry);
      }
      for (const file of own) {
        tx.deadLetter({
          key: keyOf(file),
          signal: { promotion: file.name, content: file.key, code: file.code },
          error: new PromotionRefusedError(file.name, file.reason),
        });
      }
      const [first] = others;
      if (first === undefined) return;
      tx.deadLetter({
        key: `${keyOf(first)} and others`,
        signal: { promotions: others.map(({ name, code }) => ({ promotion: name, code })) },
        error: new PromotionRefusedError(
          first.name,
          `${first.reason}; ${others.length - 1} others were refused too`,
        ),
      });
    });
    for (const file of batch) this.#remembered?.add(keyOf(file));
    for (const { name, reason } of own) log.warn({ file: name, reason }, "Promotion refused");
    if (others.length > 0) log.warn({ files: others.length }, "More promotions refused");
    const expired = batch.length - needy.length;
    if (expired > 0)
      log.info(
        { files: expired, first: batch.find((f) => f.code === "Expired")?.name },
        "Promotions have expired",
      );
  }

  async #forgetGone(refused: readonly RefusedFile[]): Promise<void> {
    const present = new Set(refused.map(keyOf));
    const gone = [...(this.#remembered ?? [])].filter((key) => !present.has(key));
    for (let at = 0; at < gone.length; at += BATCH) {
      const keys = gone.slice(at, at + BATCH);
      await this.#context.node.transact((tx) => {
        for (const key of keys) tx.state.delete(key);
      });
      for (const key of keys) this.#remembered?.delete(key);
    }
  }
}

/** One content refused for one kind of reason; where there is no content, the name stands for it. */
function keyOf({ name, key, code }: RefusedFile): string {
  const what = key ?? `name:${createHash("sha256").update(name).digest("hex")}`;
  return `${PREFIX}${code}:${what}`;
}
