// Junk of one site and the calls of another: how much of the junk anybody waits for, and what it costs when it comes again.
// Counted, not timed: `opened` is how often the key bundle was opened, which every block of key agreements begins with.
import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PrivateKeyBundleV1, PublicKeyBundle } from '../../protocol/keys/bundles';
import { publicBundleOf } from '../../protocol/keys/bundles';
import { decodeDecryptResponse, encodeDecryptV1Request } from '../../protocol/keystore/messages';
import { encodeMessageHeaderV1 } from '../../protocol/messages/message-v1';
import { identityPool } from '../../protocol/testkit/reference.testkit';
import { peerDefect, sharedSecret } from '../../protocol/keys/shared-secret';
import { keystoreLimits } from '../store/limits';
import { messageV1, random, timeMs } from '../testkit/keystore-requests.testkit';
import { createTestKeystore, type TestKeystore } from '../testkit/keystore.testkit';

const [ada, bob, cem] = (await identityPool(3)).map(({ ours }) => ours) as [
  PrivateKeyBundleV1,
  PrivateKeyBundleV1,
  PrivateKeyBundleV1,
];
const hi = new TextEncoder().encode('hi');
const junkSite = 'https://junk.example';

/** A peer whose prekey carries a signature that could be one, and is not: only arithmetic tells. */
function wronglySigned(peer: PublicKeyBundle, n: number): PublicKeyBundle {
  const signature = { ...peer.preKey.signature!, bytes: peer.preKey.signature!.bytes.slice() };
  new DataView(signature.bytes.buffer).setUint32(20, n);
  return { ...peer, preKey: { ...peer.preKey, signature } };
}

function junkItem(sender: PublicKeyBundle) {
  const headerBytes = encodeMessageHeaderV1({ sender, recipient: publicBundleOf(ada), timestampMs: timeMs(1) });
  return {
    headerBytes,
    payload: { hkdfSalt: random(32), gcmNonce: random(12), payload: random(40) },
    peerKeys: sender,
    isSender: false,
  };
}

const junkBatch = (from: number, items: number) =>
  encodeDecryptV1Request(
    Array.from({ length: items }, (_, at) => junkItem(wronglySigned(publicBundleOf(bob), from + at))),
  );
const honestBatch = (peer = cem) => {
  const { headerBytes, payload, sender } = messageV1(peer, ada, hi);
  return encodeDecryptV1Request([{ headerBytes, payload, peerKeys: sender, isSender: false }]);
};

let keystore: TestKeystore;
let opened = 0;
const { decrypt } = crypto.subtle;

beforeEach(async () => {
  keystore = await createTestKeystore(ada);
  await keystore.run('xmtp_getPrivatePreferencesTopicIdentifier');
  opened = 0;
  // The bundle is the largest thing that is opened here; messages are a few dozen bytes.
  crypto.subtle.decrypt = function (...input: Parameters<SubtleCrypto['decrypt']>) {
    if ((input[2] as Uint8Array).byteLength > 100) opened++;
    return decrypt.apply(this, input);
  };
});
afterEach(() => {
  crypto.subtle.decrypt = decrypt;
});

describe('R-B8 junk costs its sender', () => {
  it('R-B8 forty batches of one site keep an honest call of another waiting for a slice at a time', async () => {
    const junk = Array.from({ length: 40 }, (_, at) =>
      keystore.run(
        'xmtp_decryptV1',
        junkBatch(at * 100, 2 * keystoreLimits.agreementsOfBlock),
        undefined,
        'junk',
        junkSite,
      ),
    );
    // In the middle of it, not before it.
    while (opened < 3) await new Promise((resolve) => setTimeout(resolve));
    const before = opened;
    const [honest] = decodeDecryptResponse(await keystore.run('xmtp_decryptV1', honestBatch()));
    expect(honest).toEqual({ result: hi });
    const meanwhile = opened - before;
    await Promise.all(junk);
    expect(opened).toBe(80 + 1);
    // Its own block, and for each of its four slices what was under way and one slice of the other site.
    expect(meanwhile).toBeLessThanOrEqual(1 + 4 * 3);
  });

  it('R-B8 junk that comes again is known, like a peer that is good, and opens nothing', async () => {
    const batch = junkBatch(0, 20);
    const first = await keystore.run('xmtp_decryptV1', batch, undefined, 'junk', junkSite);
    expect(opened).toBe(3);
    expect(await keystore.run('xmtp_decryptV1', batch, undefined, 'junk', junkSite)).toEqual(first);
    expect(opened).toBe(3);
    await keystore.sessions.lock(keystore.safeId);
    expect(keystore.memories.sizeOf(keystore.safeId)).toBe(0);
  });

  it('R-B8 keys that cannot be any are refused before the bundle is opened, as arithmetic would have refused them', async () => {
    const peer = publicBundleOf(bob);
    const offCurve = peer.preKey.publicKey.slice();
    offCurve[40]! ^= 1;
    const signature = peer.preKey.signature!;
    const defective: PublicKeyBundle[] = [
      { ...peer, preKey: { ...peer.preKey, publicKey: offCurve } },
      { ...peer, identityKey: { ...peer.identityKey, publicKey: offCurve } },
      { ...peer, preKey: { ...peer.preKey, signature: { ...signature, bytes: new Uint8Array(64) } } },
      { ...peer, preKey: { ...peer.preKey, signature: { ...signature, bytes: new Uint8Array(64).fill(255) } } },
      { ...peer, preKey: { createdMs: peer.preKey.createdMs, publicKey: peer.preKey.publicKey } },
    ];
    for (const one of defective) {
      expect(peerDefect(one)).toBeDefined();
      expect(() => sharedSecret(ada, one, ada.preKeys[0]!.publicKey, 'recipient')).toThrow();
    }
    const outcomes = decodeDecryptResponse(
      await keystore.run(
        'xmtp_decryptV1',
        encodeDecryptV1Request(defective.map(junkItem)),
        undefined,
        'junk',
        junkSite,
      ),
    );
    expect(outcomes.every((outcome) => 'refusal' in outcome)).toBe(true);
    expect(opened).toBe(0);
    expect(peerDefect(peer)).toBeUndefined();
  });

  it('R-B8 more junk than is remembered does not push out the peers of another site', async () => {
    await keystore.run('xmtp_decryptV1', honestBatch());
    const { safeId, memories, sessions, safes } = keystore;
    const { pairs } = memories.of(safeId, sessions.lockCount(safeId), safes.copyOf(safeId).header.counter);
    expect(pairs.size).toBe(1);
    const theirs = {} as NonNullable<ReturnType<typeof pairs.get>>;
    for (let n = 0; n < keystoreLimits.cachedSecrets + 10; n++) pairs.set(`junk ${n}`, theirs, junkSite);
    opened = 0;
    expect(decodeDecryptResponse(await keystore.run('xmtp_decryptV1', honestBatch()))).toEqual([{ result: hi }]);
    expect(opened).toBe(0);
  });
});
