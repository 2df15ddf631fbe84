/**
 * The monitor's part for promotions: scans and looks, one after the other, and an advisory when they show something new,
 * as a reminder, or because somebody asks.
 *
 * I1 An advisory and the digest of what it told are one commit (P3): no change is told twice, none is forgotten, whatever is
 *    killed when. After a restart only what has changed meanwhile is news.
 * I2 Reminders and waits go by the monotonic clock; the wall clock is used for ages and expiry only.
 */
import { join } from "node:path";
import type { Envelope, HandlerTx, StateReader, Tx } from "@kloros/bus";
import type { DaemonContext } from "@kloros/daemon";
import type { SignalObservers } from "../observers.ts";
import { advisoryOf } from "./advisory.ts";
import { PromotionChanges } from "./promotion-changes.ts";
import type { Survey } from "./promotion-entry.ts";
import { PromotionFolder } from "./promotion-folder.ts";
import { Refusals } from "./refusals.ts";
import { type Round, RoundTimer } from "./round-timer.ts";
import { readSigningKey } from "./signing-key.ts";
import { Slices } from "./slices.ts";

/** What the last advisory told. */
const TOLD_KEY = "promotions:told";
const LAST_DREAM_KEY = "promotions:last_dream";
/** Digest of no promotions at all. */
const NOTHING = "0";
/** Wait before a round that failed is tried again, in milliseconds. */
const RETRY_MS = 1_000;

export interface PromotionSettings {
  readonly promotions_reminder: number;
  readonly promotions_debounce: number;
  readonly promotions_settle: number;
  readonly max_promotions: number;
}

type Context = Pick<DaemonContext<PromotionSettings>, "node" | "config" | "home" | "log">;

export class PromotionMonitor {
  readonly #context: Context;
  readonly #path: string;
  readonly #keyPath: string;
  readonly #folder: PromotionFolder;
  readonly #changes: PromotionChanges;
  readonly #refusals: Refusals;
  readonly #timer: RoundTimer;
  #rounds: Promise<unknown> = Promise.resolve();
  #signingKey: Buffer | null = null;
  #survey: Survey | null = null;
  #scanDueAt = 0;
  #remindAt: number;
  #from = 0;
  #lastScanMs = 0;
  #lastWorkMs = 0;
  #complaint = "";
  #beyond = "0 0";
  #advisories = 0;
  #reminders = 0;

  constructor(context: Context) {
    const { home, config } = context;
    this.#context = context;
    this.#path = join(home, "dream_lab", "promotions");
    this.#keyPath = join(home, "keys", "promotions.key");
    this.#folder = new PromotionFolder({
      promotions: this.#path,
      acknowledgements: join(home, "dream_lab", "promotions_ack"),
      maxPromotions: config.max_promotions,
      settleMs: config.promotions_settle,
    });
    this.#timer = new RoundTimer(() => this.#unasked());
    this.#changes = new PromotionChanges(home, () => {
      this.#timer.within(config.promotions_debounce);
    });
    this.#refusals = new Refusals(context);
    this.#remindAt = performance.now() + config.promotions_reminder; // I2
  }

  /** The watch begins before the first scan, so nothing falls between. */
  start(): void {
    this.#timer.within(0);
  }

  async stop(): Promise<void> {
    this.#timer.stop();
    this.#changes.stop();
    await this.#rounds.catch(() => undefined);
  }

  observe(observers: SignalObservers): void {
    observers.observe("Q_SCAN_REQUESTED", (signal, tx) => this.#onScanRequested(signal, tx));
    for (const name of ["Q_DREAM_COMPLETE", "Q_DREAM_FAILED"] as const)
      observers.observe(name, ({ timestamp }, tx) => {
        tx.state.put(LAST_DREAM_KEY, timestamp);
      });
  }

  statusLine(): string {
    const { unacknowledged = [], refused = [] } = this.#survey ?? {};
    return `${unacknowledged.length} promotions${refused.length > 0 ? `, ${refused.length} refused` : ""}`;
  }

  health(): Record<string, unknown> {
    const survey = this.#survey;
    return {
      files: survey?.files ?? 0,
      unacknowledged: survey?.unacknowledged.length ?? 0,
      refused: survey?.refused.length ?? 0,
      half_written: survey?.unfinished ?? 0,
      unexamined: survey?.unexamined ?? 0,
      advisories: this.#advisories,
      reminders: this.#reminders,
      last_scan_ms: Math.round(this.#lastScanMs),
      trouble: this.#complaint === "" ? null : this.#complaint,
    };
  }

  /** Scans, and answers with an advisory whatever there is. */
  async #onScanRequested({ facts }: Envelope<"Q_SCAN_REQUESTED">, tx: HandlerTx): Promise<void> {
    if (facts.scope !== "promotions" && facts.scope !== "all") return;
    const survey = await this.#serially(() => this.#look(true));
    this.#tell(tx, survey);
    this.#timer.within(0); // What was refused is recorded in a round of its own.
  }

  /** A round that nobody asked for. Resolves with the milliseconds of work, and until the next round at the latest. */
  async #unasked(): Promise<Round> {
    const { node } = this.#context;
    try {
      await this.#serially(async () => {
        const survey = await this.#look(performance.now() >= this.#scanDueAt);
        const isDue = survey.unacknowledged.length > 0 && performance.now() >= this.#remindAt;
        if (isDue || !isTold(node.state, survey))
          await node.transact((tx) => {
            if (isDue || !isTold(tx.state, survey)) this.#tell(tx, survey);
          });
        await this.#refusals.record(survey.refused); // Last: whoever waits for a promotion need not wait for this.
      });
      this.#complain("");
      return { spentMs: this.#lastWorkMs, nextInMs: this.#nextInMs() };
    } catch (error) {
      this.#complain(String(error));
      return { spentMs: this.#lastWorkMs, nextInMs: RETRY_MS };
    }
  }

  #nextInMs(): number {
    const now = performance.now();
    const remindAt = (this.#survey?.unacknowledged.length ?? 0) > 0 ? this.#remindAt : Infinity;
    const settleMs = this.#folder.due(now).nextInMs ?? Infinity;
    return Math.max(0, Math.min(this.#scanDueAt - now, remindAt - now, settleMs));
  }

  async #look(everything: boolean): Promise<Survey> {
    const slices = new Slices();
    try {
      this.#changes.ensure();
      this.#takeSigningKey();
      const changes = this.#changes.take();
      if (everything || changes.all) {
        this.#scanDueAt = performance.now() + this.#context.config.promotions_reminder;
        await this.#folder.scan(slices);
        this.#lastScanMs = slices.spentMs;
      }
      await this.#folder.look(changes.promotions, changes.acknowledgements, slices);
      await this.#folder.look(this.#folder.due(performance.now()).names, [], slices);
      this.#survey = this.#folder.survey(Date.now());
      this.#lastWorkMs = slices.spentMs;
      this.#sayWhatIsBeyond(this.#survey);
      return this.#survey;
    } catch (error) {
      this.#changes.everything(); // What was taken has not been looked at.
      throw error;
    }
  }

  #tell(tx: Tx, survey: Survey): void {
    const isReminder = isTold(tx.state, survey);
    const { facts, next } = advisoryOf({
      survey,
      from: isReminder ? this.#from : 0,
      isReminder,
      nowMs: Date.now(),
      lastDreamTime: tx.state.get<string>(LAST_DREAM_KEY) ?? null,
      promotionsPath: this.#path,
    });
    tx.emit("Q_PROMOTIONS_DETECTED", facts);
    if (!isReminder) tx.state.put(TOLD_KEY, { digest: survey.digest }); // I1
    tx.afterCommit(() => {
      this.#from = next;
      this.#remindAt = performance.now() + this.#context.config.promotions_reminder;
      this.#advisories++;
      if (isReminder) this.#reminders++;
    });
  }

  #takeSigningKey(): void {
    const key = readSigningKey(this.#keyPath);
    if (key?.toString("hex") === this.#signingKey?.toString("hex")) return;
    this.#signingKey = key;
    this.#folder.signingKey = key;
    this.#changes.everything();
    this.#context.log.info({ signed: key !== null }, "Key for promotions has changed");
  }

  #sayWhatIsBeyond({ unexamined, forgottenAcknowledgements }: Survey): void {
    const beyond = `${unexamined} ${forgottenAcknowledgements}`;
    if (beyond === this.#beyond) return;
    this.#beyond = beyond;
    const { log, config } = this.#context;
    if (unexamined > 0)
      log.warn(
        { unexamined, limit: config.max_promotions },
        "More promotions than are looked into; see max_promotions",
      );
    if (forgottenAcknowledgements > 0)
      log.warn({ forgottenAcknowledgements }, "More acknowledgements than are remembered; remove old ones");
  }

  /** Once per kind of trouble. */
  #complain(problem: string): void {
    if (problem !== "" && problem !== this.#complaint)
      this.#context.log.error({ problem }, "Promotions could not be looked at, trying again");
    this.#complaint = problem;
  }

  /** Rounds never overlap. */
  #serially<T>(work: () => Promise<T>): Promise<T> {
    const round = this.#rounds.catch(() => undefined).then(work);
    this.#rounds = round;
    return round;
  }
}

/** Whether the last advisory told just this. */
function isTold(state: StateReader, { digest }: Survey): boolean {
  return (state.get<{ digest: string }>(TOLD_KEY)?.digest ?? NOTHING) === digest;
}
