/** Where things lie in the daemon's durable state. All keys of the kit begin with `kit/`. */

/** Namespaces, queues: names that need no escape in a key. */
export const NAME_PATTERN = "^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$";

/** Digits of a number in a key, so that keys sort as numbers do. */
const DIGITS = 16;
const ordered = (n: number): string => String(n).padStart(DIGITS, "0");

export const places = {
  books: "kit/books",
  clock: "kit/clock",
  namespaces: "kit/namespace/",
  namespace: (namespace: string) => `kit/namespace/${namespace}`,
  /** What is known of an entry, apart from its value, so that lists need not read values. */
  entries: (namespace: string) => `kit/entry/${namespace}/`,
  entry: (namespace: string, key: string) => `kit/entry/${namespace}/${key}`,
  value: (namespace: string, key: string) => `kit/state/${namespace}/${key}`,
  /** Ordered by the time at which entries expire. */
  expiries: "kit/expiry/",
  expiry: (atMs: number, namespace: string, key: string) => `kit/expiry/${ordered(atMs)}/${namespace}/${key}`,
  queues: "kit/queues/",
  queue: (namespace: string, name: string) => `kit/queues/${namespace}/${name}`,
  /** `lane` is a queue's number; a queue that is emptied at once gets a new one. */
  item: (lane: number, n: number) => `kit/queue/${ordered(lane)}/${ordered(n)}`,
  /** Lanes that are to be removed bit by bit. */
  trashes: "kit/trash/",
  trash: (lane: number) => `kit/trash/${ordered(lane)}`,
  /** Answers by number, oldest first, and the number by request. */
  answer: (n: number) => `kit/answer/${ordered(n)}`,
  request: (requestId: string) => `kit/request/${requestId}`,
  restorations: "kit/restored/",
  restored: (id: string) => `kit/restored/${id}`,
} as const;

/** Namespace and key out of an expiry's place. */
export function expiryOf(place: string): {
  readonly atMs: number;
  readonly namespace: string;
  readonly key: string;
} {
  const [at = "", namespace = "", ...key] = place.slice(places.expiries.length).split("/");
  return { atMs: Number(at), namespace, key: key.join("/") };
}
