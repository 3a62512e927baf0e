// A node's answer to the question for a log: the one inbox, in order, bounded; everything else is refused whole (protocol l.5).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encoded, identityMessages, long } from '../../../demo/node-v3/messages';
import { ProtocolError } from '../base/errors';
import { reasonOf } from '../testkit/refusal.testkit';
import { decodeLogAnswer, encodeLogQuestion, mostUpdates } from './log-answer';

const inboxId = '1f'.repeat(32);
const update = { inboxId, clientTimestampNs: long(5n), actions: [] };
const logged = (...ids: number[]) =>
  ids.map((id) => ({ sequenceId: long(BigInt(id)), serverTimestampNs: long(9n), update }));
const answerOf = (...responses: { inboxId: string; updates: ReturnType<typeof logged> }[]) =>
  encoded(identityMessages.GetIdentityUpdatesResponse, { responses });
const judge = (answer: Uint8Array, after = 0n) => reasonOf(() => decodeLogAnswer(answer, inboxId, after));

describe('the question for a log', () => {
  it('is what XMTP’s own package writes', () => {
    const request = { requests: [{ inboxId, sequenceId: long(2n ** 63n) }] };
    expect(encodeLogQuestion(inboxId, 2n ** 63n)).toEqual(
      Uint8Array.from(encoded(identityMessages.GetIdentityUpdatesRequest, request)),
    );
  });
});

describe('an answer', () => {
  it('gives every update as bytes, in order', () => {
    const ids = decodeLogAnswer(answerOf({ inboxId, updates: logged(3, 4, 900) }), inboxId, 2n);
    expect(ids.map(({ sequenceId }) => sequenceId)).toEqual([3n, 4n, 900n]);
    expect(decodeLogAnswer(answerOf({ inboxId, updates: [] }), inboxId, 0n)).toEqual([]);
  });

  it('R-I6 of another inbox, of none, of two, or not in order is refused', () => {
    const good = { inboxId, updates: logged(3, 4) };
    expect(judge(answerOf(good))).toBe('accepted');
    for (const wrong of [
      answerOf(),
      answerOf({ ...good, inboxId: '2f'.repeat(32) }),
      answerOf({ ...good, inboxId: '' }),
      answerOf({ ...good, inboxId: inboxId.toUpperCase() }),
      answerOf(good, good),
      answerOf(good, { inboxId: '2f'.repeat(32), updates: [] }),
      answerOf({ inboxId, updates: logged(4, 3) }),
      answerOf({ inboxId, updates: logged(3, 3) }),
      answerOf({ inboxId, updates: logged(0) }),
      answerOf({ inboxId, updates: logged(...Array.from({ length: mostUpdates + 1 }, (_, at) => at + 1)) }),
    ])
      expect(judge(wrong)).toBe('bad-identity-update');
    // What was asked for before, sent again.
    expect(judge(answerOf(good), 3n)).toBe('bad-identity-update');
  });

  it('R-I6 law: any bytes are refused with a reason, or are an answer in order', () => {
    const answer = Uint8Array.from(answerOf({ inboxId, updates: logged(3, 4) }));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          fc
            .nat(answer.length * 8 - 1)
            .map((bit) => answer.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))),
          fc.nat(answer.length - 1).map((length) => answer.slice(0, length)),
        ),
        (bytes) => {
          try {
            const ids = decodeLogAnswer(bytes, inboxId, 0n).map(({ sequenceId }) => sequenceId);
            ids.forEach((id, at) => expect(id > (ids[at - 1] ?? 0n)).toBe(true));
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
