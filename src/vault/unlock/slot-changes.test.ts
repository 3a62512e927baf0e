// The ways to open a safe: added, replaced, removed, and what the old ones are worth after it (R-H6, R-E1, R-D2).
// Promises: old root keys are taken from the stored safe with the person's own secret, as a thief of an old disk would.
import { describe, expect, it, vi } from 'vitest';
import type { IdentityDetails } from '../../contract/pages/identity';
import { isGenuineHeader } from '../safe/header';
import { claimsOf, importRootKey, openRecord } from '../store/sealed-record';
import { readRecoveryCode } from './recovery-code';
import { openSlot, slotOf } from './slots';
import {
  byCode,
  byPasskey,
  byPassphrase,
  bySignature,
  byWallet,
  mirrored,
  passkeyOf,
  passphrase,
  replacing,
} from '../testkit/slots.testkit';
import {
  createTestWallet,
  enrolledBrowser,
  everythingStored,
  holdsSecret,
  inStore,
  signRequest,
  unlockWithWallet,
} from '../testkit/vault.testkit';
import type { KeyValueArea } from '../store/host';

vi.mock('@noble/hashes/scrypt.js', () => import('../../protocol/testkit/cheap-scrypt.testkit'));

const types = ({ slots }: IdentityDetails) => slots.map(({ type }) => type);

async function world() {
  const browser = await enrolledBrowser();
  const { vault, safeId, wallet, code } = browser;
  const byHand = await byWallet(vault, safeId, wallet);
  return { ...browser, browser, byHand, code };
}

type World = Awaited<ReturnType<typeof world>>;

/** Everything at rest, but for the log, which grows with every act. */
async function atRest({ browser }: World): Promise<unknown> {
  const stores = await Promise.all(
    ['headers', 'records', 'entries', 'grants'].map((name) =>
      inStore(browser.host.databaseName, name, (store) => store.getAll()),
    ),
  );
  return [[...browser.mirrorItems], stores];
}

async function rootOf({ browser, safeId }: World, code: string): Promise<Uint8Array<ArrayBuffer>> {
  const { header } = await mirrored(browser, safeId);
  const slot = slotOf(header, 'recovery-code');
  const root = slot && (await openSlot(header, slot, readRecoveryCode(code) ?? new Uint8Array(0)));
  if (!root) throw new Error('the code does not open its slot');
  return root;
}

/** R-H6: nothing of the safe as it is now opens with a root key of before, and neither the header nor a slot is of it. */
async function expectClosedTo({ browser, safeId }: World, oldRoot: Uint8Array<ArrayBuffer>): Promise<void> {
  const parsed = await mirrored(browser, safeId);
  const { header, records } = parsed;
  const oldKey = await importRootKey(oldRoot);
  expect(await isGenuineHeader(parsed, oldKey)).toBe(false);
  for (const { type, id, bytes } of records) {
    const { schema, epoch } = claimsOf(bytes);
    expect(epoch).toBe(header.epoch);
    for (const claimed of [1, epoch]) {
      const place = { safeId, account: header.account, type, id, schema, epoch: claimed };
      await expect(openRecord(oldKey, place, bytes)).rejects.toMatchObject({ reason: 'damaged' });
    }
  }
  // No link from the old root key to the new one: it wraps nothing, as key or as secret of a slot.
  for (const slot of header.slots) expect(await openSlot(header, slot, oldRoot)).toBeUndefined();
}

describe('a passphrase', () => {
  it('is added without a new epoch, and then opens the safe', async () => {
    const one = await world();
    const { vault, safeId, browser } = one;
    const details = await vault.slots.addPassphrase({ safeId, proof: byCode(one.code), passphrase });
    expect([types(details), details.epoch]).toEqual([['wallet', 'recovery-code', 'passphrase'], 1]);
    expect((await vault.unlock.text({ safeId })).slots).toEqual(['wallet', 'recovery-code', 'passphrase']);
    expect(await everythingStored(browser, { session: true })).not.toContain(passphrase);
    await vault.lock();
    const next = await browser.restart();
    await expect(
      next.unlock.withPassphrase({ safeId, passphrase: 'seven boats on a green shor' }),
    ).rejects.toMatchObject({ reason: 'wrong-passphrase' });
    await next.unlock.withPassphrase({ safeId, passphrase: ` ${passphrase}` });
    await expect(next.keys.sign(safeId, signRequest)).resolves.toBeDefined();
    expect(await next.slots.check({ safeId, secret: byPassphrase() })).toEqual({ slotId: details.slots[2]?.slotId });
  });

  it('is refused when it is weak, when the proof is none, and when there is another; the same one again is fine', async () => {
    const one = await world();
    const { vault, safeId } = one;
    const before = await atRest(one);
    const proof = byCode(one.code);
    await expect(vault.slots.addPassphrase({ safeId, proof, passphrase: 'password1234' })).rejects.toMatchObject({
      reason: 'weak-passphrase',
      detail: 'common',
    });
    await expect(
      vault.slots.addPassphrase({ safeId, proof: byCode('0000-'.repeat(7) + '0000'), passphrase }),
    ).rejects.toMatchObject({ reason: 'wrong-code' });
    await expect(vault.slots.addPassphrase({ safeId, proof: byPassphrase(), passphrase })).rejects.toMatchObject({
      reason: 'wrong-passphrase',
    });
    expect(await atRest(one)).toEqual(before);
    await vault.slots.addPassphrase({ safeId, proof, passphrase });
    const added = await atRest(one);
    await vault.slots.addPassphrase({ safeId, proof: byPassphrase(), passphrase });
    await expect(
      vault.slots.addPassphrase({ safeId, proof, passphrase: 'eleven boats on a green shore' }),
    ).rejects.toMatchObject({ reason: 'already-exists' });
    expect(await atRest(one)).toEqual(added);
  });
});

describe('R-E7 a passkey', () => {
  it('is added without a new epoch, opens the safe, and nothing it gives is stored', async () => {
    const one = await world();
    const { vault, safeId, browser, code } = one;
    const { credentialId, prfInput, prfSecret } = passkeyOf();
    expect((await vault.unlock.text({ safeId })).passkey).toBeNull();
    const details = await vault.slots.addPasskey({ safeId, proof: byCode(code), ...passkeyOf() });
    expect([types(details), details.epoch]).toEqual([['wallet', 'recovery-code', 'passkey'], 1]);
    const stored = await everythingStored(browser, { session: true });
    expect(holdsSecret(stored, prfSecret)).toBe(false);
    expect(holdsSecret(stored, prfInput)).toBe(true);
    await vault.lock();
    const next = await browser.restart();
    expect((await next.unlock.text({ safeId })).passkey).toEqual({ credentialId, prfInput });
    for (const [wrong, reason] of [
      [passkeyOf(2).prfSecret, 'wrong-passkey'],
      [prfSecret.slice(1), 'invalid-input'],
      [new Uint8Array(0), 'invalid-input'],
    ] as const)
      await expect(next.unlock.withPasskey({ safeId, prfSecret: wrong })).rejects.toMatchObject({ reason });
    expect((await next.state()).status).toBe('locked');
    await next.unlock.withPasskey({ safeId, prfSecret });
    await expect(next.keys.sign(safeId, signRequest)).resolves.toBeDefined();
    expect(await next.slots.check({ safeId, secret: byPasskey() })).toEqual({ slotId: details.slots[2]?.slotId });
    await next.lock();
    await unlockWithWallet(next, safeId, one.wallet);
  });

  it('is refused without a proof, beside another one, and in a form that no header can hold; the same one again is fine', async () => {
    const one = await world();
    const { vault, safeId } = one;
    const proof = byCode(one.code);
    const before = await atRest(one);
    const good = { safeId, proof, ...passkeyOf() };
    const wrong: [Partial<typeof good>, string][] = [
      [{ proof: byPasskey() }, 'wrong-passkey'],
      [{ proof: byCode('0000-'.repeat(7) + '0000') }, 'wrong-code'],
      [{ credentialId: new Uint8Array(15) }, 'invalid-input'],
      [{ credentialId: new Uint8Array(1024) }, 'invalid-input'],
      [{ prfInput: new Uint8Array(31) }, 'invalid-input'],
      [{ prfSecret: new Uint8Array(64) }, 'invalid-input'],
    ];
    for (const [change, reason] of wrong)
      await expect(vault.slots.addPasskey({ ...good, ...change })).rejects.toMatchObject({ reason });
    expect(await atRest(one)).toEqual(before);
    await vault.slots.addPasskey(good);
    const added = await atRest(one);
    await vault.slots.addPasskey({ ...good, proof: byPasskey() });
    await expect(vault.slots.addPasskey({ ...good, ...passkeyOf(2) })).rejects.toMatchObject({
      reason: 'already-exists',
    });
    expect(await atRest(one)).toEqual(added);
  });

  it('is none of the two ways that have to stay, and may itself always go', async () => {
    const one = await world();
    const { vault, safeId, code } = one;
    const { slots } = await vault.slots.addPasskey({ safeId, proof: byCode(code), ...passkeyOf() });
    const before = await atRest(one);
    for (const { slotId, type } of slots.filter((slot) => slot.type !== 'passkey')) {
      const kept = [byPasskey(), type === 'wallet' ? byCode(code) : one.byHand];
      await expect(vault.slots.remove({ safeId, slotId, kept })).rejects.toMatchObject({ reason: 'last-slots' });
    }
    expect(await atRest(one)).toEqual(before);
  });

  it('R-H6 that is removed opens nothing in the new epoch, and is as good as a new one when it is added again', async () => {
    const one = await world();
    const { vault, safeId, code } = one;
    const added = await vault.slots.addPasskey({ safeId, proof: byCode(code), ...passkeyOf() });
    const oldRoot = await rootOf(one, code);
    const kept = [one.byHand, byCode(code)];
    const details = await vault.slots.remove({ safeId, slotId: added.slots[2]?.slotId ?? '', kept });
    expect([types(details), details.epoch]).toEqual([['wallet', 'recovery-code'], 2]);
    await expectClosedTo(one, oldRoot);
    await expect(vault.slots.check({ safeId, secret: byPasskey() })).rejects.toMatchObject({ reason: 'wrong-passkey' });
    // It stays through a change of another way, with the secret it had.
    await vault.slots.addPasskey({ safeId, proof: byCode(code), ...passkeyOf() });
    const fresh = await vault.slots.newCode({ safeId });
    await vault.slots.replaceCode(replacing(safeId, fresh, [one.byHand, byPasskey()]));
    await vault.lock();
    await vault.unlock.withPasskey({ safeId, prfSecret: passkeyOf().prfSecret });
    await expect(vault.keys.sign(safeId, signRequest)).resolves.toBeDefined();
  });
});

describe('checking', () => {
  it('R-E6 tells which slot a secret opens, or why it opens none, and changes nothing', async () => {
    const one = await world();
    const { vault, safeId, wallet, code } = one;
    const before = await atRest(one);
    const { slots } = await vault.identity.details({ safeId });
    expect(await vault.slots.check({ safeId, secret: one.byHand })).toEqual({ slotId: slots[0]?.slotId });
    expect(await vault.slots.check({ safeId, secret: byCode(code.toLowerCase().replaceAll('-', ' ')) })).toEqual({
      slotId: slots[1]?.slotId,
    });
    const { text } = await vault.unlock.text({ safeId });
    const wrong = [
      [bySignature(wallet.sign(text, 'other-account')), 'wrong-account'],
      [bySignature(wallet.sign(text, 'contract')), 'bad-signature'],
      [bySignature(wallet.sign(text, 'random-k')), 'wrong-secret'],
      [byCode('not a code'), 'wrong-code'],
      [byPassphrase(), 'wrong-passphrase'],
      [byPasskey(), 'wrong-passkey'],
    ] as const;
    for (const [secret, reason] of wrong) {
      await expect(vault.slots.check({ safeId, secret })).rejects.toMatchObject({ reason });
      await expect(vault.slots.prove({ safeId, proof: secret })).rejects.toMatchObject({ reason });
    }
    await vault.slots.prove({ safeId, proof: byCode(code) });
    expect(await atRest(one)).toEqual(before);
  });
});

describe('R-H6 a new recovery code', () => {
  it('takes the place of the old one, in a new epoch that the old one is worth nothing in', async () => {
    const one = await world();
    const { vault, safeId, code, browser } = one;
    const oldRoot = await rootOf(one, code);
    const fresh = await vault.slots.newCode({ safeId });
    const details = await vault.slots.replaceCode(replacing(safeId, fresh, [one.byHand]));
    expect([types(details), details.epoch]).toEqual([['wallet', 'recovery-code'], 2]);
    await expectClosedTo(one, oldRoot);
    await expect(vault.slots.check({ safeId, secret: byCode(code) })).rejects.toMatchObject({ reason: 'wrong-code' });
    await expect(vault.keys.sign(safeId, signRequest)).resolves.toBeDefined();
    expect((await vault.activity.list(safeId, { limit: 9 })).map(({ method, purpose }) => [method, purpose])).toEqual([
      ['slots', 'replace recovery-code'],
      ['enrol', ''],
    ]);
    const next = await browser.restart();
    await expect(next.unlock.withRecoveryCode({ safeId, code })).rejects.toMatchObject({ reason: 'wrong-code' });
    await next.unlock.withRecoveryCode({ safeId, code: fresh.code });
    await expect(next.keys.sign(safeId, signRequest)).resolves.toBeDefined();
    expect((await next.activity.list(safeId, { limit: 9 })).map(({ method }) => method)).toEqual([
      'unlock',
      'slots',
      'enrol',
    ]);
    await next.lock();
    await unlockWithWallet(next, safeId, one.wallet);
  });

  it('is refused, and nothing changes, unless every other slot is opened and the code was written down', async () => {
    const one = await world();
    const { vault, safeId, wallet, code } = one;
    const fresh = await vault.slots.newCode({ safeId });
    const before = await atRest(one);
    const { text } = await vault.unlock.text({ safeId });
    const good = replacing(safeId, fresh, [one.byHand]);
    const strange = bySignature(wallet.sign(text, 'random-k'));
    const wrong: [Partial<typeof good>, string][] = [
      [{ kept: [] }, 'invalid-input'],
      [{ kept: [byCode(code)] }, 'invalid-input'],
      [{ kept: [one.byHand, byCode(code)] }, 'invalid-input'],
      [{ kept: [one.byHand, one.byHand] }, 'invalid-input'],
      [{ kept: [strange] }, 'wrong-secret'],
      [{ typed: ['0000', '0000'] }, 'not-confirmed'],
      [{ ask: [3, 3] }, 'invalid-input'],
      [{ ask: [3, 8] }, 'invalid-input'],
      [{ code: 'no code' }, 'wrong-code'],
    ];
    for (const [change, reason] of wrong) {
      await expect(vault.slots.replaceCode({ ...good, ...change })).rejects.toMatchObject({ reason });
      expect(await atRest(one)).toEqual(before);
    }
    await vault.lock();
    await expect(vault.slots.replaceCode(good)).rejects.toMatchObject({ reason: 'locked' });
    expect(await atRest(one)).toEqual(before);
  });

  it('asked for again after a dead worker is there already', async () => {
    const one = await world();
    const { vault, safeId } = one;
    const fresh = await vault.slots.newCode({ safeId });
    await vault.slots.replaceCode(replacing(safeId, fresh, [one.byHand]));
    const before = await atRest(one);
    expect((await vault.slots.replaceCode(replacing(safeId, fresh, [one.byHand]))).epoch).toBe(2);
    expect(await atRest(one)).toEqual(before);
  });

  it('is new each time', async () => {
    const { vault, safeId } = await world();
    const codes = await Promise.all(Array.from({ length: 20 }, () => vault.slots.newCode({ safeId })));
    expect(new Set(codes.map(({ code }) => code)).size).toBe(20);
    for (const { ask } of codes) expect(ask[0]).toBeLessThan(ask[1]);
  });
});

describe('R-H6 a removed slot', () => {
  it('opens nothing any more; the ones that stay do, with the secrets they had', async () => {
    const one = await world();
    const { vault, safeId, code, wallet, browser } = one;
    const added = await vault.slots.addPassphrase({ safeId, proof: byCode(code), passphrase });
    const oldRoot = await rootOf(one, code);
    const walletSlot = added.slots[0]?.slotId ?? '';
    const details = await vault.slots.remove({ safeId, slotId: walletSlot, kept: [byPassphrase(), byCode(code)] });
    expect([types(details), details.epoch]).toEqual([['recovery-code', 'passphrase'], 2]);
    expect(details.slots.map(({ createdAtMs }) => createdAtMs)).toEqual(
      added.slots.slice(1).map(({ createdAtMs }) => createdAtMs),
    );
    await expectClosedTo(one, oldRoot);
    await expect(vault.slots.check({ safeId, secret: one.byHand })).rejects.toMatchObject({ reason: 'wrong-secret' });
    const next = await browser.restart();
    await expect(unlockWithWallet(next, safeId, wallet)).rejects.toMatchObject({ reason: 'wrong-secret' });
    await next.unlock.withPassphrase({ safeId, passphrase });
    await next.lock();
    await next.unlock.withRecoveryCode({ safeId, code });
    await expect(next.keys.sign(safeId, signRequest)).resolves.toBeDefined();
    // The wallet comes back with the same text, under the present root key.
    const { text } = await next.unlock.text({ safeId });
    const [first, second] = [wallet.sign(text), wallet.sign(text, 'high-s')];
    const again = await next.slots.addWallet({
      safeId,
      proof: byCode(code),
      first,
      second,
      wallet: { kind: 'extension', extensionId: 'elsewhere' },
    });
    expect((await next.unlock.text({ safeId })).wallet).toEqual({ kind: 'extension', extensionId: 'elsewhere' });
    expect([types(again), again.epoch]).toEqual([['recovery-code', 'passphrase', 'wallet'], 2]);
    await next.lock();
    await unlockWithWallet(next, safeId, wallet);
    await expect(next.keys.sign(safeId, signRequest)).resolves.toBeDefined();
  });

  it('is never one of the last two, and one that is gone is fine', async () => {
    const one = await world();
    const { vault, safeId, code } = one;
    const before = await atRest(one);
    const { slots } = await vault.identity.details({ safeId });
    for (const { slotId, type } of slots) {
      const kept = type === 'wallet' ? [byCode(code)] : [one.byHand];
      await expect(vault.slots.remove({ safeId, slotId, kept })).rejects.toMatchObject({ reason: 'last-slots' });
    }
    expect((await vault.slots.remove({ safeId, slotId: 'ab'.repeat(16), kept: [] })).epoch).toBe(1);
    expect(await atRest(one)).toEqual(before);
  });
});

describe('R-H6 a change that was cut off', () => {
  it('R-H6 what opens only a copy that this session decided against changes nothing', async () => {
    const one = await world();
    const { browser, safeId, code } = one;
    const { mirror } = browser.host;
    const fails = { reads: false, writes: false };
    const over: KeyValueArea = {
      get: (keys) => (fails.reads ? Promise.reject(new Error('get')) : mirror.get(keys)),
      set: (items) => (fails.writes ? Promise.reject(new Error('set')) : mirror.set(items)),
      remove: mirror.remove,
    };
    // The copy of the next epoch cannot be read back, and the old one not be put back over it.
    const checkpoint = async (label: string) =>
      void (label === 'slots.replace-code.mirror-back:before' && (fails.reads = fails.writes = true));
    const vault = browser.startWorker({ mirror: over, checkpoint });
    const fresh = await vault.slots.newCode({ safeId });
    await expect(vault.slots.replaceCode(replacing(safeId, fresh, [one.byHand]))).rejects.toMatchObject({
      reason: 'storage-failed',
    });
    fails.reads = false;
    const next = browser.startWorker({ mirror: over });
    await next.ready();
    fails.writes = false;
    const before = await atRest(one);
    expect((await mirrored(browser, safeId)).header.epoch).toBe(2);
    await expect(next.slots.addPassphrase({ safeId, proof: byCode(fresh.code), passphrase })).rejects.toMatchObject({
      reason: 'wrong-code',
    });
    expect(await atRest(one)).toEqual(before);
    const details = await next.slots.addPassphrase({ safeId, proof: byCode(code), passphrase });
    expect([types(details), details.epoch]).toEqual([['wallet', 'recovery-code', 'passphrase'], 1]);
    await expect(next.keys.sign(safeId, signRequest)).resolves.toBeDefined();
  });
});

describe('R-E1 a wallet that is added', () => {
  it('is refused when it signs unsteadily, for another account, or in a form without a signer', async () => {
    const one = await world();
    const { vault, safeId, code, wallet } = one;
    const { slots } = await vault.slots.addPassphrase({ safeId, proof: byCode(code), passphrase });
    await vault.slots.remove({ safeId, slotId: slots[0]?.slotId ?? '', kept: [byPassphrase(), byCode(code)] });
    const before = await atRest(one);
    const { text } = await vault.unlock.text({ safeId });
    const first = wallet.sign(text);
    const refused: [Uint8Array, string][] = [
      [wallet.sign(text, 'random-k'), 'unsteady-wallet'],
      [wallet.sign(text, 'contract'), 'bad-signature'],
      [wallet.sign(text, 'other-account'), 'wrong-account'],
      [createTestWallet(2).sign(text), 'wrong-account'],
    ];
    for (const [second, reason] of refused) {
      await expect(vault.slots.addWallet({ safeId, proof: byCode(code), first, second })).rejects.toMatchObject({
        reason,
      });
    }
    expect(await atRest(one)).toEqual(before);
  });
});
