// The keystore object over the real vault: item by item errors, chunks, refusals, placeholders, what happens when the vault is away.
import { Client, keystoreApiDefs, type KeystoreInterface } from '@xmtp/xmtp-js';
import { describe, expect, it } from 'vitest';
import { long } from '../../protocol/testkit/reference.testkit';
import { PrekeyVaultError } from '../errors';
import { failing, openVaultPage, type VaultPage } from '../vault-page.testkit';
import { VaultKeystoreError, vaultKeystoreProvider, xmtpCapabilities, type VaultKeystoreOptions } from './index';

const newKeystore = (page: Pick<VaultPage, 'provider'>, options: VaultKeystoreOptions = {}) =>
  vaultKeystoreProvider(page.provider, options).newKeystore(
    undefined as never,
    undefined as never,
  ) as Promise<KeystoreInterface>;
const plain = (text: string) => ({ payload: new TextEncoder().encode(text) });
/** Requests of one method since the page was connected. */
const requestsOf = (page: VaultPage, method: string) => page.traffic.filter((one) => one.method === method);
const digest = new Uint8Array(32).fill(7);

describe('the shim', () => {
  it('has every function of the package, and five more', async () => {
    const keystore = await newKeystore(await openVaultPage());
    const own = [
      'getAccountAddress',
      'getPrivatePreferencesTopic',
      'createPrivatePreference',
      'getPrivatePreferences',
      'savePrivatePreferences',
    ];
    expect(new Set(Object.keys(keystore))).toEqual(new Set([...Object.keys(keystoreApiDefs), ...own]));
  });

  it('asks for one account, the one that it began with', async () => {
    const page = await openVaultPage();
    const keystore = await newKeystore(page);
    await keystore.getV2Conversations();
    expect(await keystore.getAccountAddress()).toBe(page.account);
    expect(requestsOf(page, 'xmtp_getV2Conversations')[0]!.params).toMatchObject({ account: page.account });
    const failed = await newKeystore(page, { account: `0x${'11'.repeat(20)}` }).catch((error: unknown) => error);
    expect(failed).toMatchObject({ name: 'PrekeyVaultError', code: 4100 });
  });

  it('gives the bundle that the client was made with for as long as it lives', async () => {
    const page = await openVaultPage();
    const keystore = await newKeystore(page);
    const bundle = await keystore.getPublicKeyBundle();
    await keystore.getPublicKeyBundle();
    expect(bundle.identityKey?.secp256k1Uncompressed?.bytes).toHaveLength(65);
    expect(requestsOf(page, 'vault_getPublicKeyBundle')).toHaveLength(1);
  });

  it('never gives private keys away', async () => {
    const page = await openVaultPage();
    await expect((await newKeystore(page)).getPrivateKeyBundle()).rejects.toMatchObject({
      name: 'PrekeyVaultError',
      code: 4200,
    });
    const options = {
      keystoreProviders: [vaultKeystoreProvider(page.provider)],
      skipContactPublishing: true,
      env: 'local',
    } as const;
    await expect(
      Client.getKeys(null, { ...options, keystoreProviders: [...options.keystoreProviders] }),
    ).rejects.toBeInstanceOf(PrekeyVaultError);
  });

  it("refuses a whole call with the keystore's own code", async () => {
    const keystore = await newKeystore(await openVaultPage());
    const refused = await keystore.getRefreshJob({ jobType: 0 }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(VaultKeystoreError);
    expect(refused).toMatchObject({ code: 1, cause: { name: 'PrekeyVaultError', code: -32602 } });
  });

  it('keeps what it was told: jobs and V1 peers', async () => {
    const page = await openVaultPage();
    const keystore = await newKeystore(page, { chunkItems: 2 });
    const lastRunNs = long(1_700_000_000_123_000_000n);
    await keystore.setRefreshJob({ jobType: 2, lastRunNs });
    expect((await keystore.getRefreshJob({ jobType: 2 })).lastRunNs.toString()).toBe('1700000000123000000');
    const peers = [1, 2, 3, 4, 5].map((digit) => `0x${`${digit}`.repeat(40)}`);
    const conversations = peers.map((peerAddress) => ({
      peerAddress,
      createdNs: lastRunNs,
      topic: '',
      context: undefined,
      consentProofPayload: undefined,
    }));
    await keystore.saveV1Conversations({ conversations });
    expect((await keystore.getV1Conversations()).conversations.map(({ peerAddress }) => peerAddress)).toEqual(peers);
    expect(requestsOf(page, 'xmtp_saveV1Conversations')).toHaveLength(3);
  });

  it('gives HMAC keys of the topics that are named, and of all when none is', async () => {
    const page = await openVaultPage({ capabilities: [...xmtpCapabilities, 'notifications'] });
    const keystore = await newKeystore(page, { chunkItems: 2 });
    const bundle = await (await newKeystore(await openVaultPage())).getPublicKeyBundle();
    const { SignedPublicKeyBundle, PublicKeyBundle } = await import('@xmtp/xmtp-js');
    const recipient = SignedPublicKeyBundle.fromLegacyBundle(new PublicKeyBundle(bundle));
    const topics: string[] = [];
    for (const conversationId of ['a', 'b', 'c']) {
      const context = { conversationId, metadata: {} };
      const { conversation } = await keystore.createInvite({
        context,
        recipient,
        createdNs: long(1_700_000_000_000_000_000n),
        consentProof: undefined,
      });
      topics.push(conversation!.topic);
    }
    const [all, some] = [
      await (keystore.getV2ConversationHmacKeys as () => Promise<{ hmacKeys: object }>)(),
      await keystore.getV2ConversationHmacKeys({ topics: topics.slice(1, 2) }),
    ];
    expect(Object.keys(all.hmacKeys).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(
      topics.toSorted((a, b) => (a < b ? -1 : 1)),
    );
    expect(Object.keys(some.hmacKeys)).toEqual([topics[1]]);
    expect((await keystore.getV2ConversationHmacKeys({ topics: [] })).hmacKeys).toEqual({});
  });
});

describe('batches', () => {
  it('come back in order, in chunks, with one failure in its place', async () => {
    const page = await openVaultPage();
    const keystore = await newKeystore(page, { chunkItems: 10 });
    const sealed = (
      await keystore.selfEncrypt({ requests: Array.from({ length: 35 }, (_, at) => plain(`text ${at}`)) })
    ).responses;
    const requests = sealed.map(({ result }, at) => ({ payload: at === 17 ? new Uint8Array(5) : result!.encrypted }));
    const { responses } = await keystore.selfDecrypt({ requests });
    expect(
      responses.map(({ result, error }) =>
        error ? `code ${error.code}` : new TextDecoder().decode(result!.decrypted),
      ),
    ).toEqual(Array.from({ length: 35 }, (_, at) => (at === 17 ? 'code 1' : `text ${at}`)));
    expect(requestsOf(page, 'xmtp_selfDecrypt')).toHaveLength(4);
  });

  it('that are cut are asked about once, also by a person who says just once; the next one asks again', async () => {
    const page = await openVaultPage();
    page.answersOnce();
    const keystore = await newKeystore(page, { chunkItems: 10 });
    const requests = Array.from({ length: 35 }, (_, at) => plain(`text ${at}`));
    const before = page.cards.length;
    const { responses } = await keystore.selfEncrypt({ requests });
    expect(responses.every(({ result }) => result)).toBe(true);
    const shown = page.cards.slice(before).filter(({ kind }) => kind === 'messages');
    expect(shown.map((card) => card.kind === 'messages' && card.facts.whole)).toMatchObject(
      shown.map(() => ({ items: 35, parts: 4 })),
    );
    // Those that were sent at the same time may have had a card before the first was answered.
    expect(shown.length).toBeLessThanOrEqual(3);
    const again = page.cards.length;
    await keystore.selfEncrypt({ requests: requests.slice(0, 1) });
    expect(page.cards.slice(again)).toMatchObject([{ kind: 'messages' }]);
  });

  it('that are empty ask nobody', async () => {
    const page = await openVaultPage();
    const keystore = await newKeystore(page);
    const before = page.traffic.length;
    const [none] = [{ requests: [] }];
    for (const method of [
      'decryptV1',
      'decryptV2',
      'encryptV1',
      'encryptV2',
      'saveInvites',
      'selfEncrypt',
      'selfDecrypt',
    ] as const)
      expect(await keystore[method](none)).toEqual({ responses: [] });
    expect(page.traffic.length).toBe(before);
  });

  it('are cut by bytes as well, and an item that no request can carry fails alone', async () => {
    const page = await openVaultPage();
    const keystore = await newKeystore(page);
    const payload = (pieces: number) => ({ payload: new Uint8Array(pieces * 64 * 1024) });
    const { responses } = await keystore.selfDecrypt({
      requests: [payload(1), payload(9 * 16), payload(2), payload(3)],
    });
    expect(responses.map(({ error }) => [error?.code, error?.message === 'item is too large'])).toEqual([
      [1, false],
      [1, true],
      [1, false],
      [1, false],
    ]);
    expect(
      requestsOf(page, 'xmtp_selfDecrypt').map(
        ({ params }) => (params as { request: Uint8Array }).request.length >> 16,
      ),
    ).toEqual([3, 3]);
  });

  it('stop when they are aborted, and the next one runs with a new signal', async () => {
    const page = await openVaultPage();
    let controller = new AbortController();
    const keystore = await newKeystore(page, {
      chunkItems: 2,
      signal: () => controller.signal,
      onProgress: ({ done }) => done >= 4 && controller.abort(new Error('stop')),
    });
    const requests = Array.from({ length: 40 }, () => plain('x'));
    await expect(keystore.selfEncrypt({ requests })).rejects.toThrow('stop');
    expect(requestsOf(page, 'xmtp_selfEncrypt').length).toBeLessThan(8);
    controller = new AbortController();
    expect((await keystore.selfEncrypt({ requests: requests.slice(0, 3) })).responses).toHaveLength(3);
  });
});

describe('signDigest', () => {
  it('asks the vault nothing, and tells who never used the placeholder', async () => {
    const page = await openVaultPage();
    const seen: Uint8Array[] = [];
    const keystore = await newKeystore(page, { redeemWithinMs: 5, onUnredeemed: (one) => void seen.push(one) });
    const before = page.traffic.length;
    const signature = await keystore.signDigest({ digest, prekeyIndex: 0, identityKey: undefined });
    expect(signature.ecdsaCompact).toMatchObject({ recovery: 0 });
    expect(page.traffic.length).toBe(before);
    await expect.poll(() => seen).toEqual([digest]);
  });

  it('says nothing of a placeholder that came back in content', async () => {
    const seen: Uint8Array[] = [];
    const keystore = await newKeystore(await openVaultPage(), {
      redeemWithinMs: 5,
      onUnredeemed: (one) => void seen.push(one),
    });
    const ask = (of: Uint8Array) => keystore.signDigest({ digest: of, prekeyIndex: 0, identityKey: undefined });
    const payload = (await ask(digest)).ecdsaCompact?.bytes ?? new Uint8Array();
    await keystore.encryptV2({ requests: [{ contentTopic: 'none', headerBytes: digest, payload }] });
    const another = digest.map((byte) => byte ^ 1);
    await ask(another);
    await expect.poll(() => seen).toEqual([another]);
  });

  it.each([
    [{ digest, identityKey: true, prekeyIndex: undefined }, 1],
    [{ digest, identityKey: true, prekeyIndex: 0 }, 1],
    [{ digest, identityKey: undefined, prekeyIndex: 1 }, 2],
    [{ digest, identityKey: false, prekeyIndex: undefined }, 1],
    [{ digest: digest.subarray(1), identityKey: undefined, prekeyIndex: 0 }, 1],
  ])('refuses other keys and other lengths at once: %#', async (request, code) => {
    const page = await openVaultPage();
    const keystore = await newKeystore(page);
    const before = page.traffic.length;
    await expect(keystore.signDigest(request)).rejects.toMatchObject({ name: 'VaultKeystoreError', code });
    expect(page.traffic.length).toBe(before);
  });
});

describe('permissions', () => {
  it('without preferences a client can still be made, and what needs them is refused', async () => {
    const keystore = await newKeystore(await openVaultPage({ capabilities: ['identity', 'messages.read'] }));
    expect(keystore.getPrivatePreferences()).toEqual(new Map());
    expect((await keystore.getV2Conversations()).conversations).toEqual([]);
    await expect(keystore.selfEncrypt({ requests: [plain('x')] })).rejects.toMatchObject({ code: 4100 });
    await expect(keystore.createAuthToken({ timestampNs: undefined })).rejects.toMatchObject({ code: 4100 });
  });

  it('what the person refuses is refused: 4001, for the client too', async () => {
    const page = await openVaultPage();
    page.refuseAll();
    await expect(newKeystore(page)).rejects.toMatchObject({ name: 'PrekeyVaultError', code: 4001, reason: 'rejected' });
  });
});

describe('when the extension is out of reach', () => {
  it('once, the call is sent again; twice, it fails with 4900', async () => {
    const page = await openVaultPage();
    const isBatch = (method: string) => method === 'xmtp_selfEncrypt';
    const requests = Array.from({ length: 6 }, (_, at) => plain(`${at}`));
    const once = await newKeystore({ provider: failing(page.provider, 4900, 1, isBatch) }, { chunkItems: 2 });
    expect((await once.selfEncrypt({ requests })).responses).toHaveLength(6);
    const twice = await newKeystore({ provider: failing(page.provider, 4900, 9, isBatch) }, { chunkItems: 2 });
    await expect(twice.selfEncrypt({ requests })).rejects.toMatchObject({ code: 4900 });
  });

  it('a refusal is not asked again', async () => {
    const page = await openVaultPage();
    const keystore = await newKeystore({
      provider: failing(page.provider, 4001, 1, (method) => method === 'xmtp_getV1Conversations'),
    });
    await expect(keystore.getV1Conversations()).rejects.toMatchObject({ code: 4001 });
  });
});
