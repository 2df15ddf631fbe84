/**
 * Acknowledges promotions: each moves to `promotions/acknowledged/`, but only as it was read. Idempotent: whoever comes again
 * after a crash finds it there. A name that is taken there by something else gets a suffix; nothing is ever overwritten.
 */
import { link, lstat, mkdir, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { syncDirectory } from "@kloros/bus";
import type { CyclePromotion } from "@kloros/experiments";
import { promotionContent } from "./promotion-content.ts";

/** Files of one name that the folder may hold. */
const MAX_SAME_NAME = 10_000;

/** Returns the names of those that are acknowledged now; the others were changed, or taken away, meanwhile. */
export async function acknowledge(home: string, promotions: readonly CyclePromotion[]): Promise<string[]> {
  if (promotions.length === 0) return [];
  const folder = join(home, "dream_lab", "promotions");
  const acknowledged = join(folder, "acknowledged");
  await mkdir(acknowledged, { recursive: true, mode: 0o700 });
  const done: string[] = [];
  for (const { file, key } of promotions)
    if (await acknowledgeOne(folder, acknowledged, file, key)) done.push(file);
  await syncDirectory(acknowledged);
  await syncDirectory(folder);
  return done;
}

async function acknowledgeOne(
  folder: string,
  acknowledged: string,
  file: string,
  key: string,
): Promise<boolean> {
  const from = join(folder, file);
  const found = await promotionContent(from);
  const place = await placeFor(acknowledged, file, key);
  if (found === null) return place.isSame;
  if (found.key !== key) return false;
  await rename(from, place.path);
  const moved = await promotionContent(place.path);
  if (moved?.key === key) return true;
  await putBack(place.path, from); // Replaced in the moment between: it is news.
  return false;
}

/** A free name, or that of the very same content. */
async function placeFor(
  folder: string,
  file: string,
  key: string,
): Promise<{ readonly path: string; readonly isSame: boolean }> {
  const stem = file.slice(0, -".json".length);
  for (let count = 1; count <= MAX_SAME_NAME; count++) {
    const path = join(folder, count === 1 ? file : `${stem}.${count}.json`);
    const taken = await lstat(path).catch(() => null);
    if (taken === null) return { path, isSame: false };
    if ((await promotionContent(path))?.key === key) return { path, isSame: true };
  }
  throw new Error(`${folder} holds ${MAX_SAME_NAME} files like ${file}; archive some of them`);
}

async function putBack(from: string, to: string): Promise<void> {
  try {
    await link(from, to); // Unlike rename, it overwrites nothing that came meanwhile.
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "EEXIST")) throw cause;
  }
  await unlink(from);
}
