// Which deaths are tried at each step of a flow: all of them in campaign `kills-in-memory`, in `npm test` some, in turn.
// Promises: every step is died at in at least one way. Must not: draw anything.

/** Each step with the ways to die there: every `step`-th, and at each label one further on, so that neighbours die differently. */
export function deathsAt<T extends string>(
  labels: readonly string[],
  ways: readonly T[],
  step: number,
): [label: string, ways: T[]][] {
  return labels.map((label, at) => [label, ways.filter((_, way) => (way + at) % Math.min(step, ways.length) === 0)]);
}
