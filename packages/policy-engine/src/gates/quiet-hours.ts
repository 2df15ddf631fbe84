/**
 * Times of the day at which nothing is begun. Windows are local times of a timezone, so that they follow summer time: the hour
 * that is skipped in spring is in no window, the one that comes twice in autumn is both times. Pure.
 */

export interface QuietHours {
  /** Minutes of the day; `from` after `to` goes over midnight. */
  readonly windows: readonly { readonly from: number; readonly to: number }[];
  /** IANA name. */
  readonly timezone: string;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
/** Windows that follow each other closely can be quiet for a whole day; looked ahead so far. */
const LOOK_AHEAD_MINUTES = 2 * DAY_MINUTES;

/** `22:00-06:00`; null when it is no such window. `24:00` is the end of the day. */
export function parseWindow(text: string): { from: number; to: number } | null {
  const match = /^([01]\d|2[0-3]):([0-5]\d)\s*-\s*(?:([01]\d|2[0-3]):([0-5]\d)|(24):00)$/.exec(text);
  if (match === null) return null;
  const minutes = (hours: string | undefined, rest: string | undefined): number =>
    Number(hours ?? 0) * 60 + Number(rest ?? 0);
  const from = minutes(match[1], match[2]);
  const to = match[5] === undefined ? minutes(match[3], match[4]) : DAY_MINUTES;
  return from === to ? null : { from, to };
}

export function isTimezone(name: string): boolean {
  try {
    minuteOfDay(name);
    return true;
  } catch {
    return false; // What Intl says of a name that it does not know.
  }
}

/** How long it stays quiet, in milliseconds; 0: it is not quiet now. */
export function quietForMs({ windows, timezone }: QuietHours, now: Date): number {
  const minuteAt = minuteOfDay(timezone);
  const isQuiet = (at: number): boolean => {
    const minute = minuteAt(new Date(at));
    return windows.some(({ from, to }) =>
      from < to ? minute >= from && minute < to : minute >= from || minute < to,
    );
  };
  const start = now.getTime();
  if (!isQuiet(start)) return 0;
  const nextMinute = start - (start % MINUTE_MS) + MINUTE_MS;
  for (let ahead = 0; ahead < LOOK_AHEAD_MINUTES; ahead++) {
    const at = nextMinute + ahead * MINUTE_MS;
    if (!isQuiet(at)) return at - start;
  }
  return LOOK_AHEAD_MINUTES * MINUTE_MS;
}

function minuteOfDay(timezone: string): (at: Date) => number {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: timezone,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  return (at) => {
    const [hours = 0, minutes = 0] = format.format(at).split(":").map(Number);
    return hours * 60 + minutes;
  };
}
