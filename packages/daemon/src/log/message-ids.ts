/**
 * The classes of events that have a `MESSAGE_ID` of their own in the journal, so that `journalctl MESSAGE_ID=…` finds them
 * and `journalctl -x` explains them (systemd/kloros.catalog). Made once at random; an id is never changed and never used again.
 * A log line becomes one of them by its field `event`: `log.info({ event: "decision", rule, outcome, … }, "Decided")`.
 */
export const MESSAGE_IDS = {
  /** A signal is on disk and goes out. */
  emitted: "af44d09964b690e7c38d81ac79c8b3c0",
  /** A handler is about to get a signal. */
  received: "145c8be44d23ce218acfae38bbbc40dd",
  /** A signal, or a file that should have become one, could not be handled and is kept. */
  dead_letter: "df1a211f410494572afedf333806e90f",
  /** `Q_HEALTH_ALERT`, for people. */
  alert: "7d0d384815ae14322be95b5406ef70ea",
  /** A policy decided. */
  decision: "bf32aa03d1c28ba116935c709ea6b545",
  /** A daemon cannot start; it says why. */
  start_failed: "f78b284c2d4395ffbd64279119bac028",
  /** A daemon has started, and its last end was no orderly one. */
  unclean_start: "7e38a89bac9ebb0cb76b9b594b80424b",
  ready: "de4204a7f520a0f25a391ba9dd828942",
  stopping: "4bea1470ea1c173b29b964c793afc60b",
  stopped: "024dbc6a252103a07ddef882dd5e9dd6",
  /** The watchdog is no longer told that all is well; whoever supervises restarts the daemon. */
  stuck: "eb6951e3196c511e6b5b08d2b71f4139",
  /** There is progress again. */
  progress: "63d195c92b15d37f4b6b266123d6790a",
  /** A daemon ends in order so that it is started again. */
  restart: "62c07a4582836d66f6f38e9e32016b8c",
  /** An error that nobody caught: the daemon ends at once. */
  crash: "3bc6ff9abfc275d5f9be09a45ba3a393",
} as const;

export type EventClass = keyof typeof MESSAGE_IDS;

/** The id of an event class; undefined when the name is none. */
export function messageIdOf(event: unknown): string | undefined {
  return typeof event === "string" && Object.hasOwn(MESSAGE_IDS, event)
    ? MESSAGE_IDS[event as EventClass]
    : undefined;
}
