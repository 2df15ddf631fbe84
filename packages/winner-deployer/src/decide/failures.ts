/** Why a deployment ends without a new version in place. Pure. */

/** `error_type` → whether the same request may succeed later without a change to its input. */
export const FAILURES = {
  WinnerUnreadable: false,
  WinnerMismatch: false,
  ArtifactMismatch: false,
  CycleUnreadable: false,
  CurrentBroken: true,
  CurrentChanged: true,
  VersionDamaged: false,
  ValidationFailed: false,
  MeasurementFailed: true,
  WorseThanDeployed: false,
  ProbationFailed: false,
  RollbackIncomplete: false,
  Reverted: false,
  Superseded: false,
  Locked: true,
  DiskFull: true,
  FileTrouble: true,
  QueueFull: true,
  InternalError: true,
} as const satisfies Record<string, boolean>;

export type FailureType = keyof typeof FAILURES;

export interface Failure {
  readonly error_type: FailureType;
  readonly error_message: string;
}

/** What the operator of a command printed, kept beside the message for diagnosis. */
export interface FailedStep {
  readonly kind: "failed";
  readonly failure: Failure;
  /** Written to the cycle's folder; too long for a signal. */
  readonly diagnosis?: Readonly<Record<string, unknown>>;
}

export function failed(
  error_type: FailureType,
  error_message: string,
  diagnosis?: Readonly<Record<string, unknown>>,
): FailedStep {
  return {
    kind: "failed",
    failure: { error_type, error_message },
    ...(diagnosis === undefined ? {} : { diagnosis }),
  };
}
