/**
 * Names of files as the disk holds them. Linux names are bytes, not text; a name that is no UTF-8 would not survive
 * the way through a JavaScript string and its file could never be opened again. So names are kept one character per byte
 * (latin1) and turned into text only to be shown.
 */

/** A file name, one character per byte. */
export type RawName = string;

/** Writers' temporary names: such a file is left alone until it is renamed. */
const TEMPORARY = [
  /^\./, // hidden; also rsync's .name.XXXXXX
  /~$/, // editors' backups
  /\.(?:tmp|temp|part|partial|swp|new|lock)$/i,
  /\.tmp[.-][\w-]+$/i, // mktemp name.tmp.XXXXXX
  /^tmp[a-z0-9_]{8}$/, // Python's tempfile without a suffix
];

export function isTemporaryName(name: RawName): boolean {
  return TEMPORARY.some((pattern) => pattern.test(name));
}

/** Names that announce an intent; a file of any other name is taken only when nobody has written to it for a while. */
export function isIntentName(name: RawName): boolean {
  return /\.json$/i.test(name);
}

export function rawName(text: string): RawName {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** The name for people: UTF-8, with replacement characters where it is none. */
export function shownName(name: RawName): string {
  return Buffer.from(name, "latin1").toString("utf8");
}

/** The path of `name` in `folder`, to be given to the file system. */
export function pathOf(folder: string, name: RawName): string | Buffer {
  // eslint-disable-next-line no-control-regex -- ASCII names, nearly all, need no detour through bytes
  if (/^[\u0000-\u007f]*$/.test(name)) return `${folder}/${name}`;
  return Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name, "latin1")]);
}
