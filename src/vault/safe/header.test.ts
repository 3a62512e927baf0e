// Header and slots: exact bytes, refused when anything is off; slots open with their one secret (R-D2).
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { bytesToHex } from '../../protocol/base/bytes';
import type { Header, Slot, SlotType } from './header';
import { encodeHeader, isGenuineHeader, parseHeader, salvageAccount } from './header';
import { importRootKey } from '../store/sealed-record';
import { passphraseFor, passphraseParams, passphraseSecretOf } from '../unlock/passphrase';
import type { TypedSecret } from '../unlock/slots';
import { createSlot, openSlot } from '../unlock/slots';
import { passkeyParams } from './header';

vi.mock('@noble/hashes/scrypt.js', () => import('../../protocol/testkit/cheap-scrypt.testkit'));

const randomBytes = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const stuckBytes = (length: number) => new Uint8Array(length).fill(7);
const damaged = { reason: 'damaged' };
const account = '0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1';
const rootSecret = randomBytes(32);
const signatureSecret = randomBytes(64);
const codeSecret = randomBytes(20);
const base = { safeId: 'ab'.repeat(16), account, epoch: 1, unlockText: 'sign here' };

const walletInput = {
  type: 'wallet',
  params: new Uint8Array(0),
  createdAtMs: 1,
  counter: 2,
  unlockSecret: signatureSecret,
  rootSecret,
} as const;
const codeInput = {
  type: 'recovery-code',
  params: new Uint8Array([1, 6]),
  createdAtMs: 1,
  counter: 3,
  unlockSecret: codeSecret,
  rootSecret,
} as const;

const passkeyInput = {
  type: 'passkey',
  params: passkeyParams({ credentialId: randomBytes(16), prfInput: randomBytes(32) })!,
  createdAtMs: 1,
  counter: 4,
  unlockSecret: randomBytes(32),
  rootSecret,
} as const;

/** The header with a passkey slot behind the others. */
async function withPasskey(): Promise<Header> {
  const header = await completeHeader();
  return { ...header, slots: [...header.slots, await createSlot(base, passkeyInput, randomBytes)] };
}

async function completeHeader(): Promise<Header> {
  return {
    ...base,
    state: 'complete',
    name: 'Ada 🗝',
    createdAtMs: 1_700_000_000_000,
    wallet: { kind: 'extension', extensionId: 'nkbihfbeogaeaoehlefnkodbefgpgknn' },
    extensionOrigin: 'chrome-extension://abc',
    counter: 9,
    slots: [await createSlot(base, walletInput, randomBytes), await createSlot(base, codeInput, randomBytes)],
    records: [{ type: 'bundle', id: 'keys', digest: randomBytes(32) }],
  };
}

/** The header with its second slot turned into one of this type and these parameters. */
function withParams(header: Header, type: SlotType, params: number[]): Header {
  const [first, second] = header.slots as [Slot, Slot];
  const keep = type === 'wallet' ? second : first;
  return { ...header, slots: [keep, { ...second, type, params: Uint8Array.from(params) }] };
}

/** The header with one slot more, of this type and these parameters. */
function withThird(header: Header, type: SlotType, params: Uint8Array<ArrayBuffer>): Header {
  return { ...header, slots: [...header.slots, { ...(header.slots[0] as Slot), type, params }] };
}

async function withChecksum(unchecked: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const whole = new Uint8Array(unchecked.length + 32);
  whole.set(unchecked);
  whole.set(new Uint8Array(await crypto.subtle.digest('SHA-256', unchecked)), unchecked.length);
  return whole;
}

describe('R-D2 the header', () => {
  it('reads back as it was written, and is genuine under its root key alone', async () => {
    const rootKey = await importRootKey(rootSecret);
    const header = await completeHeader();
    const parsed = await parseHeader(await encodeHeader(header, rootKey));
    expect(parsed.header).toEqual(header);
    expect(await isGenuineHeader(parsed, rootKey)).toBe(true);
    expect(await isGenuineHeader(parsed, await importRootKey(randomBytes(32)))).toBe(false);
  });

  it('keeps what a draft was begun for, and says nothing where nothing was chosen', async () => {
    for (const source of ['new', 'network', 'backup'] as const) {
      for (const first of ['wallet', 'passphrase'] as const) {
        const header = { ...(await completeHeader()), plan: { source, first } };
        expect((await parseHeader(await encodeHeader(header, await importRootKey(rootSecret)))).header).toEqual(header);
      }
    }
    const { header } = await parseHeader(await encodeHeader(await completeHeader(), await importRootKey(rootSecret)));
    expect(Object.hasOwn(header, 'plan')).toBe(false);
  });

  it('is of format 3 with a passkey, and of format 2 without one, so that a version before passkeys opens every safe that has none', async () => {
    const rootKey = await importRootKey(rootSecret);
    const header = await withPasskey();
    const bytes = await encodeHeader(header, rootKey);
    expect(bytes[4]).toBe(3);
    expect((await parseHeader(bytes)).header).toEqual(header);
    expect((await encodeHeader({ ...header, slots: header.slots.slice(0, 2) }, rootKey))[4]).toBe(2);
    // Nothing but the format tells them apart: each is refused under the other's.
    for (const [made, format] of [
      [bytes, 2],
      [await encodeHeader(await completeHeader(), rootKey), 3],
    ] as const) {
      const unchecked = made.slice(0, -32);
      unchecked[4] = format;
      await expect(parseHeader(await withChecksum(unchecked))).rejects.toMatchObject(damaged);
    }
  });

  it('is refused with any bit flipped or any part cut off', async () => {
    const bytes = await encodeHeader(await withPasskey(), await importRootKey(rootSecret));
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      await expect(parseHeader(flipped)).rejects.toMatchObject(damaged);
    }
    for (let length = 0; length < bytes.length; length++)
      await expect(parseHeader(bytes.slice(0, length))).rejects.toMatchObject(damaged);
  });

  it('is not genuine, or not readable, with any byte changed by someone who mends the checksum', async () => {
    const rootKey = await importRootKey(rootSecret);
    const bytes = await encodeHeader(await completeHeader(), rootKey);
    const unchecked = bytes.slice(0, -32);
    let readable = 0;
    for (let at = 0; at < unchecked.length; at++) {
      const changed = unchecked.slice();
      changed[at] = (changed[at] as number) ^ 1;
      const parsed = await parseHeader(await withChecksum(changed)).catch((error: { reason: string }) => error.reason);
      if (typeof parsed === 'string') expect([at, parsed]).toEqual([at, 'damaged']);
      else {
        readable++;
        expect([at, await isGenuineHeader(parsed, rootKey)]).toEqual([at, false]);
      }
    }
    expect(readable).toBeGreaterThan(300);
  });

  it.each<[string, (header: Header) => Header]>([
    ['a slot removed', (header) => ({ ...header, state: 'confirmed', slots: header.slots.slice(0, 1) })],
    ['slots in another order', (header) => ({ ...header, slots: header.slots.toReversed() })],
    [
      'a slot of another safe',
      (header) => ({
        ...header,
        slots: [header.slots[0] as Slot, { ...(header.slots[1] as Slot), slotId: 'cd'.repeat(16) }],
      }),
    ],
    ['a lower epoch or counter', (header) => ({ ...header, counter: 1 })],
    [
      'another record',
      (header) => ({ ...header, records: [{ type: 'bundle', id: 'keys', digest: new Uint8Array(32) }] }),
    ],
  ])('is not genuine with %s under its old MAC', async (_name, change) => {
    const rootKey = await importRootKey(rootSecret);
    const header = await completeHeader();
    const genuine = await encodeHeader(header, rootKey);
    const forged = await encodeHeader(change(header), await importRootKey(randomBytes(32)));
    const spliced = forged.slice(0, -32);
    spliced.set(genuine.subarray(-64, -32), spliced.length - 32);
    expect(await isGenuineHeader(await parseHeader(await withChecksum(spliced)), rootKey)).toBe(false);
    expect(await isGenuineHeader(await parseHeader(genuine), rootKey)).toBe(true);
  });

  it.each<[string, (header: Header) => Header]>([
    ['finished with one slot', (header) => ({ ...header, slots: header.slots.slice(0, 1) })],
    ['two slots of one type', (header) => ({ ...header, slots: [header.slots[0] as Slot, header.slots[0] as Slot] })],
    ['keys without a record', (header) => ({ ...header, records: [] })],
    ['slots in a tombstone', (header) => ({ ...header, state: 'forgetting' })],
    ['epoch zero', (header) => ({ ...header, epoch: 0 })],
    [
      'a draft that began with a recovery code',
      (header) => ({ ...header, state: 'draft', slots: header.slots.slice(1) }),
    ],
    ['a wallet slot with parameters', (header) => withParams(header, 'wallet', [1])],
    ['a passkey as one of two ways', (header) => withParams(header, 'passkey', [...passkeyInput.params])],
    [
      'a passkey with a credential that is too short',
      (header) => withThird(header, 'passkey', passkeyInput.params.slice(1)),
    ],
    [
      'a passkey with a credential that is too long',
      (header) => withThird(header, 'passkey', new Uint8Array(32 + 1024)),
    ],
    [
      'a draft with a passkey',
      (header) => ({ ...withThird(header, 'passkey', passkeyInput.params), state: 'confirmed' }),
    ],
    ['a passphrase without a cost', (header) => withParams(header, 'passphrase', [])],
    ['a passphrase that costs less than N = 2^17', (header) => withParams(header, 'passphrase', [1, 16, 8, 1])],
    ['a passphrase with smaller blocks', (header) => withParams(header, 'passphrase', [1, 17, 4, 1])],
    ['a passphrase that no worker could pay', (header) => withParams(header, 'passphrase', [1, 24, 8, 1])],
    ['a passphrase under another function', (header) => withParams(header, 'passphrase', [2, 17, 8, 1])],
  ])('is refused when it breaks a rule, whoever made it: %s', async (_name, change) => {
    const rootKey = await importRootKey(rootSecret);
    await expect(parseHeader(await encodeHeader(change(await completeHeader()), rootKey))).rejects.toMatchObject(
      damaged,
    );
  });

  it.each<[string, SlotType[]]>([
    ['wallet and recovery code', ['wallet', 'recovery-code']],
    ['wallet and passphrase', ['wallet', 'passphrase']],
    ['recovery code and passphrase', ['recovery-code', 'passphrase']],
    ['all three', ['wallet', 'recovery-code', 'passphrase']],
    ['any two and a passkey', ['recovery-code', 'passphrase', 'passkey']],
  ])('is complete with any two types of slot: %s', async (_name, types) => {
    const header = await completeHeader();
    const [wallet, code] = header.slots as [Slot, Slot];
    const passphrase: Slot = { ...wallet, type: 'passphrase', params: passphraseParams() };
    const passkey: Slot = { ...wallet, type: 'passkey', params: passkeyInput.params };
    const whole = { ...header, slots: [wallet, code, passphrase, passkey].filter(({ type }) => types.includes(type)) };
    expect((await parseHeader(await encodeHeader(whole, await importRootKey(rootSecret)))).header).toEqual(whole);
  });

  it('of format 1 is read, and never with what format 1 did not have', async () => {
    const header = await completeHeader();
    const asFirst = async (made: Header) => {
      const second = (await encodeHeader(made, await importRootKey(rootSecret))).slice(0, -32);
      // Format 1 ends before the plan, here the four bytes of its length, and then the MAC.
      const unchecked = new Uint8Array([...second.slice(0, -36), ...second.slice(-32)]);
      unchecked[4] = 1;
      const body = new DataView(unchecked.buffer);
      body.setUint32(63, body.getUint32(63) - 4);
      return parseHeader(await withChecksum(unchecked));
    };
    expect((await asFirst(header)).header).toEqual(header);
    await expect(asFirst(withParams(header, 'passphrase', [1, 17, 8, 1]))).rejects.toMatchObject(damaged);
  });

  it('without a MAC is refused unless it holds no keys', async () => {
    const header = await completeHeader();
    await expect(parseHeader(await encodeHeader(header, undefined))).rejects.toMatchObject(damaged);
    const bare: Header = { ...header, state: 'draft', slots: [], records: [] };
    expect((await parseHeader(await encodeHeader(bare, undefined))).header).toEqual(bare);
  });

  it('of a later format is told apart from damage', async () => {
    const bytes = await encodeHeader(await completeHeader(), await importRootKey(rootSecret));
    const unchecked = bytes.slice(0, -32);
    unchecked[4] = 4;
    await expect(parseHeader(await withChecksum(unchecked))).rejects.toMatchObject({ reason: 'newer-format' });
    unchecked[4] = 0;
    await expect(parseHeader(await withChecksum(unchecked))).rejects.toMatchObject(damaged);
    bytes[4] = 4;
    await expect(parseHeader(bytes)).rejects.toMatchObject(damaged);
    expect(salvageAccount(bytes)).toBe(account);
  });

  it('random bytes never parse and never salvage an account', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        const owned = Uint8Array.from(bytes);
        await expect(parseHeader(owned)).rejects.toMatchObject(damaged);
        await expect(parseHeader(await withChecksum(owned))).rejects.toMatchObject(damaged);
        expect(salvageAccount(owned)).toBeNull();
      }),
      { numRuns: 300 },
    );
  });
});

describe('a slot', () => {
  it('opens with its secret, in its safe, and says undefined for another secret', async () => {
    const slot = await createSlot(base, walletInput, randomBytes);
    expect(await openSlot(base, slot, signatureSecret)).toEqual(rootSecret);
    expect(await openSlot(base, slot, randomBytes(64))).toBeUndefined();
    for (const other of [{ safeId: 'cd'.repeat(16) }, { account: `0x${'12'.repeat(20)}` }, { epoch: 2 }]) {
      expect(await openSlot({ ...base, ...other }, slot, signatureSecret)).toBeUndefined();
    }
    // The text is bound into the wrapping key, not into the slot's own bytes.
    await expect(openSlot({ ...base, unlockText: 'sign there' }, slot, signatureSecret)).rejects.toMatchObject(damaged);
  });

  it('of a passkey opens with what its PRF gives, under a key of its own', async () => {
    const slot = await createSlot(base, passkeyInput, randomBytes);
    expect(await openSlot(base, slot, passkeyInput.unlockSecret)).toEqual(rootSecret);
    expect(await openSlot(base, slot, randomBytes(32))).toBeUndefined();
    // The same bytes as a code or a signature open nothing: the type is bound in.
    for (const type of ['wallet', 'recovery-code'] as const)
      expect(await openSlot(base, { ...slot, type }, passkeyInput.unlockSecret)).toBeUndefined();
  });

  it('with any byte changed says "other secret" or "damaged", and never gives a key', async () => {
    const slot = await createSlot(base, codeInput, randomBytes);
    for (const field of ['params', 'salt', 'commit', 'iv', 'wrapped'] as const) {
      for (let at = 0; at < slot[field].length; at++) {
        const bytes = slot[field].slice();
        bytes[at] = (bytes[at] as number) ^ 1;
        const opened = await openSlot(base, { ...slot, [field]: bytes }, codeSecret).catch(
          (error: { reason: string }) => error.reason,
        );
        expect([field, at, opened]).toEqual([field, at, field === 'iv' || field === 'wrapped' ? 'damaged' : undefined]);
      }
    }
    expect(await openSlot(base, { ...slot, type: 'wallet' }, codeSecret)).toBeUndefined();
  });

  it('opens with its passphrase however it is typed, and with no other', async () => {
    const passphrase = 'grüne Ufer, sieben Boote';
    const input = {
      type: 'passphrase',
      params: passphraseParams(),
      createdAtMs: 1,
      counter: 4,
      unlockSecret: passphraseFor(passphrase),
      rootSecret,
    } as const;
    const slot = await createSlot(base, input, randomBytes);
    expect(await openSlot(base, slot, passphraseFor(`${passphrase.normalize('NFD')} `))).toEqual(rootSecret);
    expect(await openSlot(base, slot, passphraseFor('grüne Ufer, sieben Boot'))).toBeUndefined();
  });

  it('of a version before 0.2 opens still, and keeps its form when it is made anew; a new one counts the blanks around it', async () => {
    const typed = ' ｓieben Boote\u3000';
    const input = { type: 'passphrase', params: passphraseParams(), createdAtMs: 1, counter: 4, rootSecret } as const;
    // What the landed code hashed.
    const landed: TypedSecret = {
      forms: 1,
      secretOf: ({ params, salt }) => passphraseSecretOf(typed.normalize('NFKC').trim(), params, salt),
    };
    const old = await createSlot(base, { ...input, unlockSecret: landed }, randomBytes);
    const given = passphraseFor(typed);
    expect(await openSlot(base, old, given)).toEqual(rootSecret);
    const renewed = await createSlot(base, { ...input, unlockSecret: given }, randomBytes);
    const fresh = await createSlot(base, { ...input, unlockSecret: passphraseFor(typed) }, randomBytes);
    expect(await openSlot(base, renewed, passphraseFor('sieben Boote'))).toEqual(rootSecret);
    expect(await openSlot(base, fresh, passphraseFor(' sieben Boote '))).toEqual(rootSecret);
    expect(await openSlot(base, fresh, passphraseFor('sieben Boote'))).toBeUndefined();
  });

  it('R-D1 is never wrapped twice with the same salt, even when the generator is stuck', async () => {
    const salts = new Set<string>();
    for (let counter = 1; counter <= 50; counter++) {
      salts.add(bytesToHex((await createSlot(base, { ...walletInput, counter }, stuckBytes)).salt));
      salts.add(bytesToHex((await createSlot(base, { ...codeInput, counter }, stuckBytes)).salt));
      salts.add(
        bytesToHex(
          (await createSlot({ ...base, safeId: 'cd'.repeat(16) }, { ...walletInput, counter }, stuckBytes)).salt,
        ),
      );
    }
    expect(salts.size).toBe(150);
  });
});
