/**
 * Ctrl-C, SIGTERM and SIGHUP as a person means them. `npm start` passes on the Ctrl-C that the terminal has sent
 * already: two of the same within `ECHO_MS` are one.
 */

const ECHO_MS = 400;
const STOPPING = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Calls `onStop` for each word to stop; returns how to end listening. */
export function listenForStop(onStop: () => void): () => void {
  let lastAt = Number.NEGATIVE_INFINITY;
  const onSignal = (): void => {
    const now = performance.now();
    const echo = now - lastAt < ECHO_MS;
    lastAt = now;
    if (!echo) onStop();
  };
  for (const signal of STOPPING) process.on(signal, onSignal);
  return () => {
    for (const signal of STOPPING) process.off(signal, onSignal);
  };
}
