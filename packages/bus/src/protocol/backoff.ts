/** Exponential backoff with full jitter: from nothing up to `base * 2^(attempt-1)`, bounded. */
export interface BackoffPolicy {
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
}

/** `attempt` is the one that just failed, 1 for the first. `random` is in [0, 1). At least half the full delay, so that a retry is never at once. */
export function backoffDelayMs(attempt: number, policy: BackoffPolicy, random: number): number {
  const full = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** Math.min(attempt - 1, MAX_DOUBLINGS));
  return Math.round(full / 2 + (full / 2) * random);
}

/** 2^30 times any base is beyond every sensible maximum; stops the power from overflowing. */
const MAX_DOUBLINGS = 30;
