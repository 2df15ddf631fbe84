/** Commands whose users are programs with a convention of their own: what they want to hear of a wrong option. */
import type { Command } from "commander";

const listeners = new WeakMap<Command, (message: string) => void>();

/** `tell` says it, and sets the exit code; nothing else is printed. */
export function onMistake(command: Command, tell: (message: string) => void): void {
  listeners.set(command, tell);
}

export function mistakeListenerOf(command: Command): ((message: string) => void) | undefined {
  return listeners.get(command);
}
