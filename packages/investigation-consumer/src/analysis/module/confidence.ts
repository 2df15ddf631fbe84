/**
 * How sure we are that this is a module worth registering: a number from 0 to 1, by a formula that README repeats.
 * No model is asked; each part can be read off the record.
 */
export interface ConfidenceEvidence {
  readonly sourceFiles: number;
  /** Source files read and parsed without an error. */
  readonly cleanFiles: number;
  /** Functions and classes, tests left out. */
  readonly definitions: number;
  readonly capabilities: number;
  readonly hasDoc: boolean;
  readonly hasTests: boolean;
  readonly hasImporters: boolean;
  /** `__init__.py`, `package.json`, an index file, or a single-file module. */
  readonly hasFrontDoor: boolean;
  /** Share of the source files that were within the limits, 0 to 1. */
  readonly examinedShare: number;
}

/** Definitions from which on the module counts as substantial. */
const SUBSTANTIAL_DEFINITIONS = 3;

/** Rounded to two digits. Nothing parsed cleanly and nothing defined is 0. */
export function confidenceOf(evidence: ConfidenceEvidence): number {
  if (evidence.sourceFiles === 0 || (evidence.cleanFiles === 0 && evidence.definitions === 0)) return 0;
  const share = evidence.cleanFiles / evidence.sourceFiles;
  const substance = Math.min(1, evidence.definitions / SUBSTANTIAL_DEFINITIONS);
  const sum =
    0.2 +
    0.3 * share +
    0.15 * substance +
    0.1 * Number(evidence.capabilities > 0) +
    0.1 * Number(evidence.hasFrontDoor) +
    0.05 * Number(evidence.hasDoc) +
    0.05 * Number(evidence.hasTests) +
    0.05 * Number(evidence.hasImporters);
  return Math.round(sum * clampShare(evidence.examinedShare) * 100) / 100;
}

function clampShare(share: number): number {
  return Math.min(1, Math.max(0, share));
}
