/** Reads `capabilities.yaml` for others' eyes only: never writes, never throws for what the file holds. */
import { open } from "node:fs/promises";
import { type ReadModules, readModules } from "./read-modules.ts";
import { findEntry } from "./find-entry.ts";
import type { RegisteredModule } from "./registered-module.ts";

/** The integrator's own limit: larger files are no registries. */
const MAX_REGISTRY_BYTES = 16 * 1024 * 1024;

export type RegistryLook = ReadModules | { readonly kind: "missing" };

export class RegistryReader {
  readonly #path: string;
  #seen: { readonly text: string; readonly result: ReadModules } | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** All modules of the registry. Parses only text that it has not parsed at its last look. */
  async look(): Promise<RegistryLook> {
    const text = await this.#read();
    if (text === null) return { kind: "missing" };
    if (typeof text !== "string") return { kind: "unreadable", line: 1, message: text.problem };
    if (this.#seen?.text === text) return this.#seen.result;
    const result = readModules(text);
    this.#seen = { text, result };
    return { ...result };
  }

  /** One entry, read without the others; null when it is not there or not to be found that way. */
  async entry(name: string, path: string): Promise<RegisteredModule | null> {
    const text = await this.#read();
    return typeof text === "string" ? findEntry(text, name, path) : null;
  }

  async #read(): Promise<string | null | { readonly problem: string }> {
    try {
      const handle = await open(this.#path, "r");
      try {
        const { size } = await handle.stat();
        if (size > MAX_REGISTRY_BYTES) return { problem: `larger than ${MAX_REGISTRY_BYTES} bytes` };
        return await handle.readFile("utf8");
      } finally {
        await handle.close();
      }
    } catch (cause) {
      if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return null;
      return { problem: cause instanceof Error ? cause.message : String(cause) };
    }
  }
}
