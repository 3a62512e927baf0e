// The copy on the network: sealed only under the account's own signature, compared key by key, remembered sealed.
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  addPreKey,
  decodePrivateKeyBundle,
  encodePrivateKeyBundle,
  type PrivateKeyBundleV1,
} from '../../protocol/keys/bundles';
import { bytesToHex, hexToBytes } from '../../protocol/base/bytes';
import { holding, watchBytes } from '../../protocol/testkit/copies-of.testkit';
import {
  decodeEncryptedPrivateKeyBundle,
  openEncryptedPrivateKeyBundle,
  sealEncryptedPrivateKeyBundle,
} from '../../protocol/keys/encrypted-bundle';
import { createPreKey } from '../../protocol/keys/keys';
import { identityPool } from '../../protocol/testkit/reference.testkit';
import { openSealed } from '../../protocol/keys/seal';
import { enableIdentityText } from '../../protocol/keys/wallet-text';
import { random, withOnly } from '../testkit/keystore-requests.testkit';
import { createTestKeystore, type TestKeystore } from '../testkit/keystore.testkit';
import { decodeNetwork, encodeNetwork, networkRecordOfRetrieval, type NetworkRecord } from './network-record';
import { enrolledBrowser, everythingStored, holdsSecret, type Personality } from '../testkit/vault.testkit';

const pool = await identityPool(2);
const [ada, bob] = pool.map(({ ours }) => ours) as [PrivateKeyBundleV1, PrivateKeyBundleV1];
const [wallet, otherWallet] = pool.map(({ seeds }) => seeds.wallet) as [
  (typeof pool)[0]['seeds']['wallet'],
  (typeof pool)[0]['seeds']['wallet'],
];
const wrongStep = expect.objectContaining({ reason: 'wrong-step' });
const sameKeys = (bundle: PrivateKeyBundleV1) => bytesToHex(encodePrivateKeyBundle({ version: 1, bundle }));

async function sealed(bundle = ada): Promise<{ keystore: TestKeystore; envelope: Uint8Array; signature: Uint8Array }> {
  const keystore = await createTestKeystore(bundle);
  const signature = wallet.sign(await keystore.publication.copyText(keystore.safeId)).slice();
  return { keystore, signature, envelope: await keystore.publication.sealCopy({ safeId: keystore.safeId, signature }) };
}

/** An envelope of these keys under the text that the safe has asked for. */
async function envelopeOf(keystore: TestKeystore, bundle: PrivateKeyBundleV1): Promise<Uint8Array> {
  const words = await keystore.publication.copyText(keystore.safeId);
  const walletPreKey = hexToBytes(/[0-9a-f]{64}/.exec(words)?.[0] ?? '');
  return sealEncryptedPrivateKeyBundle({
    bundle,
    account: keystore.account,
    walletPreKey,
    walletSignature: wallet.sign(words),
    salt32: random(32),
    nonce12: random(12),
  });
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe('R-I1 sealing a copy', () => {
  it('R-I1 leaves no copy of the signature in memory, neither the first time nor with the one that is remembered', async () => {
    const keystore = await createTestKeystore(ada);
    const { safeId, publication } = keystore;
    const signature = wallet.sign(await publication.copyText(safeId)).slice();
    const made = watchBytes();
    const envelope = await publication.sealCopy({ safeId, signature });
    await publication.resealCopy(safeId);
    (await publication.checkSignature({ safeId, signature })).fill(0);
    expect(await publication.classifyCopies(safeId, [envelope])).toEqual(['same']);
    expect(made.length).toBeGreaterThan(50);
    expect(holding(made, signature.subarray(0, 64))).toEqual([]);
  });

  it('is V1, of all private keys, and opens with the signature it was sealed under', async () => {
    const { envelope, signature } = await sealed();
    const { bundle, needsUpdate } = openEncryptedPrivateKeyBundle(envelope, signature);
    expect([sameKeys(bundle), needsUpdate]).toEqual([sameKeys(ada), false]);
    const { ciphertext } = decodeEncryptedPrivateKeyBundle(envelope);
    const plain = openSealed(ciphertext, signature);
    expect(decodePrivateKeyBundle(plain).version).toBe(1);
  });

  it('asks for one text for ever, with a walletPreKey of its own', async () => {
    const { keystore, envelope } = await sealed();
    const { safeId, publication } = keystore;
    const words = await publication.copyText(safeId);
    expect(words).toBe(enableIdentityText(decodeEncryptedPrivateKeyBundle(envelope).walletPreKey));
    await publication.copyPublished(safeId);
    expect(await publication.copyText(safeId)).toBe(words);
    const another = await createTestKeystore(ada);
    expect(await another.publication.copyText(another.safeId)).not.toBe(words);
  });

  it('refuses what is not the account’s signature of exactly this text, and remembers nothing of it', async () => {
    const keystore = await createTestKeystore(ada);
    const { safeId, publication } = keystore;
    await expect(publication.sealCopy({ safeId, signature: wallet.sign('anything') })).rejects.toEqual(wrongStep);
    const words = await publication.copyText(safeId);
    for (const call of [publication.sealCopy, publication.checkSignature]) {
      await expect(call({ safeId, signature: otherWallet.sign(words) })).rejects.toMatchObject({
        reason: 'wrong-account',
        detail: otherWallet.address,
      });
    }
    const refused = [
      wallet.sign(words.replace('Enable', 'Create')),
      wallet.sign(`${words} `),
      wallet.sign(words).slice(0, 63),
      new Uint8Array(65),
      new Uint8Array(),
      random(320),
    ];
    for (const signature of refused)
      await expect(publication.sealCopy({ safeId, signature })).rejects.toMatchObject({
        reason: expect.stringMatching(/^(wrong-account|bad-signature)$/),
      });
    expect(await publication.resealCopy(safeId)).toBeUndefined();
    expect((await publication.facts(safeId)).copy).toEqual({ state: 'none' });
  });

  it.each(['v27', 'v0', 'high-s'] satisfies Personality[])(
    'keeps the signature of a %s wallet as it was written',
    async (personality) => {
      const { vault, safeId, wallet: hand } = await enrolledBrowser();
      const signature = hand.sign(await vault.publication.copyText(safeId), personality);
      const envelope = await vault.publication.sealCopy({ safeId, signature });
      expect(openSealed(decodeEncryptedPrivateKeyBundle(envelope).ciphertext, signature).length).toBeGreaterThan(100);
      expect(await vault.publication.opensCopy(safeId, envelope)).toBe('same');
    },
  );

  it('P4 leaves no trace of the signature at rest, and knows it again after a restart', async () => {
    const browser = await enrolledBrowser();
    const { vault, safeId, wallet: hand } = browser;
    const signature = hand.sign(await vault.publication.copyText(safeId));
    await vault.publication.sealCopy({ safeId, signature: signature.slice() });
    const stored = await everythingStored(browser, { session: true });
    expect(holdsSecret(stored, signature) || holdsSecret(stored, signature.slice(0, 32))).toBe(false);
    const next = browser.startWorker();
    const again = await next.publication.resealCopy(safeId);
    expect(again && openEncryptedPrivateKeyBundle(again, signature).bundle.preKeys).toHaveLength(1);
  });
});

describe('R-I2 the state of a copy', () => {
  it('is told step by step, and a second signature that differs takes "saved" back', async () => {
    const { keystore } = await sealed();
    const { safeId, publication, clock } = keystore;
    expect((await publication.facts(safeId)).copy).toEqual({ state: 'none' });
    await expect(publication.copySaved(safeId)).rejects.toEqual(wrongStep);
    clock.nowMs += 10;
    await publication.copyPublished(safeId);
    expect((await publication.facts(safeId)).copy).toEqual({ state: 'published', atMs: clock.nowMs });
    await publication.copySaved(safeId);
    await publication.copyPublished(safeId);
    expect((await publication.facts(safeId)).copy).toMatchObject({ state: 'saved' });
    const words = await publication.copyText(safeId);
    await publication.sealCopy({ safeId, signature: wallet.sign(words) });
    expect((await publication.facts(safeId)).copy).toMatchObject({ state: 'saved' });
    const other = wallet.sign(words).slice();
    other[64] = (other[64] ?? 0) - 27;
    await publication.sealCopy({ safeId, signature: other });
    expect((await publication.facts(safeId)).copy).toMatchObject({ state: 'published' });
  });

  it('cannot be published before it was sealed', async () => {
    const { publication, safeId } = await createTestKeystore(ada);
    await expect(publication.copyPublished(safeId)).rejects.toEqual(wrongStep);
    await publication.copyText(safeId);
    await expect(publication.copyPublished(safeId)).rejects.toEqual(wrongStep);
    expect(await publication.resealCopy(safeId)).toBeUndefined();
  });
});

describe('R-I3, R-I4 what a node gives back', () => {
  it('is compared key by key', async () => {
    const { keystore, envelope, signature } = await sealed();
    const { safeId, publication } = keystore;
    const { identityKey, preKeys } = ada;
    const more = addPreKey(
      ada,
      createPreKey({ privateKey: random(32), createdMs: 5n, identityPrivateKey: identityKey.privateKey }),
    );
    const resigned = {
      identityKey: {
        ...identityKey,
        publicKey: { ...identityKey.publicKey, signature: { kind: 'ecdsaCompact', bytes: random(64), recovery: 0 } },
      },
      preKeys,
    } as const;
    const cases: [PrivateKeyBundleV1, string][] = [
      [ada, 'same'],
      [withOnly(ada, 0), 'older'],
      [withOnly(ada, 2), 'older'],
      [{ identityKey, preKeys: preKeys.toReversed() }, 'older'],
      [more, 'other'],
      [{ identityKey, preKeys: [] }, 'other'],
      [bob, 'other'],
      [{ identityKey, preKeys: bob.preKeys }, 'other'],
      [resigned, 'other'],
    ];
    for (const [bundle, wanted] of cases)
      expect(await publication.opensCopy(safeId, await envelopeOf(keystore, bundle), signature)).toBe(wanted);
    expect(await publication.opensCopy(safeId, envelope, otherWallet.sign('x'))).toBe('does-not-open');
    expect(await publication.opensCopy(safeId, envelope)).toBe('same');
    const otherV = signature.slice();
    otherV[64] = (signature[64] ?? 0) - 27;
    expect(await publication.opensCopy(safeId, envelope, otherV)).toBe('same');
  });

  it('is never called ours when a byte of it differs, and never throws', async () => {
    const { keystore, envelope } = await sealed();
    const { safeId, publication } = keystore;
    const before = await keystore.bundle();
    await fc.assert(
      fc.asyncProperty(
        fc.nat(envelope.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (at, flip, isCut) => {
          const changed = isCut
            ? envelope.slice(0, at)
            : envelope.map((byte, index) => (index === at ? byte ^ flip : byte));
          const found = await publication.opensCopy(safeId, changed);
          // The walletPreKey is only named, not bound: what is sealed may still be ours. So it is when the first byte begins a field that nobody
          // knows: what follows is the form without a frame, which is read too.
          const mayBeOurs = !isCut && (at === 0 || (at >= 4 && at < 40));
          expect(mayBeOurs ? ['does-not-open', 'same'] : ['does-not-open']).toContain(found);
        },
      ),
      { numRuns: 60 },
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        expect(await publication.opensCopy(safeId, bytes)).toBe('does-not-open');
      }),
      { numRuns: 60 },
    );
    expect(sameKeys(await keystore.bundle())).toBe(sameKeys(before));
  });
});

describe('a rotation with a copy', () => {
  it('seals the new prekey into it without asking the wallet, and can not be taken back from then on', async () => {
    const { keystore, signature, envelope } = await sealed();
    const { safeId, publication, rotation } = keystore;
    await publication.copyPublished(safeId);
    await rotation.begin(safeId);
    expect(await publication.opensCopy(safeId, envelope)).toBe('older');
    expect((await rotation.state(safeId)).pending).toMatchObject({ canCancel: true });
    await expect(rotation.complete(safeId)).rejects.toEqual(wrongStep);
    const next = await publication.resealCopy(safeId);
    expect((await rotation.state(safeId)).pending).toMatchObject({ stage: 'sealed', canCancel: false });
    await expect(rotation.cancel(safeId)).rejects.toEqual(wrongStep);
    expect(next && sameKeys(openEncryptedPrivateKeyBundle(next, signature).bundle)).toBe(
      sameKeys(await keystore.bundle()),
    );
    expect(next && (await publication.opensCopy(safeId, next))).toBe('same');
    expect(next && decodeEncryptedPrivateKeyBundle(next).walletPreKey).toEqual(
      decodeEncryptedPrivateKeyBundle(envelope).walletPreKey,
    );
    await expect(rotation.complete(safeId)).rejects.toEqual(wrongStep);
    await rotation.mark(safeId, 'copied');
    await rotation.complete(safeId);
  });

  it('is not taken back either when the person makes a copy meanwhile', async () => {
    const keystore = await createTestKeystore(ada);
    const { safeId, publication, rotation } = keystore;
    await rotation.begin(safeId);
    const envelope = await publication.sealCopy({ safeId, signature: wallet.sign(await publication.copyText(safeId)) });
    expect(await publication.opensCopy(safeId, envelope)).toBe('same');
    await expect(rotation.cancel(safeId)).rejects.toEqual(wrongStep);
  });
});

describe('the record', () => {
  const signed = fc.uint8Array({ minLength: 1, maxLength: 70 });
  const preKey = fc.uint8Array({ minLength: 32, maxLength: 32 });
  const atMs = fc.integer({ min: 0, max: 2 ** 45 });
  const copy = fc.oneof(
    fc.record({
      state: fc.constant('asked' as const),
      atMs,
      walletPreKey: preKey,
      signatureSecret: fc.constant(new Uint8Array()),
    }),
    fc.record({
      state: fc.constantFrom('sealed' as const, 'published' as const, 'saved' as const),
      atMs,
      walletPreKey: preKey,
      signatureSecret: signed,
    }),
  );
  const record = fc.record({
    copy: fc.option(copy),
    contactPublishedAtMs: fc.option(fc.integer({ min: 1, max: 2 ** 45 })),
    notice: fc.constantFrom(null, 'older-prekey-republished' as const, 'other-identity-published' as const),
  }) as fc.Arbitrary<NetworkRecord>;

  it('decode(encode(x)) is x, and cut bytes are damaged', () => {
    fc.assert(
      fc.property(record, fc.nat(), (one, cut) => {
        const bytes = encodeNetwork(one);
        expect(decodeNetwork(bytes)).toEqual(one);
        expect(() => decodeNetwork(bytes.subarray(0, cut % bytes.length))).toThrow(
          expect.objectContaining({ reason: 'damaged' }),
        );
      }),
    );
  });

  it('of a retrieval is a copy that was opened, whatever time the node says', () => {
    for (const time of [5, -1, 1e300, Number.NaN]) {
      const { copy: found } = decodeNetwork(
        networkRecordOfRetrieval({ walletPreKey: random(32), signatureSecret: random(65), atMs: time }),
      );
      expect(found).toMatchObject({ state: 'saved', atMs: time === 5 ? 5 : 0 });
    }
  });
});
