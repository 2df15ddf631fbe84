/** Each way to fail fails in its own way, under limits as the default dream.yaml sets them. */
import { expect, test } from "vitest";
import { measure } from "./run-program.ts";

const LIMITS = { timeout_s: 40, cpu_s: 3, memory_bytes: 256 * 1024 ** 2, output_bytes: 65_536 };
/** Only one way wants time; the others want the machine to be as slow as it likes. */
const SHORT = { ...LIMITS, timeout_s: 3 };

test.each([
  ["exits_with_3", "NonZeroExit"],
  ["kills_itself", "Signalled"],
  ["says_nothing", "NoResult"],
  ["prints_garbage", "InvalidResult"],
  ["prints_nan", "NotFinite"],
  ["prints_infinity", "NotFinite"],
  ["prints_for_ever", "OutputLimit"],
  ["hangs", "Timeout"],
  ["spins", "CpuLimit"],
  ["eats_memory", "MemoryLimit"],
  ["leaves_a_child", "NonZeroExit"],
])("%s ends as %s", async (way, type) => {
  expect(
    await measure(["meant-to-fail/evaluate.js"], { way }, way === "hangs" ? SHORT : LIMITS),
  ).toMatchObject({
    kind: "failed",
    type,
  });
});
