// The ledger's record and what is read from it: laws, and what does not fit.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identityTextShapes } from '../../contract/choices';
import { grantedIn, merged, metersOf, withNote } from './ledger';
import { decodeLedger, emptyLedger, encodeLedger, mostEntries, mostNotes, type Ledger } from './ledger-record';

const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((b) => Buffer.from(b).toString('hex'));
const ms = fc.integer({ min: 0, max: 2 ** 45 });
const inboxId = fc.constantFrom('a'.repeat(64), 'b'.repeat(64));
const address = hex(20).map((one) => `0x${one}`);
const entry = fc.constantFrom(...identityTextShapes).chain((shape) =>
  fc.record({
    atMs: ms,
    origin: fc.webUrl().filter((url) => url.length <= 300),
    identifier: address,
    inboxId,
    shape: fc.constant(shape),
    values: fc.array(['link', 'unlink', 'recovery'].includes(shape) ? address : hex(32), {
      minLength: 1,
      maxLength: shape === 'revoke' ? 10 : 1,
    }),
    textDigest: hex(32),
  }),
);
const note = fc.record({
  inboxId,
  name: fc.string({ maxLength: 60 }),
  recovery: fc.option(fc.record({ sinceMs: fc.integer({ min: 1, max: 2 ** 45 }), identifier: address })),
  said: fc.option(
    fc.record({ installations: fc.nat(100), updates: fc.nat(256), atMs: fc.integer({ min: 1, max: 2 ** 45 }) }),
  ),
});
const ledgers: fc.Arbitrary<Ledger> = fc.record({
  entries: fc.uniqueArray(entry, { maxLength: 8, selector: ({ textDigest }) => textDigest }),
  notes: fc.uniqueArray(note, { maxLength: 2, selector: (one) => one.inboxId }),
});

describe('the record of a ledger', () => {
  it('law: what was written is read back', () => {
    fc.assert(
      fc.property(ledgers, (ledger) => {
        expect(decodeLedger(encodeLedger(ledger))).toEqual(ledger);
      }),
    );
  });

  it('law: a byte more or less is damaged, never another ledger', () => {
    fc.assert(
      fc.property(ledgers, fc.boolean(), (ledger, isLonger) => {
        const bytes = encodeLedger(ledger);
        const changed = isLonger ? Uint8Array.of(...bytes, 0) : bytes.slice(0, -1);
        expect(() => decodeLedger(changed)).toThrow(expect.objectContaining({ reason: 'damaged' }));
      }),
    );
  });

  it('is damaged when an entry is about something that its shape is not about', () => {
    const [one] = fc.sample(entry, 1);
    const about = (shape: (typeof identityTextShapes)[number], values: string[]) => () =>
      decodeLedger(encodeLedger({ entries: [{ ...one!, shape, values }], notes: [] }));
    const [id, who] = ['a'.repeat(64), `0x${'b'.repeat(40)}`];
    expect(about('grant', [id])().entries[0]?.values).toEqual([id]);
    for (const wrong of [
      about('grant', [who]),
      about('link', [id]),
      about('grant', [id, id]),
      about('revoke', []),
      about(
        'revoke',
        Array.from({ length: 11 }, () => id),
      ),
      about('unlink', ['<b>']),
    ])
      expect(wrong).toThrow(expect.objectContaining({ reason: 'damaged' }));
  });

  it('is bounded', () => {
    const [one] = fc.sample(entry, 1);
    const entries = Array.from({ length: mostEntries + 1 }, (_, at) => ({
      ...one!,
      textDigest: at.toString(16).padStart(64, '0'),
    }));
    expect(() => decodeLedger(encodeLedger({ entries, notes: [] }))).toThrow(
      expect.objectContaining({ reason: 'damaged' }),
    );
    expect(() => merged({ entries, notes: [] }, emptyLedger)).toThrow(expect.objectContaining({ reason: 'limit' }));
    let ledger = emptyLedger;
    for (let at = 0; at < mostNotes; at++) ledger = withNote(ledger, at.toString(16).padStart(64, '0'), { name: 'n' });
    const late = { entries: [{ ...one!, atMs: 8_640_000_000_000_001 }], notes: [] };
    expect(() => decodeLedger(encodeLedger(late))).toThrow(expect.objectContaining({ reason: 'damaged' }));
    expect(() => withNote(ledger, 'f'.repeat(64), { name: 'n' })).toThrow(expect.objectContaining({ reason: 'limit' }));
    expect(withNote(ledger, '0'.repeat(64), { name: 'other' }).notes).toHaveLength(mostNotes);
  });
});

describe('two ledgers in one', () => {
  it('law: each text once, in their own order, whichever of them comes first; the same ledger twice adds nothing', () => {
    fc.assert(
      fc.property(ledgers, ledgers, (one, other) => {
        const both = merged(one, other);
        const digests = (of: Ledger) => of.entries.map(({ textDigest }) => textDigest).toSorted();
        expect(digests(both)).toEqual([...new Set([...digests(one), ...digests(other)])].toSorted());
        expect(digests(merged(other, one))).toEqual(digests(both));
        expect(both.entries.slice(0, one.entries.length)).toEqual(one.entries);
        expect(merged(both, one)).toEqual(both);
        for (const said of one.notes) expect(both.notes).toContainEqual(said);
      }),
    );
  });
});

describe('how full an inbox is', () => {
  it('law: as many as were granted and not revoked since, and never below none', () => {
    fc.assert(
      fc.property(ledgers, inboxId, (ledger, id) => {
        const { installations, updates, isSaid } = metersOf(ledger, id);
        expect(installations).toBeGreaterThanOrEqual(0);
        expect(updates).toBeGreaterThanOrEqual(0);
        if (!isSaid) expect(installations).toBe(grantedIn(ledger, id).length);
      }),
    );
  });
});
