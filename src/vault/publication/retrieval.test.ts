// Keys from the network: candidates, every form the field has written, and everything that is not a usable copy (R-I3, protocol b).
// Promises: whatever a node serves, the draft stays byte for byte as it was unless a copy checks in every way.
import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PrivateKeyBundleV1 } from '../../protocol/keys/bundles';
import { bytesToHex, hexToBytes } from '../../protocol/base/bytes';
import { encodeEncryptedPrivateKeyBundle } from '../../protocol/keys/encrypted-bundle';
import { createPreKey, unsignedKeyBytes } from '../../protocol/keys/keys';
import { reference, seed } from '../../protocol/testkit/reference.testkit';
import { sealWith } from '../../protocol/keys/seal';
import { getPublicKey, signDigest } from '../../protocol/base/secp256k1';
import vectors from '../../protocol/vectors/encrypted-bundles.json' with { type: 'json' };
import type { CopyForm } from '../testkit/copies.testkit';
import { bundleFor, copyOf, copyText } from '../testkit/copies.testkit';
import type { KeyEnvelope } from './retrieval';
import { copiesAmong, retrievalLimits } from './retrieval';
import type { TestBrowser, TestWallet } from '../testkit/vault.testkit';
import { createTestBrowser, createTestWallet, everythingStored } from '../testkit/vault.testkit';
import type { Vault } from '../vault';

const wallet = createTestWallet();
const mallory = createTestWallet(9);
const bundle = bundleFor(wallet, 'ada', 2);
const hexOf = ({ publicKey }: PrivateKeyBundleV1['identityKey']) => bytesToHex(publicKey.publicKey);

/** A draft at step `retrieve`. */
async function draft(
  by: Pick<TestWallet, 'account' | 'sign'> = wallet,
): Promise<{ browser: TestBrowser; vault: Vault; safeId: string }> {
  const browser = createTestBrowser();
  const vault = browser.startWorker();
  const { safeId, text } = await vault.enrolment.begin({
    account: by.account,
    wallet: { kind: 'manual' },
    name: 'Ada',
    source: 'network',
  });
  await vault.enrolment.unlockSignature({ safeId, signature: by.sign(text ?? '') });
  return { browser, vault, safeId };
}

/** Finishes the draft, as the page would, and gives its keys. */
async function keysOf({ vault, safeId }: { vault: Vault; safeId: string }, by: Pick<TestWallet, 'sign'> = wallet) {
  const { text } = await vault.enrolment.get({ safeId });
  await vault.enrolment.confirmUnlockSignature({ safeId, signature: by.sign(text ?? '') });
  const { code, ask } = await vault.enrolment.createRecoveryCode({ safeId });
  await vault.enrolment.finish({ safeId, code, typed: ask.map((group) => code.split('-')[group] ?? '') });
  const { identityKeyHex, prekeys: preKeys } = await vault.identity.details({ safeId });
  return { identityKeyHex, preKeys: preKeys.map(({ publicKeyHex }) => publicKeyHex) };
}

async function retrieved(envelopes: readonly KeyEnvelope[], signature = wallet.sign(copyText())) {
  const made = await draft();
  expect(await made.vault.enrolment.retrieve({ safeId: made.safeId, envelopes, signature })).toMatchObject({
    step: 'unlock-2',
    source: 'network',
  });
  return keysOf(made);
}

/** A copy whose plaintext are these bytes. */
function sealed(plain: Uint8Array, timestampNs = 1n): KeyEnvelope {
  const ciphertext = sealWith(
    plain,
    wallet.sign(copyText()),
    undefined,
    seed(`s${timestampNs}`),
    seed(`n${timestampNs}`).slice(0, 12),
  );
  return {
    message: encodeEncryptedPrivateKeyBundle({ walletPreKey: seed('wallet prekey copy'), ciphertext }),
    timestampNs,
  };
}

describe('candidates', () => {
  it('are grouped by what one signature opens, newest first, and what is no bundle is counted', () => {
    const envelopes = [
      copyOf(wallet, bundle, { name: 'new', timestampNs: 9_000_000n }),
      copyOf(wallet, bundle, { name: 'old', timestampNs: 5_000_000n }),
      { message: seed('garbage'), timestampNs: 8_000_000n },
      copyOf(wallet, bundle, { name: 'new', timestampNs: 3_000_000n }),
      { message: new Uint8Array(0), timestampNs: 1n },
      copyOf(wallet, bundle, { name: 'old', timestampNs: 5_000_000n }),
    ];
    const { copies, unreadable } = copiesAmong(envelopes.toReversed());
    expect(unreadable).toBe(2);
    expect(
      copies.map(({ copyId, publishedAtMs, text, envelopes: mine }) => [
        copyId,
        publishedAtMs,
        text,
        mine.map(({ timestampNs }) => timestampNs),
      ]),
    ).toEqual([
      [bytesToHex(seed('wallet prekey new')), 9, copyText('new'), [9_000_000n, 3_000_000n]],
      [bytesToHex(seed('wallet prekey old')), 5, copyText('old'), [5_000_000n]],
    ]);
  });

  it('are bounded, however many a node serves', () => {
    const many = Array.from({ length: retrievalLimits.copies + 30 }, (_, index) =>
      copyOf(wallet, bundle, { name: `n${index}`, timestampNs: BigInt(index) }),
    );
    const { copies } = copiesAmong(many);
    expect(copies).toHaveLength(retrievalLimits.copies);
    expect(copies[0]?.copyId).toBe(bytesToHex(seed(`wallet prekey n${many.length - 1}`)));
    const again = Array.from({ length: retrievalLimits.envelopesOfCopy + 30 }, (_, index) =>
      copyOf(wallet, bundle, { timestampNs: BigInt(index) }),
    );
    expect(copiesAmong(again).copies[0]?.envelopes).toHaveLength(retrievalLimits.envelopesOfCopy);
    expect(copiesAmong(Array.from({ length: 500 }, () => copyOf(wallet, bundle))).copies[0]?.envelopes).toHaveLength(1);
  });

  it('leave out what is larger than any bundle, which could keep the worker busy', () => {
    const large = (length: number) => copiesAmong([sealed(new Uint8Array(length))]);
    expect(large(retrievalLimits.messageBytes)).toEqual({ copies: [], unreadable: 1 });
    expect(large(retrievalLimits.messageBytes - 200).copies).toHaveLength(1);
  });

  it('every envelope is in one candidate or counted as unreadable, whatever its bytes', () => {
    const some = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom('a', 'b', 'c').map((name) => copyOf(wallet, bundle, { name }).message),
    );
    fc.assert(
      fc.property(fc.uniqueArray(some, { selector: bytesToHex, maxLength: 15 }), (messages) => {
        const { copies, unreadable } = copiesAmong(
          messages.map((message, index) => ({ message, timestampNs: BigInt(index) })),
        );
        expect(copies.flatMap(({ envelopes }) => envelopes).length + unreadable).toBe(messages.length);
      }),
    );
  });
});

describe('R-I3 a copy that checks', () => {
  const forms: CopyForm[] = [
    {},
    { isPlainBare: true },
    { isEnvelopeBare: true },
    { isPlainBare: true, isEnvelopeBare: true },
  ];
  const cases = forms.flatMap((form) =>
    (['v27', 'v0'] as const).flatMap((wrote) => (['v27', 'v0'] as const).map((signs) => ({ ...form, wrote, signs }))),
  );
  it.each(cases)('is taken over with all its keys: %o', async ({ wrote, signs, ...form }) => {
    const keys = await retrieved([copyOf(wallet, bundle, { ...form, as: wrote })], wallet.sign(copyText(), signs));
    expect(keys).toEqual({ identityKeyHex: hexOf(bundle.identityKey), preKeys: bundle.preKeys.map(hexOf) });
  });

  it.each(['v27', 'v0'] as const)('of the stock client is taken over from a wallet that signs as %s', async (as) => {
    const signer = {
      getAddress: async () => wallet.account,
      signMessage: async (text: string) => `0x${bytesToHex(wallet.sign(text, as))}`,
    };
    const stock = await reference.PrivateKeyBundleV1.generate(signer as never);
    const walletPreKey = seed('wallet prekey copy');
    const plain = reference.PrivateKeyBundleV1.prototype.encode.call(stock);
    const ciphertext = sealWith(
      plain,
      wallet.sign(copyText(), as),
      undefined,
      seed('salt'),
      seed('nonce').slice(0, 12),
    );
    const keys = await retrieved([
      { message: encodeEncryptedPrivateKeyBundle({ walletPreKey, ciphertext }), timestampNs: 1n },
    ]);
    expect(keys.identityKeyHex).toBe(bytesToHex(stock.identityKey.publicKey.secp256k1Uncompressed.bytes));
    expect(keys.preKeys).toEqual(
      stock.preKeys.map(({ publicKey }) => bytesToHex(publicKey.secp256k1Uncompressed.bytes)),
    );
  });

  it('is the newest that does: worse ones before it change nothing', async () => {
    const current = bundleFor(wallet, 'ada', 3);
    const keys = await retrieved([
      sealed(seed('garbage'), 9n),
      copyOf(wallet, bundleFor(mallory, 'mallory'), { timestampNs: 8n }),
      { ...copyOf(mallory, current, { timestampNs: 7n }) },
      copyOf(wallet, current, { timestampNs: 6n }),
      copyOf(wallet, bundle, { timestampNs: 5n }),
    ]);
    expect(keys.preKeys).toEqual(current.preKeys.map(hexOf));
  });

  it('keeps prekeys that only an older copy of the same identity has, behind its own', async () => {
    const [current, ...others] = bundleFor(wallet, 'ada', 4).preKeys as [
      PrivateKeyBundleV1['identityKey'],
      ...PrivateKeyBundleV1['preKeys'],
    ];
    const keys = await retrieved([
      copyOf(wallet, { ...bundle, preKeys: [current] }, { timestampNs: 9n }),
      copyOf(wallet, bundleFor(wallet, 'another identity', 2), { timestampNs: 8n }),
      copyOf(wallet, { ...bundle, preKeys: others }, { timestampNs: 7n }),
    ]);
    expect(keys.preKeys).toEqual([current, ...others].map(hexOf));
  });

  it('may be dated absurdly: every time that is shown is one that a clock can have', async () => {
    const made = await draft();
    const createdMs = 2n ** 64n - 1n;
    const [identityPrivate, privateKey] = [bundle.identityKey.privateKey, seed('dated ahead')];
    const publicKey = getPublicKey(privateKey);
    const signature = {
      kind: 'ecdsaCompact' as const,
      ...signDigest(sha256(unsignedKeyBytes(createdMs, publicKey)), identityPrivate),
    };
    const ahead = { createdMs, privateKey, publicKey: { createdMs, publicKey, signature } };
    await made.vault.enrolment.retrieve({
      safeId: made.safeId,
      envelopes: [copyOf(wallet, { ...bundle, preKeys: [ahead] })],
      signature: wallet.sign(copyText()),
    });
    await keysOf(made);
    const { identityCreatedAtMs, prekeys: preKeys } = await made.vault.identity.details({ safeId: made.safeId });
    for (const atMs of [identityCreatedAtMs, ...preKeys.map((one) => one.createdAtMs)])
      expect(new Date(atMs).getTime()).toBe(atMs);
  });

  it('is taken once: asking again after a dead worker changes nothing', async () => {
    const { vault, safeId } = await draft();
    const input = { safeId, envelopes: [copyOf(wallet, bundle)], signature: wallet.sign(copyText()) };
    await vault.enrolment.retrieve(input);
    expect(
      await vault.enrolment.retrieve({ ...input, envelopes: [copyOf(wallet, bundleFor(wallet, 'other'))] }),
    ).toMatchObject({ step: 'unlock-2' });
    expect((await keysOf({ vault, safeId })).identityKeyHex).toBe(hexOf(bundle.identityKey));
  });
});

describe('R-I3 what is no usable copy is reported, and changes nothing', () => {
  const [identityKey, preKey] = [bundle.identityKey, bundle.preKeys[0] as PrivateKeyBundleV1['identityKey']];
  const stranger = bundleFor(mallory, 'mallory');
  const other = bundleFor(wallet, 'other').preKeys[0] as PrivateKeyBundleV1['identityKey'];
  const unsigned = {
    ...preKey,
    publicKey: { createdMs: preKey.publicKey.createdMs, publicKey: preKey.publicKey.publicKey },
  };
  const forged = createPreKey({
    privateKey: seed('forged'),
    createdMs: 1n,
    identityPrivateKey: seed('not the identity'),
  });
  const whole = copyOf(wallet, bundle).message;
  const flipped = (at: number) => whole.map((byte, index) => (index === at ? byte ^ 1 : byte));

  it.each<[string, string, KeyEnvelope]>([
    ['sealed by somebody else', 'does-not-open', copyOf(mallory, bundle)],
    ['changed in one bit', 'does-not-open', { message: flipped(whole.length - 3), timestampNs: 1n }],
    ['garbage inside', 'not-a-bundle', sealed(seed('garbage'))],
    ['empty inside', 'not-a-bundle', sealed(new Uint8Array(0))],
    ['a V2 bundle inside', 'not-a-bundle', sealed(Uint8Array.of(0x12, 0))],
    ['a bundle of another account', 'other-account', copyOf(wallet, stranger)],
    [
      'our prekeys under the identity of another account',
      'bad-signatures',
      copyOf(wallet, { ...stranger, preKeys: bundle.preKeys }),
    ],
    ['no prekey', 'no-prekey', copyOf(wallet, { identityKey, preKeys: [] })],
    [
      'a prekey that the identity key did not sign',
      'bad-signatures',
      copyOf(wallet, { identityKey, preKeys: [preKey, forged] }),
    ],
    ['a prekey that nobody signed', 'bad-signatures', copyOf(wallet, { identityKey, preKeys: [unsigned] })],
    // A page may have its prekey sign blindly; the identity key never signs what a page chose.
    [
      'the identity key as a prekey',
      'keys-do-not-match',
      copyOf(wallet, {
        identityKey,
        preKeys: [
          createPreKey({
            privateKey: identityKey.privateKey,
            createdMs: 1n,
            identityPrivateKey: identityKey.privateKey,
          }),
          preKey,
        ],
      }),
    ],
    [
      'a private prekey of another public one',
      'keys-do-not-match',
      copyOf(wallet, { identityKey, preKeys: [{ ...preKey, privateKey: other.privateKey }] }),
    ],
    [
      'a private identity key of another public one',
      'keys-do-not-match',
      copyOf(wallet, { identityKey: { ...identityKey, privateKey: other.privateKey }, preKeys: [preKey] }),
    ],
  ])('%s: %s', async (_name, detail, envelope) => {
    const { browser, vault, safeId } = await draft();
    const before = await everythingStored(browser, { session: false });
    const signature = wallet.sign(copyText());
    await expect(vault.enrolment.retrieve({ safeId, envelopes: [envelope], signature })).rejects.toMatchObject({
      reason: 'unusable-copy',
      detail,
    });
    expect(await everythingStored(browser, { session: false })).toBe(before);
    expect(await vault.enrolment.get({ safeId })).toMatchObject({ step: 'retrieve', locked: false });
    await expect(
      vault.enrolment.retrieve({ safeId, envelopes: [copyOf(wallet, bundle)], signature }),
    ).resolves.toMatchObject({ step: 'unlock-2' });
  });

  it('nothing, what is no envelope, and several candidates at once', async () => {
    const { vault, safeId } = await draft();
    const signature = wallet.sign(copyText());
    const refusal = { reason: 'unusable-copy', detail: 'not-a-bundle' };
    const odd = [
      [],
      [{ message: whole.slice(0, -40), timestampNs: 1n }],
      [copyOf(wallet, bundle), copyOf(wallet, bundle, { name: 'other' })],
    ];
    for (const envelopes of odd)
      await expect(vault.enrolment.retrieve({ safeId, envelopes, signature })).rejects.toMatchObject(refusal);
  });

  it('every truncation and every flipped bit of a copy', async () => {
    const { browser, vault, safeId } = await draft();
    const before = await everythingStored(browser, { session: false });
    const signature = wallet.sign(copyText());
    const refused = (message: Uint8Array) =>
      expect(
        vault.enrolment.retrieve({ safeId, envelopes: [{ message, timestampNs: 1n }], signature }),
      ).rejects.toMatchObject({
        reason: expect.stringMatching(/^(unusable-copy|wrong-account)$/) as string,
      });
    for (let length = 0; length < whole.length; length += 3) await refused(whole.slice(0, length));
    for (let at = 0; at < whole.length; at++) await refused(flipped(at));
    expect(await everythingStored(browser, { session: false })).toBe(before);
  });

  it('a signature of another account, of another text, or none', async () => {
    const { vault, safeId } = await draft();
    const envelopes = [copyOf(wallet, bundle)];
    const refused = (signature: Uint8Array) =>
      expect(vault.enrolment.retrieve({ safeId, envelopes, signature })).rejects;
    await refused(mallory.sign(copyText())).toMatchObject({ reason: 'wrong-account', detail: mallory.account });
    await refused(wallet.sign(copyText('other'))).toMatchObject({ reason: 'wrong-account' });
    await refused(wallet.sign(copyText(), 'contract')).toMatchObject({ reason: 'bad-signature' });
    await refused(new Uint8Array(0)).toMatchObject({ reason: 'bad-signature' });
  });

  it('a locked draft asks to be opened first', async () => {
    const { browser, safeId } = await draft();
    const vault = await browser.restart();
    await expect(
      vault.enrolment.retrieve({ safeId, envelopes: [copyOf(wallet, bundle)], signature: wallet.sign(copyText()) }),
    ).rejects.toMatchObject({ reason: 'locked' });
  });
});

describe('the frozen copies of the field', () => {
  interface Vector {
    id: string;
    input: { encryptedBundle: string; walletPrivateKey: string; walletPreKey?: string };
    expect: { withV27Wallet?: { outcome: string; privateKeyBundleProto?: string } };
  }
  const bound = (vectors.vectors as unknown as Vector[]).filter(({ expect: wanted }) => wanted.withV27Wallet);
  it.each(bound.map((vector) => [vector.id, vector] as const))('%s', async (id, { input, expect: wanted }) => {
    const key = hexToBytes(input.walletPrivateKey);
    const signer = createTestWallet(1, 'v27', key);
    const { vault, safeId } = await draft(signer);
    const message = hexToBytes(input.encryptedBundle);
    const [copy] = copiesAmong([{ message, timestampNs: 1n }]).copies;
    const result = await vault.enrolment
      .retrieve({ safeId, envelopes: copy?.envelopes ?? [], signature: signer.sign(copy?.text ?? '') })
      .catch((error: { reason: string; detail?: string }) => [error.reason, error.detail]);
    // What the client takes over from another wallet, and where it takes a bare envelope for a versioned one, we know better.
    if (id === 'versioned-3-prekeys-foreign-wallet') expect(result).toEqual(['unusable-copy', 'other-account']);
    else if (wanted.withV27Wallet?.outcome === 'ok' || id === 'legacy-envelope-ambiguous-prekey')
      expect(result).toMatchObject({ step: 'unlock-2' });
    else expect(result).toEqual(['unusable-copy', expect.stringMatching(/^(does-not-open|not-a-bundle)$/)]);
  });
});
