// What is stored through the adapter: in the order in which the client gave it, whatever overtakes what on the way.
import type { KeystoreInterface } from '@xmtp/xmtp-js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeSignedPublicKeyBundle,
  signedPublicBundleOf,
  type SignedPublicKeyBundle,
} from '../../protocol/keys/bundles';
import { sealInvitation } from '../../protocol/messages/invitation';
import { walletAddressOf } from '../../protocol/keys/keys';
import { identityPool, long } from '../../protocol/testkit/reference.testkit';
import { invitationWith, random } from '../../vault/testkit/keystore-requests.testkit';
import { publicKeyBundle } from '../calls';
import type { PrekeyVaultProvider } from '../types';
import { openVaultPage, type VaultPage } from '../vault-page.testkit';
import { vaultKeystoreProvider, type VaultKeystoreOptions } from './index';

const [bob, cem] = (await identityPool(2)).map(({ ours }) => ours);
if (!bob || !cem) throw new Error('two identities expected');
const addressOf = (bundle: NonNullable<typeof bob>) => walletAddressOf(bundle.identityKey.publicKey);
const newKeystore = (provider: PrekeyVaultProvider, options: VaultKeystoreOptions = {}) =>
  vaultKeystoreProvider(provider, options).newKeystore(
    undefined as never,
    undefined as never,
  ) as Promise<KeystoreInterface>;
const ownBundle = async (page: VaultPage): Promise<SignedPublicKeyBundle> =>
  decodeSignedPublicKeyBundle((await publicKeyBundle(page.provider)).signedPublicKeyBundle);

interface Item {
  contentTopic: string;
  timestampNs: bigint;
  payload: Uint8Array;
}
const request = (items: readonly Item[]) => ({
  requests: items.map(({ contentTopic, timestampNs, payload }) => ({
    contentTopic,
    payload,
    timestampNs: long(timestampNs),
  })),
});

const junk: Item = { contentTopic: '', timestampNs: 1n, payload: new Uint8Array([1]) };

/** An envelope that costs the vault the check of a signature before it is refused, each of them anew: the sender's prekey is signed by nobody. */
function filler(recipient: SignedPublicKeyBundle): Item {
  const { identityKey, preKey } = signedPublicBundleOf(cem as NonNullable<typeof cem>);
  const sender = { identityKey, preKey: { ...preKey, signature: { ...preKey.signature, bytes: random(64) } } };
  const invitation = { topic: topicOf('filler'), keyMaterial: random(32) };
  const payload = sealInvitation({
    invitation,
    header: { sender, recipient, createdNs: 1n },
    secret: random(195),
    salt32: random(32),
    nonce12: random(12),
  });
  return { contentTopic: '', timestampNs: 1n, payload };
}
const topicOf = (name: string) => `/xmtp/0/m-${name}/proto`;
const peerAt = (n: number) => `0x${n.toString(16).padStart(40, '0')}`;
const v1 = (peers: readonly string[]) => ({
  conversations: peers.map((peerAddress) => ({
    peerAddress,
    topic: '',
    createdNs: long(1n),
    context: undefined,
    consentProofPayload: undefined,
  })),
});

/** The provider, with each request on its way to the vault, and each answer on its way back, as long as the scheduler likes. */
function delayed(provider: PrekeyVaultProvider, scheduler: fc.Scheduler): PrekeyVaultProvider {
  return {
    ...provider,
    request: async (args) => {
      await scheduler.schedule(Promise.resolve(), `to the vault: ${args.method}`);
      const answer = await provider.request(args);
      await scheduler.schedule(Promise.resolve(), `back: ${args.method}`);
      return answer;
    },
  };
}

describe('saveInvites', () => {
  it('of more items than one request takes: the first for a topic wins, however many fillers stand before the last', async () => {
    const page = await openVaultPage();
    const own = await ownBundle(page);
    const keystore = await newKeystore(page.provider);
    const topic = topicOf('contested');
    const first = invitationWith(bob, own, 1, { topic, keyMaterial: random(32) });
    const last = invitationWith(cem, own, 2, { topic, keyMaterial: random(32) });
    const { responses } = await keystore.saveInvites(
      request([
        first.item,
        ...Array.from({ length: 499 }, (_, n) => (n % 5 === 0 ? filler(own) : junk)),
        last.item,
      ]) as never,
    );
    expect(responses.map(({ error }) => error?.code ?? 'saved')).toEqual([
      'saved',
      ...Array.from({ length: 499 }, () => 1),
      'saved',
    ]);
    const { conversations } = await keystore.getV2Conversations();
    expect(conversations.map(({ peerAddress }) => peerAddress)).toEqual([addressOf(bob)]);
  });
});

describe('law: the order of the items is the order of effect, in calls of several chunks, one after the other or at once', () => {
  it('V1 peers are told in the order in which they were saved', async () => {
    const page = await openVaultPage();
    let peers = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 3 }),
        async (scheduler, sizes, chunkItems) => {
          const quiet = await newKeystore(page.provider);
          const before = (await quiet.getV1Conversations()).conversations.length;
          const loading = newKeystore(delayed(page.provider, scheduler), { chunkItems });
          const keystore = await scheduler.waitFor(loading);
          const batches = sizes.map((size) => Array.from({ length: size }, () => peerAt(++peers)));
          await scheduler.waitFor(Promise.all(batches.map((batch) => keystore.saveV1Conversations(v1(batch)))));
          const told = (await quiet.getV1Conversations()).conversations.map(({ peerAddress }) => peerAddress);
          expect(told.slice(before)).toEqual(batches.flat());
        },
      ),
      { numRuns: 8 },
    );
  });

  it('of several invitations for a topic the first one given counts', async () => {
    const page = await openVaultPage();
    const own = await ownBundle(page);
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(
          fc.array(fc.record({ topic: fc.nat(1), from: fc.constantFrom(bob, cem) }), { minLength: 1, maxLength: 5 }),
          { minLength: 1, maxLength: 3 },
        ),
        fc.integer({ min: 1, max: 3 }),
        async (scheduler, calls, chunkItems) => {
          run++;
          const name = (topic: number) => topicOf(`${run}-${topic}`);
          const keystore = await scheduler.waitFor(newKeystore(delayed(page.provider, scheduler), { chunkItems }));
          const batches = calls.map((items) =>
            items.map(
              ({ topic, from }, n) =>
                invitationWith(from, own, n, { topic: name(topic), keyMaterial: random(32) }).item,
            ),
          );
          await scheduler.waitFor(Promise.all(batches.map((items) => keystore.saveInvites(request(items) as never))));
          const given = calls.flat();
          const { conversations } = await (await newKeystore(page.provider)).getV2Conversations();
          for (const topic of new Set(given.map((one) => one.topic))) {
            const counts = given.find((one) => one.topic === topic);
            expect(conversations.find((one) => one.topic === name(topic))?.peerAddress).toBe(
              counts && addressOf(counts.from),
            );
          }
        },
      ),
      { numRuns: 8 },
    );
  });
});

it('of what is stored one chunk is under way at a time, of what is only worked on some are', async () => {
  const page = await openVaultPage();
  let [underWay, most] = [0, 0];
  const provider: PrekeyVaultProvider = {
    ...page.provider,
    request: async (args) => {
      most = Math.max(most, ++underWay);
      // As long as the others take to begin.
      await new Promise((resolve) => setTimeout(resolve, 20));
      return page.provider.request(args).finally(() => void underWay--);
    },
  };
  const keystore = await newKeystore(provider, { chunkItems: 1 });
  const mostOf = async (call: Promise<unknown>) => {
    most = 0;
    await call;
    return most;
  };
  expect(await mostOf(keystore.saveV1Conversations(v1([1, 2, 3, 4].map(peerAt))))).toBe(1);
  expect(await mostOf(keystore.saveInvites(request([junk, junk, junk, junk]) as never))).toBe(1);
  const plaintexts = [1, 2, 3, 4].map((byte) => ({ payload: Uint8Array.of(byte) }));
  expect(await mostOf(keystore.selfEncrypt({ requests: plaintexts } as never))).toBe(3);
});

it('a call that waits for an earlier one ends as soon as it is aborted, and one that fails holds up none', async () => {
  const page = await openVaultPage();
  let isOpen = () => undefined as void;
  const gate = new Promise<void>((resolve) => (isOpen = resolve));
  let saves = 0;
  const provider: PrekeyVaultProvider = {
    ...page.provider,
    request: async (args) => {
      if (args.method === 'xmtp_saveV1Conversations' && ++saves === 1) {
        await gate;
        throw Object.assign(new Error('no'), { code: -32603 });
      }
      return page.provider.request(args);
    },
  };
  const signals = [undefined, AbortSignal.abort(new Error('enough')), undefined];
  const keystore = await newKeystore(provider, { signal: () => signals.shift() });
  const [first, second, third] = [1, 2, 3].map((n) => keystore.saveV1Conversations(v1([peerAt(n)])));
  await expect(second).rejects.toThrow('enough');
  isOpen();
  await expect(first).rejects.toMatchObject({ code: -32603 });
  await third;
  expect((await keystore.getV1Conversations()).conversations.map(({ peerAddress }) => peerAddress)).toEqual([
    peerAt(3),
  ]);
});
