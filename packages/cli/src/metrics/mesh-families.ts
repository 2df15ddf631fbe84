/** Metrics that no daemon can tell of itself: whether it answers, and what lies in the home. docs/metrics.md shows them. */
import type { MetricFamily } from "@kloros/daemon";

function gauge(name: string, help: string, labels: readonly string[] = []): MetricFamily {
  return { name, type: "gauge", help, labels };
}

export const MESH_METRICS = {
  up: gauge("kloros_up", "1 when the daemon answered the scrape, else 0."),
  scrapeDuration: gauge(
    "kloros_scrape_duration_seconds",
    "How long the daemon took to answer, or was waited for.",
  ),
  leftOut: gauge(
    "kloros_scrape_left_out_lines",
    "Lines of the daemon's answer that were no samples of its own.",
  ),
  supervisorRestarts: {
    name: "kloros_supervisor_restarts_total",
    type: "counter",
    help: "Times that kloros up has started the daemon again; missing under systemd.",
    labels: [],
  },
  deadLetters: gauge(
    "kloros_dead_letters_unresolved",
    "Dead letters in the home that nobody has resolved; daemon is other for those of daemons that are not installed.",
  ),
  journalFile: gauge("kloros_journal_file_bytes", "Size of the daemon's journal file, which never shrinks."),
  diskFree: gauge("kloros_home_disk_free_bytes", "Bytes free on the disk of the home."),
  diskSize: gauge("kloros_home_disk_size_bytes", "Size of the disk of the home."),
  maintenance: gauge(
    "kloros_maintenance_mode",
    "1 while the file maintenance_mode lies in the home, else 0.",
  ),
} as const satisfies Readonly<Record<string, MetricFamily>>;
