/** A `dream_lab` of its own for each test. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Survey } from "../../src/promotions/promotion-entry.ts";
import { PromotionFolder, type FolderOptions } from "../../src/promotions/promotion-folder.ts";
import { Slices } from "../../src/promotions/slices.ts";

export interface Lab {
  readonly promotions: string;
  readonly acknowledgements: string;
  readonly folder: PromotionFolder;
  write(name: string, content?: string): void;
  /** A whole scan, and what it adds up to. */
  scan(nowMs?: number): Promise<Survey>;
  /** A look at some names, and what it adds up to. */
  look(...names: string[]): Promise<Survey>;
}

/** Another promotion for each `n`, of the shortest shape; the higher, the younger. */
export const variant = (n: number) =>
  JSON.stringify({ promoted_at: 1_700_000_000 + n, variant_id: `v${n}`, score: n });

export function lab(options: Partial<FolderOptions> = {}): Lab {
  const root = mkdtempSync(join(tmpdir(), "kloros-promotions-"));
  onTestFinished(() => {
    rmSync(root, { recursive: true, force: true });
  });
  const promotions = join(root, "promotions");
  const acknowledgements = join(root, "promotions_ack");
  mkdirSync(promotions);
  mkdirSync(acknowledgements);
  const folder = new PromotionFolder({
    promotions,
    acknowledgements,
    maxPromotions: 20_000,
    settleMs: 50,
    ...options,
  });
  return {
    promotions,
    acknowledgements,
    folder,
    write: (name, content = variant(1)) => {
      writeFileSync(join(promotions, name), content);
    },
    scan: async (nowMs = Date.now()) => {
      await folder.scan(new Slices());
      return folder.survey(nowMs);
    },
    look: async (...names) => {
      await folder.look(names, names, new Slices());
      return folder.survey(Date.now());
    },
  };
}
