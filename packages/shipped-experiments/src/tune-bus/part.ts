/** A process of the measurement, as its parent sees it: started, asked questions, ended. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { ComplaintError } from "../run-experiment.ts";
import type { Answer, Question } from "./conversation.ts";

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class Part {
  readonly #program: string;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;
  #ended: string | null = null;

  /** It gets `options` as JSON. */
  constructor(program: "emitter" | "consumer", options: object) {
    this.#program = program;
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    const path = fileURLToPath(new URL(`${program}.${extension}`, import.meta.url));
    // Its words go to stderr: stdout belongs to the result.
    this.#child = fork(path, [JSON.stringify(options)], { stdio: ["ignore", 2, 2, "ipc"] });
    this.#child.on("message", (message) => this.#onAnswer(message as Answer));
    this.#child.on("exit", (code, signal) => this.#onExit(String(code ?? signal)));
  }

  async ask<T = void>(question: string, data: object = {}): Promise<T> {
    if (this.#ended !== null) throw this.#gone(question);
    const number = ++this.#asked;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(number, { resolve: resolve as (value: unknown) => void, reject });
      this.#child.send({ number, question, data } satisfies Question);
    });
  }

  async end(): Promise<void> {
    if (this.#ended !== null) return;
    const gone = once(this.#child, "exit");
    if (this.#child.connected) this.#child.disconnect();
    await gone;
  }

  #onAnswer(answer: Answer): void {
    const waiting = this.#waiting.get(answer.number);
    this.#waiting.delete(answer.number);
    if (answer.error === undefined) waiting?.resolve(answer.value);
    else waiting?.reject(new ComplaintError(`${this.#program}: ${answer.error}`));
  }

  #onExit(how: string): void {
    this.#ended = how;
    for (const { reject } of this.#waiting.values()) reject(this.#gone("something"));
    this.#waiting.clear();
  }

  #gone(question: string): ComplaintError {
    return new ComplaintError(
      `the ${this.#program} ended with ${String(this.#ended)} when asked for ${question}`,
    );
  }
}
