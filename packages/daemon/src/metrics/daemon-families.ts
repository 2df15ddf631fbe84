/** Every metric of one daemon: the only place where names are given. docs/metrics.md is generated from this table. */
import type { MetricFamily } from "./family.ts";

const SIGNAL = ["signal"];

function counter(name: string, help: string, labels: readonly string[] = []): MetricFamily {
  return { name, type: "counter", help, labels };
}
function gauge(name: string, help: string, labels: readonly string[] = []): MetricFamily {
  return { name, type: "gauge", help, labels };
}
function histogram(name: string, help: string, labels: readonly string[] = []): MetricFamily {
  return { name, type: "histogram", help, labels };
}

export const DAEMON_METRICS = {
  buildInfo: gauge("kloros_build_info", "Always 1; the labels say what runs.", ["version", "node_version"]),
  ready: gauge("kloros_daemon_ready", "1 when the daemon is ready and makes progress, else 0."),
  stuck: gauge("kloros_daemon_stuck", "1 when the daemon finds that it makes no progress, else 0."),
  startsLastDay: gauge(
    "kloros_starts_last_day",
    "Starts of the daemon in the last 24 hours, this one included.",
  ),
  uncleanStartsLastDay: gauge(
    "kloros_unclean_starts_last_day",
    "Starts of the last 24 hours that followed a crash or a kill.",
  ),
  emitted: counter(
    "kloros_signals_emitted_total",
    "Signals emitted: on disk, or published when they are telemetry.",
    SIGNAL,
  ),
  received: counter(
    "kloros_signals_received_total",
    "Signals given to a handler, retries not counted.",
    SIGNAL,
  ),
  handled: counter("kloros_signals_handled_total", "Signals whose handling is on disk.", SIGNAL),
  retried: counter(
    "kloros_signals_retried_total",
    "Attempts of a handler that failed and were followed by another.",
    SIGNAL,
  ),
  deadLettered: counter(
    "kloros_signals_dead_lettered_total",
    "Dead letters written; signal is other for what was no signal, such as an intent file.",
    SIGNAL,
  ),
  handlerDuration: histogram(
    "kloros_handler_duration_seconds",
    "How long one attempt of a handler took, whatever its outcome.",
    SIGNAL,
  ),
  latency: histogram(
    "kloros_signal_latency_seconds",
    "From the emission of a signal until its handling was on disk, by the wall clock.",
    SIGNAL,
  ),
  commitDuration: histogram(
    "kloros_journal_commit_duration_seconds",
    "How long one group commit of the journal took, sync included.",
  ),
  committedBytes: counter("kloros_journal_committed_bytes_total", "Bytes of signals written to the journal."),
  journalSize: gauge("kloros_journal_size_bytes", "Live data in the journal; retention makes it smaller."),
  journalLimit: gauge(
    "kloros_journal_limit_bytes",
    "Size of the journal beyond which signals are removed although a consumer still owes them.",
  ),
  inbox: gauge("kloros_inbox_signals", "Signals in memory that wait for their handler."),
  inFlight: gauge("kloros_in_flight_handlers", "Handlers that run."),
  lag: gauge("kloros_lag_signals", "Signals that are known to exist at emitters and are not finished here."),
  oldestHandler: gauge(
    "kloros_oldest_handler_seconds",
    "Age of the oldest running attempt; 0 when none runs.",
  ),
  hung: gauge(
    "kloros_hung_handlers",
    "Signals whose handler was given up past its deadline, and still runs.",
  ),
  journalWrite: gauge(
    "kloros_journal_write_age_seconds",
    "Age of the write to the journal that is in flight; 0 when none is.",
  ),
  paused: gauge("kloros_handler_paused", "1 while a handler is paused, by a flood of failures or by hand.", [
    "signal",
    "by",
  ]),
  gapsHealed: counter("kloros_gaps_healed_total", "Gaps in what came live that were filled from a journal."),
  droppedFrames: counter(
    "kloros_dropped_frames_total",
    "Live frames that were dropped, sent or received; the journal has what was in them.",
  ),
  loopDelayP50: gauge(
    "kloros_event_loop_delay_p50_seconds",
    "Median delay of the event loop in the worst 20 seconds of the last minute.",
  ),
  loopDelayP99: gauge(
    "kloros_event_loop_delay_p99_seconds",
    "Delay of the event loop that 99 of 100 looks stayed below in the worst 20 seconds of the last minute.",
  ),
  loopDelayMax: gauge(
    "kloros_event_loop_delay_max_seconds",
    "Longest delay of the event loop in the last minute.",
  ),
  cpu: counter("kloros_process_cpu_seconds_total", "Processor time of the process, user and system."),
  residentMemory: gauge("kloros_process_resident_memory_bytes", "Memory of the process that is in RAM."),
  heapUsed: gauge("kloros_process_heap_used_bytes", "JavaScript heap in use."),
  openFds: gauge("kloros_process_open_fds", "Open file descriptors."),
  maxFds: gauge("kloros_process_max_fds", "Most file descriptors that the process may open."),
  startTime: gauge("kloros_process_start_time_seconds", "When the process started, in Unix time."),
  controlConnections: gauge("kloros_control_connections", "Clients connected to the control socket."),
  controlRequests: counter("kloros_control_requests_total", "Requests on the control socket."),
  controlErrors: counter(
    "kloros_control_errors_total",
    "Requests on the control socket answered with an error.",
  ),
} as const satisfies Readonly<Record<string, MetricFamily>>;

export type DaemonMetric = keyof typeof DAEMON_METRICS;
