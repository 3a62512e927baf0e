// Contacts that others see, tokens, and what is remembered of the network.
import { describe, expect, it } from 'vitest';
import { verifyAuthToken } from '../../protocol/keys/auth-token';
import {
  addPreKey,
  encodePublicKeyBundle,
  legacyToV2PublicKeyBundle,
  publicBundleOf,
  signedPublicBundleOf,
  type PrivateKeyBundleV1,
} from '../../protocol/keys/bundles';
import { encodeContactBundle } from '../../protocol/keys/contact-bundle';
import { createPreKey } from '../../protocol/keys/keys';
import { identityPool, ourBundle } from '../../protocol/testkit/reference.testkit';
import { random, withOnly } from '../testkit/keystore-requests.testkit';
import { createTestKeystore } from '../testkit/keystore.testkit';

const pool = await identityPool(2);
const [ada, bob] = pool.map(({ ours }) => ours) as [PrivateKeyBundleV1, PrivateKeyBundleV1];
const v1 = (bundle: PrivateKeyBundleV1) => encodeContactBundle({ version: 1, bundle: publicBundleOf(bundle) });
const v2 = (bundle: PrivateKeyBundleV1) => encodeContactBundle({ version: 2, bundle: signedPublicBundleOf(bundle) });

describe('contacts', () => {
  it('are ours in both forms', async () => {
    const { publication, safeId } = await createTestKeystore(ada);
    expect(await publication.contactMessages(safeId)).toEqual({ v1: v1(ada), v2: v2(ada) });
  });

  it('are judged by whose identity key and which prekey they show', async () => {
    const keystore = await createTestKeystore(ada);
    const { publication, safeId, rotation } = keystore;
    const judge = (message: Uint8Array) => publication.classifyContact(safeId, message);
    const { identityKey } = ada;
    // Another identity of the same account, and a prekey that another browser has made.
    const other = ourBundle({ ...pool[0]!.seeds, identityPrivateKey: random(32) });
    const elsewhere = addPreKey(
      ada,
      createPreKey({ privateKey: random(32), createdMs: 9n, identityPrivateKey: identityKey.privateKey }),
    );
    const unsigned = {
      ...publicBundleOf(ada),
      preKey: { ...publicBundleOf(ada).preKey, signature: publicBundleOf(withOnly(ada, 1)).preKey.signature! },
    };
    const cases: [Uint8Array, string][] = [
      [v1(ada), 'current'],
      [v2(ada), 'current'],
      [encodePublicKeyBundle(publicBundleOf(ada)), 'current'],
      [v1(withOnly(ada, 1)), 'older-prekey'],
      [v2(withOnly(ada, 2)), 'older-prekey'],
      [v2(other), 'other-identity'],
      [v2(elsewhere), 'other-identity'],
      [v2(bob), 'unreadable'],
      [encodeContactBundle({ version: 2, bundle: legacyToV2PublicKeyBundle(unsigned) }), 'unreadable'],
      [random(40), 'unreadable'],
      [new Uint8Array(), 'unreadable'],
      [v2(ada).subarray(0, 100), 'unreadable'],
    ];
    for (const [message, wanted] of cases) expect(await judge(message)).toBe(wanted);
    await rotation.begin(safeId);
    expect([await judge(v2(await keystore.bundle())), await judge(v2(ada))]).toEqual(['pending', 'current']);
    await rotation.complete(safeId);
    expect([await judge(v2(await keystore.bundle())), await judge(v2(ada))]).toEqual(['current', 'older-prekey']);
  });

  it('R-I4 another identity of the account that shows our prekey is another identity, in either form', async () => {
    const { publication, safeId } = await createTestKeystore(ada);
    const [current] = ada.preKeys;
    const other = ourBundle({ ...pool[0]!.seeds, identityPrivateKey: random(32) });
    const shown = addPreKey(
      other,
      createPreKey({
        privateKey: current!.privateKey,
        createdMs: current!.createdMs,
        identityPrivateKey: other.identityKey.privateKey,
      }),
    );
    for (const message of [v1(shown), v2(shown), encodePublicKeyBundle(publicBundleOf(shown))])
      expect(await publication.classifyContact(safeId, message)).toBe('other-identity');
  });
});

describe('tokens', () => {
  it('speak for the account, dated by the clock of the vault', async () => {
    const { publication, safeId, clock, account } = await createTestKeystore(ada);
    const token = await publication.token(safeId);
    const madeNs = BigInt(clock.nowMs) * 1_000_000n;
    expect(verifyAuthToken(token, madeNs + 3_600_000_000_000n)).toBe(account);
    expect(() => verifyAuthToken(token, madeNs + 3_600_000_000_001n)).toThrow();
  });
});

describe('what is remembered', () => {
  it('is nothing at first, then what was said last', async () => {
    const keystore = await createTestKeystore(ada);
    const { publication, safeId, safes } = keystore;
    const nothing = { contactPublishedAtMs: null, copy: { state: 'none' }, notice: null, keysFrom: 'here' };
    expect(await publication.facts(safeId)).toEqual(nothing);
    await publication.contactPublished(safeId, 1234.5);
    await publication.notice(safeId, 'older-prekey-republished');
    expect(await publication.facts(safeId)).toEqual({
      ...nothing,
      contactPublishedAtMs: 1234,
      notice: 'older-prekey-republished',
    });
    expect((await keystore.rotation.state(safeId)).publishes).toBe(true);
    const { counter } = safes.copyOf(safeId).header;
    await publication.contactPublished(safeId, 1234);
    await publication.notice(safeId, 'older-prekey-republished');
    // What is known already costs no write.
    expect(safes.copyOf(safeId).header.counter).toBe(counter);
    await publication.notice(safeId, null);
    expect((await publication.facts(safeId)).notice).toBeNull();
  });

  it('R-F3 is told to nobody once the identity is locked', async () => {
    const { publication, safeId, sessions } = await createTestKeystore(ada);
    await sessions.lock(safeId);
    const calls = [
      publication.facts(safeId),
      publication.token(safeId),
      publication.contactMessages(safeId),
      publication.classifyContact(safeId, v2(ada)),
      publication.copyText(safeId),
      publication.resealCopy(safeId),
    ];
    for (const call of await Promise.allSettled(calls))
      expect(call).toMatchObject({ status: 'rejected', reason: { reason: 'locked' } });
  });
});
