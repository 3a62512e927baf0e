// Two sides measured in turns.
// Promises that each round measures both, that the side that begins changes from round to round, and that the first round is dropped.
// Must not run the two at the same time.
import type { Rounds } from './statistics';

/** `besides` runs once in each round; `counts` is false in the round that is dropped. */
export async function inTurns(
  rounds: number,
  sides: {
    subject: () => Promise<number>;
    reference: () => Promise<number>;
    besides?: (counts: boolean) => Promise<void>;
  },
): Promise<Rounds> {
  const subject: number[] = [];
  const reference: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const values = { subject: 0, reference: 0 };
    const order = round % 2 === 0 ? (['subject', 'reference'] as const) : (['reference', 'subject'] as const);
    for (const side of order) values[side] = await sides[side]();
    await sides.besides?.(round >= 0);
    if (round < 0) continue;
    subject.push(values.subject);
    reference.push(values.reference);
  }
  return { subject, reference };
}
