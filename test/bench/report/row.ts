/** One line of the result: a figure, and where the project has promised one, the target and whether it is met. */

export interface Row {
  /** `<bench>.<what>`; stable, so that runs can be compared by it. */
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target?: Target;
  /** How it was measured, when the name does not say it. */
  readonly detail?: string;
}

export interface Target {
  readonly relation: ">=" | "<=";
  readonly value: number;
}

export function isMet(value: number, target: Target): boolean {
  return target.relation === ">=" ? value >= target.value : value <= target.value;
}

export const atLeast = (value: number): Target => ({ relation: ">=", value });
export const atMost = (value: number): Target => ({ relation: "<=", value });
