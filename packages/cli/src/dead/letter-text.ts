/** Dead letters for people. Pure. */
import type { DeadLetter } from "@kloros/bus";
import type { Paint } from "../program/paint.ts";
import { hueOf, printable, shorten } from "../program/paint.ts";
import { drawTable } from "../program/table.ts";
import type { LetterGroup } from "./group-letters.ts";
import { signalNameOf } from "./letter-signal.ts";

const MAX_ERROR_CHARS = 90;

export function drawLetters(letters: readonly DeadLetter[], paint: Paint): string[] {
  const rows = letters.map((letter) => [
    { text: localTime(letter.timestamp), paint: paint.dim },
    { text: letter.daemon, paint: hueOf(paint, letter.daemon) },
    printable(signalNameOf(letter) ?? "–"),
    String(letter.attempts),
    { text: oneLine(letter.error), paint: paint.red },
    { text: letter.id, paint: paint.dim },
  ]);
  return drawTable(["time", "daemon", "signal", ">attempts", "error", "id"], rows, paint);
}

export function drawGroups(groups: readonly LetterGroup[], paint: Paint): string[] {
  const rows = groups.map((group) => [
    String(group.count),
    { text: group.daemon, paint: hueOf(paint, group.daemon) },
    printable(group.signal ?? "–"),
    { text: localTime(group.last), paint: paint.dim },
    { text: oneLine(group.error), paint: paint.red },
    { text: group.fingerprint, paint: paint.dim },
  ]);
  return drawTable([">count", "daemon", "signal", "last", "error", "fingerprint"], rows, paint);
}

/** Everything about one letter, with its traceback. */
export function drawLetter(letter: DeadLetter, paint: Paint): string[] {
  const heading = (text: string): string => paint.dim(text.padEnd(12));
  const content =
    letter.raw_base64 === undefined ? JSON.stringify(letter.signal, null, 2) : rawText(letter.raw_base64);
  return [
    `${heading("id")}${letter.id}`,
    `${heading("time")}${letter.timestamp}`,
    `${heading("daemon")}${letter.daemon}`,
    `${heading("attempts")}${String(letter.attempts)}`,
    `${heading("fingerprint")}${letter.fingerprint}`,
    `${heading("error")}${paint.red(printable(letter.error))}`,
    heading(letter.raw_base64 === undefined ? "signal" : "raw bytes"),
    ...indented(content),
    heading("traceback"),
    ...indented(letter.traceback),
  ];
}

function rawText(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}

function indented(text: string): string[] {
  return text.split("\n").map((line) => `  ${printable(line)}`);
}

function oneLine(text: string): string {
  return shorten(printable(text.split("\n", 1)[0] ?? ""), MAX_ERROR_CHARS);
}

function localTime(timestamp: string): string {
  const date = new Date(timestamp);
  if (Number.isNaN(date.getTime())) return printable(timestamp);
  const part = (value: number): string => String(value).padStart(2, "0");
  const day = `${String(date.getFullYear())}-${part(date.getMonth() + 1)}-${part(date.getDate())}`;
  return `${day} ${part(date.getHours())}:${part(date.getMinutes())}:${part(date.getSeconds())}`;
}
