// Pins: a page works with the prekey its session began with, across rotations and dead workers, until it reads the bundle again.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeSignedPublicKeyBundle,
  signedPublicBundleOf,
  type PrivateKeyBundleV1,
} from '../../protocol/keys/bundles';
import { bytesToHex } from '../../protocol/base/bytes';
import { decodeSealedInvitation } from '../../protocol/messages/invitation';
import { decodeCreateInviteResponse, encodeCreateInviteRequest } from '../../protocol/keystore/calls';
import { identityPool } from '../../protocol/testkit/reference.testkit';
import { verifyDigest } from '../../protocol/base/secp256k1';
import { encodeVaultSignPayload, vaultSignDigest } from '../../protocol/ours/vault-signature';
import { random, timeNs, withOnly } from '../testkit/keystore-requests.testkit';
import { createTestKeystore, type TestKeystore } from '../testkit/keystore.testkit';
import { createMemoryArea } from '../testkit/memory-host.testkit';
import { createDocumentPrekeys, mostDocumentPrekeys } from './document-prekeys';
import { enrolledBrowser, signRequest, unlockWithWallet } from '../testkit/vault.testkit';
import type { Vault } from '../vault';

const [ada, bob] = (await identityPool(2)).map(({ ours }) => ours) as [PrivateKeyBundleV1, PrivateKeyBundleV1];
const fresh = withOnly(ada, 0);
const safeId = '0'.repeat(31) + '1';
const storage = (area = createMemoryArea()) => ({ host: { session: area, checkpoint: undefined } });
const loaded = async (area: ReturnType<typeof createMemoryArea>) => {
  const documentPrekeys = createDocumentPrekeys(storage(area));
  await documentPrekeys.load();
  return documentPrekeys;
};

async function rotate({ rotation }: Pick<Vault, 'rotation'>, id: string): Promise<void> {
  await rotation.begin(id);
  await rotation.mark(id, 'copied');
  await rotation.mark(id, 'announced');
  await rotation.complete(id);
}

describe('document prekeys', () => {
  it('are what a map from safe and document to prekey would be, also for the next worker', async () => {
    const document = fc.constantFrom('a', 'b', 'a:b', 'https://x.example 7');
    const step = fc.oneof(
      fc.record({
        do: fc.constant('pin' as const),
        safe: fc.constantFrom('1', '2'),
        document,
        prekey: fc.constantFrom('P', 'Q'),
      }),
      fc.record({ do: fc.constant('gone' as const), document }),
      fc.record({ do: fc.constant('forget' as const), safe: fc.constantFrom('1', '2') }),
      fc.record({ do: fc.constant('restart' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const area = createMemoryArea();
        let documentPrekeys = await loaded(area);
        const model = new Map<string, string>();
        for (const one of steps) {
          if (one.do === 'pin') {
            await documentPrekeys.bind(one.safe.repeat(32), one.document, one.prekey);
            model.set(`${one.safe} ${one.document}`, one.prekey);
          } else if (one.do === 'gone') {
            await documentPrekeys.documentGone(one.document);
            for (const safe of ['1', '2']) model.delete(`${safe} ${one.document}`);
          } else if (one.do === 'forget') {
            await documentPrekeys.drop(one.safe.repeat(32));
            for (const key of model.keys()) if (key.startsWith(one.safe)) model.delete(key);
          } else documentPrekeys = await loaded(area);
          for (const safe of ['1', '2']) {
            for (const name of ['a', 'b', 'a:b', 'https://x.example 7'])
              expect(documentPrekeys.nameOf(safe.repeat(32), name)).toBe(model.get(`${safe} ${name}`));
          }
          expect(area.items.size).toBe(model.size);
        }
      }),
    );
  });

  it('of one origin that opens document after document do not push out those of another', async () => {
    const documentPrekeys = await loaded(createMemoryArea());
    await documentPrekeys.bind(safeId, 'honest', 'P', 'https://honest.example');
    for (let n = 0; n < mostDocumentPrekeys + 50; n++)
      await documentPrekeys.bind(safeId, `d${n}`, 'P', 'https://many.example');
    expect(documentPrekeys.nameOf(safeId, 'honest')).toBe('P');
    expect([
      documentPrekeys.nameOf(safeId, 'd0'),
      documentPrekeys.nameOf(safeId, `d${mostDocumentPrekeys + 49}`),
    ]).toEqual([undefined, 'P']);
  });

  it('are bounded, and the oldest goes first, also after a restart', async () => {
    const area = createMemoryArea();
    const first = await loaded(area);
    for (let n = 0; n < mostDocumentPrekeys; n++) await first.bind(safeId, `d${n}`, 'P');
    await first.bind(safeId, 'd0', 'Q');
    const next = await loaded(area);
    await next.bind(safeId, 'new', 'P');
    expect(area.items.size).toBe(mostDocumentPrekeys);
    expect([
      next.nameOf(safeId, 'd0'),
      next.nameOf(safeId, 'd1'),
      next.nameOf(safeId, 'd2'),
      next.nameOf(safeId, 'new'),
    ]).toEqual(['Q', undefined, 'P', 'P']);
  });

  it('a site that opens more documents than there is room for unpins its own, not those of others', async () => {
    const area = createMemoryArea();
    const documentPrekeys = await loaded(area);
    for (let n = 0; n < 5; n++) await documentPrekeys.bind(safeId, `calm ${n}`, 'P', 'https://calm.example');
    for (let n = 0; n < mostDocumentPrekeys; n++)
      await documentPrekeys.bind(safeId, `greedy ${n}`, 'P', 'https://greedy.example');
    const next = await loaded(area);
    await next.bind(safeId, 'last', 'P', 'https://calm.example');
    expect(Array.from({ length: 5 }, (_, n) => next.nameOf(safeId, `calm ${n}`))).toEqual(
      Array.from({ length: 5 }, () => 'P'),
    );
    expect([
      next.nameOf(safeId, 'last'),
      next.nameOf(safeId, 'greedy 0'),
      next.nameOf(safeId, `greedy ${mostDocumentPrekeys - 1}`),
    ]).toEqual(['P', undefined, 'P']);
    expect(area.items.size).toBe(mostDocumentPrekeys);
  });

  it('stay as they were when they cannot be stored', async () => {
    const area = createMemoryArea();
    const documentPrekeys = await loaded(area);
    await documentPrekeys.bind(safeId, 'd', 'P');
    area.set = () => Promise.reject(new Error('full'));
    for (const document of ['d', 'e'])
      await expect(documentPrekeys.bind(safeId, document, 'Q')).rejects.toMatchObject({ reason: 'storage-failed' });
    expect([documentPrekeys.nameOf(safeId, 'd'), documentPrekeys.nameOf(safeId, 'e')]).toEqual(['P', undefined]);
  });

  it('leave other items of the area alone, and are not read out of items of another shape', async () => {
    const area = createMemoryArea();
    await area.set({ 'session:x': 1, [`pin:${safeId}:d`]: { prekey: 5, order: 1 } });
    const documentPrekeys = await loaded(area);
    expect(documentPrekeys.nameOf(safeId, 'd')).toBeUndefined();
    await documentPrekeys.drop();
    expect(area.items.has('session:x')).toBe(true);
  });
});

const signerOf = async (keystore: TestKeystore, documentKey: string): Promise<string> => {
  const fields = { origin: 'https://app.example', purpose: 'p', payload: random(32), issuedAtMs: 5 };
  const { signature, signed } = await keystore.keys.sign(keystore.safeId, { ...fields, documentKey });
  const digest = vaultSignDigest(encodeVaultSignPayload(signed));
  const { preKeys } = await keystore.bundle();
  return bytesToHex(
    preKeys.find(({ publicKey }) => verifyDigest(signature, digest, publicKey.publicKey))?.publicKey.publicKey ??
      new Uint8Array(),
  );
};
const inviterOf = async (keystore: TestKeystore, documentKey: string): Promise<string> => {
  const request = encodeCreateInviteRequest({ recipient: signedPublicBundleOf(bob), createdNs: timeNs(1) });
  const { payload } = decodeCreateInviteResponse(
    await keystore.run('xmtp_createInvite', request, undefined, documentKey),
  );
  return bytesToHex(decodeSealedInvitation(payload).header.sender.preKey.publicKey);
};
const toldTo = async (vault: Pick<Vault, 'keys'>, id: string, documentKey?: string): Promise<string> =>
  bytesToHex(
    decodeSignedPublicKeyBundle((await vault.keys.publicBundles(id, documentKey)).signedPublicKeyBundle).preKey
      .publicKey,
  );

it('every call that binds a document says whose document it is: listing, publishing, reading the bundle, signing', async () => {
  const keystore = await createTestKeystore(fresh);
  const { safeId: id, keys } = keystore;
  const origin = 'https://a.example';
  await keystore.keystore.run(id, 'xmtp_getV2Conversations', new Uint8Array(), {
    documentKey: '1',
    origin,
    nowMs: keystore.clock.nowMs,
  });
  await keystore.keystore.checkPublish(id, '2', new Uint8Array(), { origin, within: [] });
  await keys.publicBundles(id, '3', origin);
  await keys.sign(id, { ...signRequest, origin, documentKey: '4' });
  const documentPrekeys = Object.entries(await keystore.host.session.get(null)).filter(([key]) =>
    key.startsWith('pin:'),
  );
  expect(documentPrekeys.map(([, one]) => (one as { origin?: string }).origin)).toEqual([
    origin,
    origin,
    origin,
    origin,
  ]);
});

describe('a page that was there before a rotation', () => {
  it('goes on with its prekey until it reads the bundle again; a page that comes later has the new one', async () => {
    const keystore = await createTestKeystore(fresh);
    const id = keystore.safeId;
    const old = await toldTo(keystore, id, 'reader');
    // Not one that reads the bundle first: any call documentPrekeys.
    await keystore.run('xmtp_getV2Conversations', undefined, undefined, 'lister');
    await rotate(keystore, id);
    const current = await toldTo(keystore, id);
    expect(current).not.toBe(old);
    for (const page of ['reader', 'lister'])
      expect([await signerOf(keystore, page), await inviterOf(keystore, page)]).toEqual([old, old]);
    expect([await signerOf(keystore, 'later'), await inviterOf(keystore, 'later')]).toEqual([current, current]);
    expect(await toldTo(keystore, id, 'reader')).toBe(current);
    expect([await signerOf(keystore, 'reader'), await signerOf(keystore, 'lister')]).toEqual([current, old]);
    await keystore.documentPrekeys.documentGone('lister');
    expect(await signerOf(keystore, 'lister')).toBe(current);
  });

  it('R-C3 what is only described for a card binds nothing', async () => {
    const keystore = await createTestKeystore(fresh);
    await keystore.keystore.describe(keystore.safeId, 'xmtp_getV2Conversations', new Uint8Array());
    expect(
      await keystore.host.session.get(null).then((items) => Object.keys(items).filter((key) => key.startsWith('pin:'))),
    ).toEqual([]);
  });

  it('P3 keeps its prekey across a dead worker and a lock, and loses it with the browser', async () => {
    const browser = await enrolledBrowser();
    const old = await toldTo(browser.vault, browser.safeId, 'page');
    const documentKey = 'page';
    await rotate(browser.vault, browser.safeId);
    const next = browser.startWorker();
    const signed = await next.keys.sign(browser.safeId, { ...signRequest, documentKey });
    expect(bytesToHex(decodeSignedPublicKeyBundle(signed.signedPublicKeyBundle).preKey.publicKey)).toBe(old);
    await next.lock();
    await unlockWithWallet(next, browser.safeId, browser.wallet);
    const again = await next.keys.sign(browser.safeId, { ...signRequest, documentKey });
    expect(bytesToHex(decodeSignedPublicKeyBundle(again.signedPublicKeyBundle).preKey.publicKey)).toBe(old);
    const restarted = await browser.restart();
    await unlockWithWallet(restarted, browser.safeId, browser.wallet);
    const last = await restarted.keys.sign(browser.safeId, { ...signRequest, documentKey });
    expect(bytesToHex(decodeSignedPublicKeyBundle(last.signedPublicKeyBundle).preKey.publicKey)).not.toBe(old);
  });

  it('loses its prekey when the identity is forgotten or the page is gone', async () => {
    const browser = await enrolledBrowser();
    const bound = () => [...browser.sessionItems.keys()].filter((key) => key.startsWith('pin:'));
    await toldTo(browser.vault, browser.safeId, 'one');
    await toldTo(browser.vault, browser.safeId, 'two');
    expect(bound()).toHaveLength(2);
    await browser.vault.documentGone('one');
    expect(bound()).toHaveLength(1);
    await browser.vault.identity.forget({ safeId: browser.safeId, typed: browser.wallet.account });
    expect(bound()).toEqual([]);
  });
});
