/** Every bound of what programs may keep in a daemon through its control socket. It shares the daemon's journal, so it stays small. */

const KIB = 1024;
const MIB = 1024 * KIB;

/** Longest key, in UTF-8 bytes: with its namespace it fits into a key of the journal. */
export const MAX_KEY_BYTES = 512;
/** Largest value, as JSON text, in bytes: a quarter of the largest request. */
export const MAX_VALUE_BYTES = 256 * KIB;
/** Keys of one namespace: few enough to be looked through in a few milliseconds. */
export const MAX_ENTRIES = 5_000;
/** Namespaces with keys in them. */
export const MAX_NAMESPACES = 100;
/** Queues with values in them. */
export const MAX_QUEUES = 100;
/** Values of one queue. */
export const MAX_QUEUE_LENGTH = 100_000;
/** All values of all namespaces and queues, as JSON text, in bytes. */
export const MAX_STORED_BYTES = 128 * MIB;
/** Longest time to live, in seconds: a year. */
export const MAX_TTL_S = 366 * 86_400;
/** Answers of pushes and pops that are remembered by `request_id`; the oldest makes room. */
export const MAX_REMEMBERED = 1_000;
/** The same in bytes. */
export const MAX_REMEMBERED_BYTES = 8 * MIB;
/** Values in one answer, as JSON text, in bytes: clients read lines of several MiB, but should not have to. */
export const MAX_ANSWER_BYTES = MIB;
/** Entries and values of one checkpoint; restored in one transaction, which must not hold the daemon. */
export const MAX_CHECKPOINT_ITEMS = 20_000;
/** Size of one checkpoint's file, in bytes. */
export const MAX_CHECKPOINT_BYTES = 16 * MIB;
/** Checkpoints that are kept; the oldest makes room. */
export const MAX_CHECKPOINTS = 20;
