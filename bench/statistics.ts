// Medians and ratios of interleaved rounds.
// Promises that rounds stay paired: a ratio compares what was measured within seconds of each other, on a machine in one state.
// Must not average: one interrupted round would move it.

/** What one figure's rounds come to. Values are in the figure's unit; the ratios are subject by reference. */
export interface Summary {
  median: number;
  min: number;
  max: number;
  referenceMedian: number;
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

/** Paired rounds. `baseline`: what both sides contain and neither is charged for; taken off within each round. */
export interface Rounds {
  subject: number[];
  reference: number[];
  baseline?: number[];
}

/** Sums up paired rounds. Throws when there is none, or when the numbers of rounds differ. */
export function summarize({ subject, reference, baseline = subject.map(() => 0) }: Rounds): Summary {
  if (subject.length !== reference.length || subject.length !== baseline.length)
    throw new Error('rounds are not paired');
  const less = (values: readonly number[]) => values.map((value, at) => value - baseline[at]!);
  const [own, other] = [less(subject), less(reference)];
  // Of differences, the least is the noisiest: the fastest rounds are compared before the baseline's fastest is taken off.
  const fastest = (values: readonly number[]) => Math.min(...values) - Math.min(...baseline);
  return {
    median: median(own),
    min: Math.min(...own),
    max: Math.max(...own),
    referenceMedian: median(other),
    ratio: median(own.map((value, at) => value / other[at]!)),
    ratioOfMins: fastest(subject) / fastest(reference),
  };
}
