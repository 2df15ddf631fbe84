/** Where a value lies on the unit interval, and back. */

export interface Scale {
  valueAt(place: number): number;
  placeOf(value: number): number;
}

export function linearScale(min: number, max: number): Scale {
  if (min === max) return { valueAt: () => min, placeOf: () => 0.5 };
  // Weighted ends and halves: the widest range has a width that is no number.
  return {
    valueAt: (place) => min * (1 - place) + max * place,
    placeOf: (value) => (value / 2 - min / 2) / (max / 2 - min / 2),
  };
}

/** `min` is above 0. */
export function logScale(min: number, max: number): Scale {
  const exponent = linearScale(Math.log(min), Math.log(max));
  return {
    valueAt: (place) => Math.exp(exponent.valueAt(place)),
    placeOf: (value) => exponent.placeOf(Math.log(value)),
  };
}
