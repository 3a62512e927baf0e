// What the keystore does for the account: tokens, blind digests, self encryption, preferences, V1 peers, refresh jobs; and what is absent.
import { describe, expect, it } from 'vitest';
import type { KeystoreMethod } from '../../contract/dapp/methods';
import { verifyAuthToken } from '../../protocol/keys/auth-token';
import { type PrivateKeyBundleV1 } from '../../protocol/keys/bundles';
import { concatBytes } from '../../protocol/base/bytes';
import {
  decodeConversations,
  decodeGetRefreshJobResponse,
  decodePrivatePreferencesEntries,
  encodeConversations,
  encodeCreateAuthTokenRequest,
  encodeGetRefreshJobRequest,
  encodePrivatePreferencesEntries,
  encodeSetRefreshJobRequest,
} from '../../protocol/keystore/calls';
import {
  decodeDecryptResponse,
  decodeSelfEncryptResponse,
  encodeSelfDecryptRequest,
  encodeSelfEncryptRequest,
} from '../../protocol/keystore/messages';
import { walletAddressOf } from '../../protocol/keys/keys';
import { encodePreferenceAction } from '../../protocol/messages/preference-action';
import { identityPool } from '../../protocol/testkit/reference.testkit';
import { random, timeNs, told } from '../testkit/keystore-requests.testkit';
import { createTestKeystore } from '../testkit/keystore.testkit';

const [ada, bob, cem] = (await identityPool(3)).map(({ ours }) => ours) as [
  PrivateKeyBundleV1,
  PrivateKeyBundleV1,
  PrivateKeyBundleV1,
];
const address = (bundle: PrivateKeyBundleV1) => walletAddressOf(bundle.identityKey.publicKey);
const refusal = (keystoreCode: number) => expect.objectContaining({ name: 'KeystoreRefusal', keystoreCode });

describe('the account', () => {
  it('a token is dated by the clock of the vault, whatever date the caller wants', async () => {
    const keystore = await createTestKeystore(ada);
    const nowNs = BigInt(keystore.clock.nowMs) * 1_000_000n;
    const wishes = [undefined, 0n, nowNs - 1n, nowNs + 10n ** 18n, 2n ** 64n - 1n];
    const tokens = await Promise.all(
      wishes.map((wish) => keystore.run('xmtp_createAuthToken', encodeCreateAuthTokenRequest(wish))),
    );
    for (const token of tokens) {
      expect(token).toEqual(tokens[0]);
      expect(verifyAuthToken(token, nowNs)).toBe(address(ada));
      expect(() => verifyAuthToken(token, nowNs + 3_600_000_000_001n)).toThrow('expired');
    }
  });

  it('R-B1 P1 what gives keys away does not exist', async () => {
    const keystore = await createTestKeystore(ada);
    for (const name of [
      'getPrivateKeyBundle',
      'signDigest',
      'initKeystore',
      'getKeystoreStatus',
      'getPublicKeyBundle',
      'constructor',
      '__proto__',
      'toString',
    ]) {
      await expect(keystore.run(`xmtp_${name}` as KeystoreMethod)).rejects.toEqual(refusal(1));
      await expect(keystore.run(name as KeystoreMethod)).rejects.toEqual(refusal(1));
    }
  });

  it('self encryption round-trips, item by item, and nobody else opens it', async () => {
    const [mine, others] = [await createTestKeystore(ada), await createTestKeystore(bob)];
    const plains = [new Uint8Array(), random(1), random(5000)];
    const sealed = decodeSelfEncryptResponse(await mine.run('xmtp_selfEncrypt', encodeSelfEncryptRequest(plains))).map(
      told,
    ) as Uint8Array[];
    const request = encodeSelfDecryptRequest([Uint8Array.of(1), ...sealed]);
    expect(decodeDecryptResponse(await mine.run('xmtp_selfDecrypt', request)).map(told)).toEqual([
      'refused 1',
      ...plains,
    ]);
    expect(decodeDecryptResponse(await others.run('xmtp_selfDecrypt', request)).map(told)).toEqual(
      Array.from({ length: 4 }, () => 'refused 1'),
    );
  });

  it('preferences: existing times win, ascending by number, and only actions are stored', async () => {
    const keystore = await createTestKeystore(ada);
    const action = (name: string) => encodePreferenceAction({ kind: 'allowAddress', values: [name] });
    const put = (entries: [string, Uint8Array][]) =>
      keystore.run(
        'xmtp_savePrivatePreferences',
        encodePrivatePreferencesEntries(entries.map(([key, bytes]) => ({ key, action: bytes }))),
      );
    const get = async () =>
      decodePrivatePreferencesEntries(await keystore.run('xmtp_getPrivatePreferences')).map(
        ({ key, action: bytes }) => [key, bytes],
      );
    await put([
      ['1700000000000000000', action('b')],
      ['1700000000000', action('a')],
    ]);
    await put([
      ['1700000000000', action('other')],
      ['9', action('c')],
    ]);
    expect(await get()).toEqual([
      ['9', action('c')],
      ['1700000000000', action('a')],
      ['1700000000000000000', action('b')],
    ]);
    for (const [key, bytes] of [
      ['x', action('d')],
      ['-1', action('d')],
      ['1'.repeat(21), action('d')],
      ['2', Uint8Array.of(255)],
    ] as [string, Uint8Array][]) {
      await expect(
        put([
          ['3', action('e')],
          [key, bytes],
        ]),
      ).rejects.toEqual(refusal(1));
    }
    expect(await get()).toHaveLength(3);
  });

  it('R-C3 an action of several kinds means the last, and nothing else of it is shown, stored or sealed', async () => {
    const keystore = await createTestKeystore(ada);
    const [allow, deny] = [
      encodePreferenceAction({ kind: 'allowAddress', values: [address(bob)] }),
      encodePreferenceAction({ kind: 'denyAddress', values: [address(cem)] }),
    ];
    const both = concatBytes(allow, deny);
    expect((await keystore.keystore.describe(keystore.safeId, 'xmtp_createPrivatePreference', both)).peers).toEqual([
      address(cem),
    ]);
    await keystore.run('xmtp_savePrivatePreferences', encodePrivatePreferencesEntries([{ key: '5', action: both }]));
    expect(decodePrivatePreferencesEntries(await keystore.run('xmtp_getPrivatePreferences'))).toEqual([
      { key: '5', action: deny },
    ]);
    const sealed = await keystore.run('xmtp_createPrivatePreference', both);
    const [opened] = decodeDecryptResponse(await keystore.run('xmtp_selfDecrypt', encodeSelfDecryptRequest([sealed])));
    expect(told(opened)).toEqual(deny);
  });

  it('a request with defaults written out and fields given twice is carried out like the one that says it once', async () => {
    const keystore = await createTestKeystore(ada);
    const at = (ns: bigint) => encodeSetRefreshJobRequest(2, ns);
    await keystore.run('xmtp_setRefreshJob', concatBytes(Uint8Array.of(8, 0, 16, 0), at(5n), at(7n)));
    expect(
      decodeGetRefreshJobResponse(
        await keystore.run('xmtp_getRefreshJob', concatBytes(Uint8Array.of(8, 0), encodeGetRefreshJobRequest(2))),
      ),
    ).toBe(7n);
    const token = await keystore.run('xmtp_createAuthToken', Uint8Array.of(8, 0, 8, 1));
    expect(token.length).toBeGreaterThan(100);
  });

  it('V1 peers: topics are computed, the first wins, a wrong address refuses all', async () => {
    const keystore = await createTestKeystore(ada);
    const put = (peers: string[]) =>
      keystore.run(
        'xmtp_saveV1Conversations',
        encodeConversations(peers.map((peerAddress, at) => ({ topic: 'ignored', peerAddress, createdNs: timeNs(at) }))),
      );
    await put([address(cem), address(bob), address(cem).toLowerCase()]);
    await expect(put([address(ada), '0x1234'])).rejects.toEqual(refusal(1));
    const peers = decodeConversations(await keystore.run('xmtp_getV1Conversations'));
    expect(peers.map(({ peerAddress, createdNs }) => [peerAddress, createdNs])).toEqual([
      [address(cem), timeNs(0)],
      [address(bob), timeNs(1)],
    ]);
    for (const { topic } of peers) expect(topic).toMatch(/^\/xmtp\/0\/dm-0x.{40}-0x.{40}\/proto$/);
  });

  it('refresh jobs: each has its time, unknown ones 0, type 0 cannot be read', async () => {
    const keystore = await createTestKeystore(ada);
    keystore.clock.nowMs += 60_000;
    const get = async (type: 0 | 1 | 2 | 3) =>
      decodeGetRefreshJobResponse(await keystore.run('xmtp_getRefreshJob', encodeGetRefreshJobRequest(type)));
    for (const [type, time] of [
      [1, 5n],
      [2, -7n],
      [1, timeNs(3)],
      [0, 1n],
    ] as const) {
      await keystore.run('xmtp_setRefreshJob', encodeSetRefreshJobRequest(type, time));
    }
    expect([await get(1), await get(2), await get(3)]).toEqual([timeNs(3), -7n, 0n]);
    await expect(get(0)).rejects.toEqual(refusal(1));
  });
});
