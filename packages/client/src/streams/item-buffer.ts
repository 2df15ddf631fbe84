/** What waits for one reader: bounded, and who reads too slowly is told how much was dropped, in its place (P5). */

/** Items of a stream that wait for their reader, unless it says otherwise. */
export const DEFAULT_BUFFER_ITEMS = 1_024;

export class ItemBuffer<Item> {
  readonly #maxItems: number;
  readonly #droppedItem: (daemon: string, dropped: number) => Item;
  readonly #items: Item[] = [];
  readonly #dropped = new Map<string, number>();
  #wake: (() => void) | null = null;
  #end: { readonly error?: Error } | null = null;

  constructor(maxItems: number, droppedItem: (daemon: string, dropped: number) => Item) {
    this.#maxItems = maxItems;
    this.#droppedItem = droppedItem;
  }

  /** Drops it when the buffer is full; once something of a daemon is missing nothing of it follows before that was told. */
  push(daemon: string, item: Item): void {
    if (this.#end) return;
    const dropped = this.#dropped.get(daemon) ?? 0;
    if (dropped > 0 || this.#items.length >= this.#maxItems) this.#dropped.set(daemon, dropped + 1);
    else this.#items.push(item);
    this.#wake?.();
  }

  /** No more comes: what is buffered is still read, then `error` is thrown, if there is one. */
  end(error?: Error): void {
    this.#end ??= error ? { error } : {};
    this.#wake?.();
  }

  /** The next item, when there is one; undefined at the end. @throws the error it ended with, once */
  async next(): Promise<Item | undefined> {
    for (;;) {
      if (this.#items.length === 0) this.#tellDropped();
      const item = this.#items.shift();
      if (item !== undefined) return item;
      if (this.#end) {
        const { error } = this.#end;
        this.#end = {};
        if (error) throw error;
        return undefined;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
  }

  #tellDropped(): void {
    for (const [daemon, count] of this.#dropped) this.#items.push(this.#droppedItem(daemon, count));
    this.#dropped.clear();
  }
}
