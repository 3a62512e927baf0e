// What is stored is damaged in every way a disk damages: any single bit, any length it is cut to, several bytes at once, and pieces of another time,
// safe or record in the place of the right ones (R-D2, R-H2, R-H4).
// Promises: after each of them the identity is whole, or is called damaged; never empty, never a new one.
import { beforeAll, describe, expect, test } from 'vitest';
import { eachCase, seedOf, sizeOf } from '../../scripts/campaign/size';
import { bytesToBase64 } from '../protocol/base/bytes';
import { asBytes, lengthPrefixed, type Bytes } from './store/encoding';
import { expectDamaged, expectRepaired, lockedWorld, type LockedWorld } from './testkit/damage.testkit';
import { oraclesOf, type Oracles } from './testkit/oracles.testkit';
import { enrolledBrowser, unlockWithWallet } from './testkit/vault.testkit';

type Part = 'header' | 'record' | 'mirror';
const parts: readonly Part[] = ['header', 'record', 'mirror'];

let one: LockedWorld;
let oracles: Oracles;
beforeAll(async () => {
  one = await lockedWorld();
  oracles = oraclesOf(one.world, [one.world]);
});

/** Numbers from 0 up to 1, the same for the same seed. */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** As many of a list as the campaign has, spread over all of it. */
function* spread<T>(count: number, most: number, at: (index: number) => T): Generator<T> {
  const step = Math.max(1, count / most);
  for (let index = 0; index < count; index += step) yield at(Math.floor(index));
}

const put = (part: Part, bytes: Bytes) =>
  part === 'mirror' ? void one.put.mirror(bytesToBase64(bytes)) : one.put[part](bytes);

/** Whether both stores are as they were. */
async function isWhole(): Promise<boolean> {
  return await expectRepaired(one, '').then(
    () => true,
    () => false,
  );
}

/**
 * One part is as given, the rest as it was: that is repaired, and nothing else has changed. Where the database has lost bytes that could have been
 * newer than the mirror's, it is repaired when the person opens it, and is locked until then.
 */
async function partHolds(part: Part, bytes: Bytes, how: string): Promise<void> {
  await put(part, bytes);
  if (!(await isWhole())) {
    const vault = one.world.startWorker();
    expect([part, how, (await vault.state()).identities.map(({ status }) => status)]).toEqual([part, how, ['locked']]);
    await unlockWithWallet(vault, one.world.safeId, one.world.wallet);
    await vault.lock();
  }
  await expectRepaired(one, `${part} ${how}`);
  await oracles.nothingNew(one.world.startWorker());
  await oracles.nothingLost(one.world.startWorker());
}

describe('R-H2 one copy is damaged', () => {
  test('R-H2 by any single bit', async () => {
    const bits = parts.flatMap((part) =>
      Array.from({ length: one.stored[part].length * 8 }, (_, bit) => [part, bit] as const),
    );
    const cases = spread(bits.length, sizeOf('corruption', 'bits'), (at) => bits[at]!);
    const count = await eachCase('corruption', 'bits', cases, async function bitHolds([part, bit]) {
      const bytes = one.stored[part].slice();
      bytes[bit >> 3] = bytes[bit >> 3]! ^ (1 << (bit & 7));
      await partHolds(part, bytes, `bit ${bit}`);
    });
    expect(count).toBeGreaterThan(0);
  });

  test('R-H2 by being cut to any length', async () => {
    const lengths = parts.flatMap((part) =>
      Array.from({ length: one.stored[part].length }, (_, length) => [part, length] as const),
    );
    const cases = spread(lengths.length, sizeOf('corruption', 'lengths'), (at) => lengths[at]!);
    await eachCase('corruption', 'lengths', cases, async function lengthHolds([part, length]) {
      await partHolds(part, one.stored[part].slice(0, length), `of ${length} bytes`);
    });
  });

  test('R-H2 R-H4 in several bytes, or both copies are', async () => {
    const next = numbers(seedOf(7));
    function* cases(): Generator<{ damaged: Part[]; bytes: [at: number, byte: number][] }> {
      for (;;) {
        const bytes = Array.from({ length: 2 + Math.floor(next() * 12) }, (): [number, number] => [
          next(),
          Math.floor(next() * 255) + 1,
        ]);
        const part = parts[Math.floor(next() * 3)]!;
        yield { damaged: next() < 0.3 ? ['header', 'mirror'] : [part], bytes };
      }
    }
    await eachCase('corruption', 'bytes', cases(), async function bytesHold({ damaged, bytes }) {
      for (const part of damaged) {
        const copy = one.stored[part].slice();
        const places = new Set<number>();
        for (const [where, byte] of bytes) {
          // In both copies it is the header that is hit: the mirror has it behind its length.
          const at =
            damaged.length === 2
              ? Math.floor(where * one.stored.header.length) + (part === 'mirror' ? 4 : 0)
              : Math.floor(where * copy.length);
          if (!places.has(at)) copy[at] = copy[at]! ^ byte;
          places.add(at);
        }
        if (damaged.length === 1) return await partHolds(part, copy, 'with several bytes changed');
        await put(part, copy);
      }
      await expectDamaged(one.world, 'both headers');
      await one.restore();
      await oracles.nothingLost(one.world.startWorker());
    });
  });
});

describe('R-D2 R-H4 what belongs elsewhere', () => {
  test('R-D2 pieces of an earlier time, of another safe, or of another record are never taken for what they are not', async () => {
    const earlier = one.stored;
    // A later state of the same safe, and another safe.
    const vault = one.world.startWorker();
    await unlockWithWallet(vault, one.world.safeId, one.world.wallet);
    await vault.identity.rename({ safeId: one.world.safeId, name: 'Later' });
    await vault.rotation.begin(one.world.safeId);
    await vault.rotation.mark(one.world.safeId, 'copied');
    await vault.rotation.complete(one.world.safeId);
    const known = (await vault.identity.details({ safeId: one.world.safeId })).prekeys.length;
    const later = await lockedWorld({ ...one.world, vault });
    const other = await lockedWorld(await enrolledBrowser());
    const sources = { earlier, later: later.stored, other: other.stored };
    type Source = keyof typeof sources;
    const next = numbers(seedOf(11));
    const draw = (): Source => (['earlier', 'later', 'other'] as const)[Math.floor(next() * 3)]!;
    interface Piece {
      header: Source;
      record: Source;
      mirror: Source;
      /** The mirror is put together of a header and a record of two sources, as its format has them. */
      spliced: [Source, Source] | undefined;
      /** A record stands where the header belongs, or the other way round. */
      crossed: boolean;
    }
    function* cases(): Generator<Piece> {
      for (;;)
        yield {
          header: draw(),
          record: draw(),
          mirror: draw(),
          spliced: next() < 0.4 ? [draw(), draw()] : undefined,
          crossed: next() < 0.1,
        };
    }
    const outcomes = new Set<string>();
    await eachCase(
      'corruption',
      'swaps',
      cases(),
      async function piecesHold({ header, record, mirror, spliced, crossed }) {
        await later.put.header(crossed ? sources[record].record : sources[header].header);
        await later.put.record(crossed ? sources[header].header : sources[record].record);
        const bytes = spliced
          ? lengthPrefixed(sources[spliced[0]].header, 'bundle', 'keys', sources[spliced[1]].record)
          : sources[mirror].mirror;
        later.put.mirror(bytesToBase64(asBytes(bytes)));
        const drawn = one.world.drawn.length;
        const worker = one.world.startWorker();
        const state = await worker.state();
        outcomes.add(state.status);
        expect(['locked', 'damaged']).toContain(state.status);
        expect(state.identities.filter(({ status }) => status === 'enrolling')).toEqual([]);
        expect(one.world.drawn.length).toBe(drawn);
        if (state.status === 'locked' && state.identities.some(({ safeId }) => safeId === one.world.safeId)) {
          // What opens is a state that there was: with the keys of then or of now. A header over another record does not open.
          const opened = await unlockWithWallet(worker, one.world.safeId, one.world.wallet).then(
            () => true,
            (error: unknown) => {
              expect(error).toMatchObject({
                reason: expect.stringMatching(/^(?:damaged|wrong-secret|wrong-account|bad-signature)$/) as string,
              });
              return false;
            },
          );
          if (opened)
            expect([known - 1, known]).toContain(
              (await worker.identity.details({ safeId: one.world.safeId })).prekeys.length,
            );
          outcomes.add(opened ? 'opened' : 'refused');
          await worker.lock();
        }
        await later.restore();
        await oracles.nothingNew(one.world.startWorker());
      },
    );
    expect([...outcomes]).toEqual(expect.arrayContaining(['damaged', 'opened']));
    await oracles.nothingLost(one.world.startWorker());
    await oracles.nothingLeaked([]);
  });
});
