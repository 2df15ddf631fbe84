export type * from "./node/api.ts";
export type { Envelope, Facts, Priority, SignalName } from "./signal/envelope.ts";
export { PRIORITIES } from "./signal/envelope.ts";
export type {
  Contract,
  Contracts,
  DaemonInfo,
  Expectation,
  FactsProblem,
  SignalKind,
} from "./signal/contract.ts";
export {
  ContractFileError,
  ContractViolationError,
  EmitRightError,
  IdReusedError,
  KlorosError,
  SignalTooLargeError,
  UnknownSignalError,
} from "./signal/errors.ts";
export type { ContractFileProblem } from "./signal/errors.ts";
export { loadContracts } from "./signal/load-contracts.ts";
export type { LoadContractsOptions } from "./signal/load-contracts.ts";
export { ENVELOPE_LIMITS, parseEnvelope } from "./signal/parse-envelope.ts";
export type { EnvelopeLimits, EnvelopeProblem, ParsedEnvelope } from "./signal/parse-envelope.ts";
export { serializeEnvelope } from "./signal/serialize-envelope.ts";
export { toCloudEvent } from "./signal/cloud-event.ts";
export type { CloudEvent } from "./signal/cloud-event.ts";
export { inputProblems } from "./signal/signal-input.ts";
export { TIMEOUT_FACTS } from "./signal/timeout-facts.ts";
export type { TimeoutFact } from "./signal/timeout-facts.ts";
export { valueAt } from "./signal/json-pointer.ts";
export { lintContracts } from "./signal/lint-contracts.ts";
export type { LintFinding, LintRule } from "./signal/lint-finding.ts";
export { createIdGenerator, idTimeMs, traceparentOf } from "./signal/id-generator.ts";
export type { IdGeneratorOptions } from "./signal/id-generator.ts";
export { canonicalJson, sameContent } from "./signal/canonical.ts";
export { isSignalName, isTimestamp, MAX_JSON_DEPTH, MAX_SIGNAL_BYTES } from "./signal/envelope-fields.ts";
export { isDeeperThan } from "./signal/json-depth.ts";
export type { SignalFacts } from "./signal/generated/facts.ts";
export { acquireFileLock, lockHolder, waitForFileLock } from "./files/file-lock.ts";
export type { FileLock, LockHolder, LockResult } from "./files/file-lock.ts";
export { removeStaleTempFiles, syncDirectory, writeFileAtomic } from "./files/write-file-atomic.ts";
export {
  appendLineDurable,
  DurableAppender,
  lockFileInPlace,
  MAX_LINE_BYTES,
} from "./files/durable-appender.ts";
export type { Appended, AppenderOptions } from "./files/durable-appender.ts";
export { readJsonLines } from "./files/read-json-lines.ts";
export type { JsonLine, ReadJsonLinesOptions, SkippedLine } from "./files/read-json-lines.ts";
export { isInside } from "./files/inside.ts";
export { ensureHome, HOME_FOLDERS } from "./files/ensure-home.ts";
export {
  AppendQueueFullError,
  FileError,
  FileLockTimeoutError,
  HomeNotPrivateError,
  isDiskFull,
  LineInvalidError,
} from "./files/errors.ts";
export { openNode } from "./node/open-node.ts";
export type {
  BusLog,
  EmittedSignal,
  HandledSignal,
  JournalCommit,
  LetteredSignal,
  NodeHooks,
  NodeOptions,
} from "./node/node-options.ts";
export type { Unfinished } from "./node/unfinished.ts";
export { NotHandledError } from "./node/errors.ts";
export { readDeadLetters } from "./node/dead-letter-office.ts";
export type { DeadLetterListing } from "./node/dead-letter-office.ts";
export type { DeadLetter, LetterInput } from "./node/dead-letter.ts";
export { uuidFrom } from "./node/dead-letter.ts";
export { salvageJournal } from "./journal/salvage.ts";
export type { Salvaged } from "./journal/salvage.ts";
export { DEFAULT_LIMITS } from "./protocol/limits.ts";
export type { BusLimits } from "./protocol/limits.ts";
export { meshTransport } from "./transport/mesh-transport.ts";
export type { MeshTransportOptions, TransportSettings } from "./transport/mesh-transport.ts";
export { tcpAddresses, portsOf } from "./transport/addresses.ts";
export type { Addresses, Ports } from "./transport/addresses.ts";
export type { Transport } from "./transport/transport.ts";
export {
  AddressError,
  KeyFileError,
  KeyRefusedError,
  KeysMissingError,
  TransportRefusedError,
} from "./transport/errors.ts";
export { addKey, COMMAND_IDENTITY, initKeys, revokeKey, rotateKey } from "./transport/keys/key-store.ts";
export type { AddedKey, InitializedKeys } from "./transport/keys/key-store.ts";
export { keysFolder, readKeys, readSecret } from "./transport/keys/key-files.ts";
export type { AllowedKey, KeyKind, Keys, RevokedKey, SecretKey } from "./transport/keys/key-files.ts";
export { fingerprintOf } from "./transport/keys/z85.ts";
export { openTap } from "./node/tap.ts";
export type { Tap, TapOptions } from "./node/tap.ts";
export { inspectHome } from "./node/inspect-home.ts";
export type { HomeInspection } from "./node/inspect-home.ts";
export type { JournalView, SearchOptions } from "./node/journal-view.ts";
export { auditHome } from "./node/audit-home.ts";
export type { Audit, AuditRow } from "./node/audit-home.ts";
