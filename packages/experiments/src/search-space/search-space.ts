/** What may be varied in an experiment. Parameters keep the order of the file: it is the order in which they are drawn. */

/** A value of a parameter, as it goes to the evaluator. */
export type ParamValue = number | string | boolean;

/** One point of a search space. Parameters whose `when` does not hold are absent. */
export type Params = Readonly<Record<string, ParamValue>>;

/** Active only while another parameter, declared before it, has one of these values. */
export interface Condition {
  readonly param: string;
  readonly values: readonly ParamValue[];
}

export type Dimension =
  | { readonly type: "choice"; readonly values: readonly ParamValue[]; readonly when: Condition | null }
  | { readonly type: "bool"; readonly when: Condition | null }
  | {
      readonly type: "int" | "real";
      /** Both ends belong to the range. */
      readonly min: number;
      readonly max: number;
      /** Drawn and mutated on a logarithmic scale; `min` is then above 0. */
      readonly log: boolean;
      readonly when: Condition | null;
    };

export type SearchSpace = ReadonlyMap<string, Dimension>;
