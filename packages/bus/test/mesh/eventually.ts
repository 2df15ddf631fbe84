/** Longest wait for something that must happen, in milliseconds; far above what two busy cores need. */
const DEADLINE_MS = 20_000;
const LOOK_AGAIN_MS = 5;

/** Waits until `holds` is true, or fails saying what it saw last. */
export async function eventually(
  holds: () => boolean | Promise<boolean>,
  describe: () => unknown = () => holds.toString(),
  deadlineMs = DEADLINE_MS,
): Promise<void> {
  const until = performance.now() + deadlineMs;
  while (!(await holds())) {
    if (performance.now() > until)
      throw new Error(`did not happen within ${String(deadlineMs)} ms: ${JSON.stringify(describe())}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}
