// Medians and ratios of interleaved rounds.
// Promises that rounds stay paired: a ratio compares what was measured within seconds of each other, on a machine in one state.
// Must not average: one interrupted round would move it.

/** What one figure's rounds come to. Values are in the figure's unit; the ratios are subject by reference. */
export interface Summary {
  median: number;
  min: number;
  max: number;
  referenceMedian: number;
  referenceMin: number;
  /** Median of the rounds' own ratios. */
  ratio: number;
  /** Fastest round by fastest round: what is left when the machine interrupts neither. */
  ratioOfMins: number;
}

/** The value at `share` (0 to 1) of the sorted values, interpolated. Throws when there is none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)];
  const high = sorted[Math.ceil(at)];
  if (low === undefined || high === undefined) throw new Error('no values');
  return low + (high - low) * (at - Math.floor(at));
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Sums up paired rounds. Throws when there is none, or when the numbers of rounds differ. */
export function summarize(subject: readonly number[], reference: readonly number[]): Summary {
  if (subject.length !== reference.length) throw new Error('rounds are not paired');
  return {
    median: median(subject),
    min: Math.min(...subject),
    max: Math.max(...subject),
    referenceMedian: median(reference),
    referenceMin: Math.min(...reference),
    ratio: median(subject.map((value, at) => value / reference[at]!)),
    ratioOfMins: Math.min(...subject) / Math.min(...reference),
  };
}
