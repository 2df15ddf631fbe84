/**
 * What the daemons of the evolution half share: the form of `dream.yaml`, search spaces, the files of cycles, winners and
 * versions, how artifacts are made, and how programs are measured. Libraries only; nothing here listens or emits.
 */
export type { ParamValue, Params, Condition, Dimension, SearchSpace } from "./search-space/search-space.ts";
export type {
  ArtifactSpec,
  Budget,
  Command,
  DreamFile,
  Evaluator,
  EvaluatorLimits,
  Experiment,
  Mutators,
  Selector,
} from "./dream-file/dream-file.ts";
export type { Candidate, CandidateResult, FailureKind, Origin } from "./cycle/candidate.ts";
export type { WinnerRecord } from "./cycle/winner-record.ts";
export { cyclePaths, tournamentName, winnerPath } from "./cycle/cycle-paths.ts";
export type { CyclePaths } from "./cycle/cycle-paths.ts";
export { deployedPaths } from "./deployed/deployed-paths.ts";
export type { DeployedPaths } from "./deployed/deployed-paths.ts";
export type { VersionRecord } from "./deployed/version-record.ts";
export { parsePromotion } from "./promotions/parse-promotion.ts";
export type { ParseOptions } from "./promotions/parse-promotion.ts";
export type { Promotion, PromotionReading, PromotionRefusal } from "./promotions/promotion.ts";
export { promotionKey } from "./promotions/promotion-key.ts";
export { MAX_PROMOTION_BYTES } from "./promotions/promotion-json.ts";
export { signedText } from "./promotions/promotion-signature.ts";
export { isAcknowledged, isAcknowledgementName, isPromotionName } from "./promotions/acknowledgement.ts";
export type { AcknowledgementNames } from "./promotions/acknowledgement.ts";
export { readCurrentLink } from "./deployed/current-link.ts";
export type { CurrentLink } from "./deployed/current-link.ts";
export { checkVersion, VERSION_FILE, versionIds } from "./deployed/version-folder.ts";
export type { VersionState } from "./deployed/version-folder.ts";
export { lastPlacing, olderHistory, readHistory, versionBefore } from "./deployed/deployment-history.ts";
export type { HistoryLine } from "./deployed/deployment-history.ts";
export { isActive } from "./search-space/is-active.ts";
export { canonicalParams } from "./search-space/canonical-params.ts";
export { paramsProblems } from "./search-space/params-problems.ts";
export {
  encodeCandidate,
  encodeResult,
  parseCandidate,
  parseCandidates,
  parseResult,
  parseResults,
} from "./cycle/candidate-lines.ts";
export { encodeCycle, parseCycle } from "./cycle/cycle-record.ts";
export type { CyclePromotion, CycleRecord } from "./cycle/cycle-record.ts";
export { encodeSummary, isCycleSummary, parseSummary } from "./cycle/cycle-summary.ts";
export type { CycleSummary, GenerationRow } from "./cycle/cycle-summary.ts";
export { encodeWinner, parseWinner } from "./cycle/parse-winner.ts";
export { dreamFilePath, readDreamFile } from "./dream-file/read-dream-file.ts";
export type { DreamFileReading } from "./dream-file/read-dream-file.ts";
export { parseDreamFile } from "./dream-file/parse-dream-file.ts";
export { DeployedVersionError, readCurrentVersion } from "./deployed/read-current-version.ts";
export {
  COMMAND_PLACEHOLDERS,
  fillCommand,
  PlaceholderMissingError,
  placeholderProblems,
} from "./placeholders.ts";
export type { CommandKind, PlaceholderName, Placeholders } from "./placeholders.ts";
export { shippedExperimentsFolder } from "./shipped-folder.ts";
export { fileNameProblem } from "./artifact/confine.ts";
export { fileSha256, treeSha256 } from "./artifact/hash.ts";
export { makeArtifact, paramsText } from "./artifact/make-artifact.ts";
export type { Artifact } from "./artifact/make-artifact.ts";
export type { ArtifactRequest } from "./artifact/artifact-request.ts";
export { measureOnce } from "./measure/measure-once.ts";
export type { Measurement, MeasureRequest } from "./measure/measure-once.ts";
export { better, compareFitness, median } from "./measure/compare-fitness.ts";
export type { Comparison, Direction } from "./measure/compare-fitness.ts";
export { endingSentence } from "./measure/ending.ts";
export { stderrTail } from "./measure/stderr-tail.ts";
export { deployedExperiments, readStanding } from "./deployed/read-standing.ts";
export type { Standing } from "./deployed/read-standing.ts";
