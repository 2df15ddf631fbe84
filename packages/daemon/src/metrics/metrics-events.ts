/** `system:metrics`: the daemon's figures for Prometheus. */
import type { DaemonMetrics } from "./daemon-metrics.ts";

export function metricsEvents(metrics: Pick<DaemonMetrics, "text">) {
  return {
    "system:metrics": {
      summary:
        "Metrics of this daemon in the text format of Prometheus (0.0.4); `kloros metrics` asks all daemons.",
      parameters: { properties: {} },
      examples: [{}],
      answer: () => ({ text: metrics.text() }),
    },
  };
}
