/** The bus's limits in the words of the documentation. A limit without words does not compile. */
import type { BusLimits } from "@kloros/bus";

export const LIMIT_DESCRIPTIONS: Readonly<Record<keyof BusLimits, string>> = {
  maxSignalBytes: "Largest signal, its envelope included.",
  maxSignalDepth: "Deepest nesting of a signal's JSON.",
  maxCommitSignals: "Signals in one group commit.",
  maxCommitBytes: "Bytes in one group commit.",
  maxFrameSignals: "Signals in one live frame; a larger commit is published in several.",
  maxPendingEmits: "Emits that wait for the disk; more are refused.",
  maxInboxSignals: "Signals of one name from one emitter held in memory; more stay in the emitter's journal.",
  maxInboxBytes: "The same in bytes.",
  maxFetchSignals: "Signals in one batch of a catch-up.",
  maxFetchBytes: "Bytes in one batch of a catch-up.",
  maxScanBytes: "Bytes of journal read for one batch before it is answered.",
  publishHighWaterMark:
    "Frames queued for one slow subscriber before live frames are dropped (and healed later).",
  maxPublishQueue: "Frames queued for publishing before live frames are dropped (and healed later).",
  heartbeatIdleMs: "Longest silence of an idle emitter.",
  heartbeatBusyMs: "Longest time between heartbeats while anything changes.",
  ledgerDeadlineMs: "Longest wait for an emitter's answer in a catch-up; then it is asked again.",
  floodFailures: "Identical failures within the flood window that pause a handler.",
  floodWindowMs: "The flood window.",
  floodPauseMs: "First pause of a handler after a flood; doubles each time.",
  floodPauseMaxMs: "Longest pause of a handler after a flood.",
  abortGraceMs: "How long a handler that ignores its abort signal holds its place after the deadline.",
  maxJournalBytes:
    "Size of a journal beyond which even unacknowledged signals are removed, oldest first, with an alert.",
  diskReserveBytes: "Free space below which emits are refused, so that the disk is never filled to the brim.",
  pruneIntervalMs: "How often old signals are removed from the journal.",
};
