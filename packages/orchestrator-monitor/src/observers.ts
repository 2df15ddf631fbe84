/**
 * Lets several parts of the monitor see the same signal, where a node has one handler per name: parts say what they
 * observe, the shell registers one handler for each name. Observers of a name run one after the other, in the order in
 * which they asked, in the same transaction: all of them have seen a signal, or none has (P3).
 */
import type { Envelope, HandlerTx, Node, SignalName } from "@kloros/bus";

export type Observer<N extends SignalName = SignalName> = (
  signal: Envelope<N>,
  tx: HandlerTx,
) => void | Promise<void>;

export class SignalObservers {
  readonly #observers = new Map<SignalName, Observer[]>();

  /** Adds an observer of a signal; to be called before `register`. */
  observe<N extends SignalName>(name: N, observer: Observer<N>): void {
    const observers = this.#observers.get(name) ?? [];
    observers.push(observer as unknown as Observer);
    this.#observers.set(name, observers);
  }

  /** Registers one handler per observed name; to be called once, before the node starts. */
  register(node: Pick<Node, "on">): void {
    for (const [name, observers] of this.#observers) {
      node.on(name, async (signal, tx) => {
        for (const observer of observers) await observer(signal, tx);
      });
    }
  }
}
