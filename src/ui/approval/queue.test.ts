// The approval queue (R-C4): nothing moves under the pointer.
// Promises: one law over random lists besides the cases.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ShownCard } from '../../contract/pages/approvals';
import { afterDecision, afterMissed, emptyQueue, isSameRequest, next, place, withFate, withList } from './queue';

function card(id: string, change: Partial<ShownCard> = {}): ShownCard {
  const shown = { kind: 'connect' as const, capabilities: [], duration: null };
  return {
    id,
    digest: id,
    nonce: id,
    origin: 'https://app.example',
    createdAtMs: 0,
    expiresAtMs: 1,
    joined: 1,
    firstSeen: false,
    looksLike: null,
    given: [],
    names: [],
    shown,
    ...change,
  };
}

describe('approval queue', () => {
  test('R-C4 new requests do not replace the one on screen', () => {
    const queue = withList(withList(emptyQueue, [card('b')]), [card('a'), card('b'), card('c')]);
    expect(queue.shown?.id).toBe('b');
    expect(place(queue)).toEqual({ at: 2, of: 3 });
  });

  test('R-C4 a vanished request stays on screen, marked, until the person moves on', () => {
    const queue = withList(withList(emptyQueue, [card('a'), card('b')]), [card('b')]);
    expect(queue).toMatchObject({ isGone: true, shown: { id: 'a' } });
    expect(next(queue)).toMatchObject({ isGone: false, shown: { id: 'b' } });
  });

  test('R-C4 after a decision the next one comes, and a late list cannot bring the old one back', () => {
    const queue = afterDecision(withList(emptyQueue, [card('a'), card('b')]), ['a']);
    expect(queue.shown?.id).toBe('b');
    expect(withList(queue, [card('a'), card('b')]).waiting.map(({ id }) => id)).toEqual(['b']);
    expect(afterDecision(queue, ['b']).shown).toBeUndefined();
    expect(afterDecision(withList(emptyQueue, [card('a'), card('b'), card('c')]), ['a', 'b']).shown?.id).toBe('c');
  });

  test('an answer to a request that is over leads to the next one, and says so until the next answer', () => {
    const queue = afterMissed(withList(emptyQueue, [card('a'), card('b')]), [card('b')], 'withdrawn', 'approve');
    expect(queue).toMatchObject({ missed: 'over', isGone: false, shown: { id: 'b' } });
    expect(withList(queue ?? emptyQueue, [card('b')])).toMatchObject({ missed: 'over' });
    expect(afterDecision(queue ?? emptyQueue, ['b']).missed).toBeUndefined();
    expect(afterMissed(withList(emptyQueue, [card('a')]), [], 'expired', 'approve')).toMatchObject({
      missed: 'over',
      shown: undefined,
    });
  });

  test('an answer to a request that has changed leaves it there as it is now; one to what waits unchanged is another matter', () => {
    const shown = withList(emptyQueue, [card('a'), card('b')]);
    expect(afterMissed(shown, [card('a', { nonce: 'x' }), card('b')], 'waiting', 'approve')).toMatchObject({
      missed: 'changed',
      shown: { id: 'a', nonce: 'x' },
    });
    expect(afterMissed(shown, [card('a'), card('b')], 'waiting', 'approve')).toBeUndefined();
  });

  test("a card that an approval of the person's answered is left for the next one, also for one that comes later", () => {
    const gone = withList(withList(emptyQueue, [card('a'), card('b')]), [card('b')]);
    expect(withFate(gone, 'a', 'done')).toMatchObject({
      shown: { id: 'b' },
      isGone: false,
      fate: undefined,
      missed: 'answered',
    });
    const last = withFate(withList(withList(emptyQueue, [card('a')]), []), 'a', 'done');
    expect(last).toMatchObject({ shown: { id: 'a' }, isGone: true, fate: 'done', missed: undefined });
    expect(withList(last, [card('c')])).toMatchObject({
      shown: { id: 'c' },
      isGone: false,
      fate: undefined,
      missed: 'answered',
    });
  });

  test('R-C4 what went away otherwise stays on screen with what became of it; what is told of another card changes nothing', () => {
    const gone = withList(withList(emptyQueue, [card('a'), card('b')]), [card('b')]);
    for (const fate of ['rejected', 'expired', 'interrupted', 'withdrawn', 'unknown'] as const) {
      expect(withFate(gone, 'a', fate)).toMatchObject({ shown: { id: 'a' }, isGone: true, fate });
      expect(withList(withFate(gone, 'a', fate), [card('b'), card('c')])).toMatchObject({
        shown: { id: 'a' },
        isGone: true,
        fate,
      });
    }
    expect(withFate(gone, 'b', 'done')).toBe(gone);
    const waiting = withList(emptyQueue, [card('a')]);
    expect(withFate(waiting, 'a', 'done')).toBe(waiting);
  });

  test('an answer that counted although it was refused, because its receipt was lost, is not told as missed', () => {
    const shown = withList(emptyQueue, [card('a'), card('b')]);
    expect(afterMissed(shown, [card('b')], 'rejected', 'reject')).toMatchObject({
      shown: { id: 'b' },
      missed: undefined,
    });
    expect(afterMissed(shown, [card('b')], 'done', 'approve')).toMatchObject({
      shown: { id: 'b' },
      missed: 'answered',
    });
    expect(afterMissed(shown, [card('b')], 'done', 'reject')).toMatchObject({ shown: { id: 'b' }, missed: 'over' });
    expect(afterMissed(shown, [card('b')], 'rejected', 'approve')).toMatchObject({
      shown: { id: 'b' },
      missed: 'over',
    });
  });

  test('a change of digest, nonce or origin is another request', () => {
    expect(isSameRequest(card('a'), card('a', { joined: 7 }))).toBe(true);
    for (const change of [{ digest: 'x' }, { nonce: 'x' }, { origin: 'https://b.example' }])
      expect(isSameRequest(card('a'), card('a', change))).toBe(false);
  });

  test('R-C4 law: no sequence of lists changes which request is shown', () => {
    const ids = fc.uniqueArray(fc.constantFrom(...'abcdef'), { maxLength: 6 });
    fc.assert(
      fc.property(ids, fc.array(ids, { maxLength: 8 }), (first, lists) => {
        let queue = withList(
          emptyQueue,
          first.map((id) => card(id)),
        );
        const shown = queue.shown?.id;
        fc.pre(shown !== undefined);
        for (const list of lists) {
          queue = withList(
            queue,
            list.map((id) => card(id)),
          );
          expect(queue.shown?.id).toBe(shown);
          expect(queue.isGone).toBe(!list.includes(shown ?? ''));
        }
      }),
    );
  });
});
