// Encrypted bundles, contacts and topics: the rules beyond what the real client does.
import { beforeAll, describe, expect, it } from 'vitest';
import { encodePrivateKeyBundle, encodePublicKeyBundle, publicBundleOf, signedPublicBundleOf } from '../keys/bundles';
import { currentContact, decodeContactBundle, encodeContactBundle } from '../keys/contact-bundle';
import {
  decodeEncryptedPrivateKeyBundle,
  openEncryptedPrivateKeyBundle,
  sealEncryptedPrivateKeyBundle,
} from '../keys/encrypted-bundle';
import { EncryptedPrivateKeyBundleV1 } from '../proto/gen/keys';
import { isWellFormed } from '../proto/strict';
import type { TestIdentity } from '../testkit/reference.testkit';
import { identityPool, seed } from '../testkit/reference.testkit';
import { reasonOf } from '../testkit/refusal.testkit';
import { ciphertextToWire, sealWith } from '../keys/seal';
import { privatePreferencesIdentifier, selfDecrypt, selfEncrypt } from '../messages/self-encryption';
import { contactTopic, directMessageTopic, isValidTopic } from '../messages/topics';
import { enableIdentityText } from '../keys/wallet-text';

let one: TestIdentity;
let two: TestIdentity;
beforeAll(async () => {
  [one, two] = (await identityPool(2)) as [TestIdentity, TestIdentity];
});

const NONCE = new Uint8Array(12).fill(7);
const WALLET_PRE_KEY = seed('wallet prekey');

function seal(changes: Partial<Parameters<typeof sealEncryptedPrivateKeyBundle>[0]> = {}): Uint8Array {
  const { wallet } = one.seeds;
  return sealEncryptedPrivateKeyBundle({
    bundle: one.ours,
    account: wallet.address,
    walletPreKey: WALLET_PRE_KEY,
    walletSignature: wallet.sign(enableIdentityText(WALLET_PRE_KEY)),
    salt32: seed('salt'),
    nonce12: NONCE,
    ...changes,
  });
}

describe('sealEncryptedPrivateKeyBundle', () => {
  it("refuses a signature that is not the account's over this very text, which would seal for nobody", () => {
    const previous = one.seeds.wallet.sign(enableIdentityText(seed('an earlier wallet prekey')));
    expect(reasonOf(() => seal({ walletSignature: previous }))).toBe('wrong-account');
    expect(reasonOf(() => seal({ walletSignature: two.seeds.wallet.sign(enableIdentityText(WALLET_PRE_KEY)) }))).toBe(
      'wrong-account',
    );
    expect(reasonOf(() => seal({ account: two.seeds.wallet.address }))).toBe('wrong-account');
    expect(reasonOf(() => seal({ walletSignature: new Uint8Array(200) }))).toBe('bad-signature');
    expect(reasonOf(() => seal({ walletPreKey: new Uint8Array(31) }))).toBe('bad-length');
  });

  it('writes the versioned form, which opens for the account and for nobody else', () => {
    const sealed = seal();
    const signature = one.seeds.wallet.sign(enableIdentityText(WALLET_PRE_KEY));
    expect(decodeEncryptedPrivateKeyBundle(sealed).isVersioned).toBe(true);
    expect(openEncryptedPrivateKeyBundle(sealed, signature)).toEqual({ bundle: one.ours, needsUpdate: false });
    expect(
      reasonOf(() => openEncryptedPrivateKeyBundle(sealed, two.seeds.wallet.sign(enableIdentityText(WALLET_PRE_KEY)))),
    ).toBe('not-opened');
    expect(reasonOf(() => openEncryptedPrivateKeyBundle(sealed, signature.slice(0, 64)))).toBe('not-opened');
  });
});

describe('decodeEncryptedPrivateKeyBundle', () => {
  it('reads a bare envelope as bare even when its random walletPreKey happens to be a well-formed message (b.4)', () => {
    // Sixteen times an unknown field 15 with the value 1: a message without walletPreKey and ciphertext.
    const walletPreKey = Uint8Array.from({ length: 32 }, (_, i) => (i % 2 === 0 ? 0x78 : 1));
    const signature = one.seeds.wallet.sign(enableIdentityText(walletPreKey));
    const plain = encodePrivateKeyBundle({ version: 1, bundle: one.ours });
    const ciphertext = ciphertextToWire(sealWith(plain, signature, undefined, seed('salt'), NONCE));
    const bare = EncryptedPrivateKeyBundleV1.encode({ walletPreKey, ciphertext }).finish();
    expect(isWellFormed('EncryptedPrivateKeyBundle', bare)).toBe(true);
    expect(openEncryptedPrivateKeyBundle(bare, signature)).toEqual({ bundle: one.ours, needsUpdate: true });
  });
});

describe('currentContact', () => {
  const v1 = (who: TestIdentity): Uint8Array => encodeContactBundle({ version: 1, bundle: publicBundleOf(who.ours) });
  const v2 = (who: TestIdentity): Uint8Array =>
    encodeContactBundle({ version: 2, bundle: signedPublicBundleOf(who.ours) });

  it('takes the newest envelope of that account, past garbage and strangers, however many', () => {
    const { address } = one.seeds.wallet;
    const strangers = Array.from({ length: 12 }, () => v2(two));
    expect(currentContact(address, [Uint8Array.of(255), ...strangers, v1(one), v2(one)])).toEqual(
      decodeContactBundle(v1(one)),
    );
    expect(currentContact(address.toLowerCase(), [v2(one), v1(one)])?.version).toBe(2);
    expect(currentContact(address, strangers)).toBeUndefined();
    expect(currentContact(address, [])).toBeUndefined();
    expect(reasonOf(() => currentContact('0x12', [v1(one)]))).toBe('bad-address');
  });

  it("skips an envelope of that account whose prekey is somebody else's", () => {
    const mixed = encodeContactBundle({
      version: 2,
      bundle: { ...signedPublicBundleOf(one.ours), preKey: signedPublicBundleOf(two.ours).preKey },
    });
    expect(currentContact(one.seeds.wallet.address, [mixed, v1(one)])?.version).toBe(1);
  });

  it('reads bare bundles as version 1', () => {
    const bare = encodePublicKeyBundle(publicBundleOf(one.ours));
    expect(currentContact(one.seeds.wallet.address, [bare])).toEqual({ version: 1, bundle: publicBundleOf(one.ours) });
  });
});

describe('topics', () => {
  it('name accounts in EIP-55 form and refuse what is no address', () => {
    expect(reasonOf(() => contactTopic('0x12'))).toBe('bad-address');
    expect(reasonOf(() => directMessageTopic(one.seeds.wallet.address, 'bob'))).toBe('bad-address');
  });

  it.each([
    ['/xmtp/0/m-abc+=/proto', true],
    ['/xmtp/0/m-/proto/proto', true],
    ['/xmtp/0/proto', false],
    ['/proto/xmtp/0/m-a', false],
    ['', false],
    ['/xmtp/0/m-\u0000/proto', false],
    ['/xmtp/0/m-a\n/proto', false],
    ['/xmtp/1/m-a/proto', false],
  ])('%j is a valid topic: %s', (topic, isValid) => {
    expect(isValidTopic(topic)).toBe(isValid);
  });
});

describe('self encryption', () => {
  it('opens for the same identity key only, and refuses other payloads', () => {
    const [mine, theirs] = [one.ours.identityKey.privateKey, two.ours.identityKey.privateKey];
    for (const plain of [new Uint8Array(0), seed('plain')]) {
      const sealed = selfEncrypt(plain, mine, seed('salt'), NONCE);
      expect(selfDecrypt(sealed, mine)).toEqual(plain);
      expect(reasonOf(() => selfDecrypt(sealed, theirs))).toBe('not-opened');
    }
    expect(reasonOf(() => selfDecrypt(new Uint8Array(0), mine))).toBe('unknown-version');
    expect(privatePreferencesIdentifier(mine)).not.toBe(privatePreferencesIdentifier(theirs));
    expect(reasonOf(() => privatePreferencesIdentifier(new Uint8Array(32)))).toBe('bad-private-key');
  });
});
