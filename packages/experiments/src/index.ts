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
