/** A process of the bench, as its parent sees it: started from `children/`, asked questions, ended. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Answer, Question } from "./protocol.ts";

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

export class Part {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;

  /** `program` is a file of `children/`, without its ending; it gets `options` as JSON. */
  constructor(program: string, options: object = {}) {
    const path = fileURLToPath(new URL(`../children/${program}.js`, import.meta.url));
    // Its words go to stderr: stdout belongs to the result.
    this.#child = fork(path, [JSON.stringify(options)], { stdio: ["ignore", 2, 2, "ipc"] });
    this.#child.on("message", (message) => this.#onAnswer(message as Answer));
    this.#child.on("exit", (code, signal) => {
      const error = new Error(`${program} ended with ${String(code ?? signal)} while it was asked`);
      for (const { reject } of this.#waiting.values()) reject(error);
    });
  }

  ask<T = void>(question: string, data: object = {}): Promise<T> {
    const number = ++this.#asked;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      this.#child.send({ number, question, data } satisfies Question);
    });
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "exit");
    this.#child.disconnect();
    await gone;
  }

  #onAnswer(answer: Answer): void {
    const waiting = this.#waiting.get(answer.number);
    this.#waiting.delete(answer.number);
    if (answer.error === undefined) waiting?.resolve(answer.value);
    else waiting?.reject(new Error(answer.error));
  }
}
