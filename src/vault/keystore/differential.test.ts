// The same calls on an unmodified keystore of xmtp-js and on ours, over the same identity: equivalent answers, in any order of calls.
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { KeystoreMethod } from '../../contract/dapp/methods';
import { publicBundleOf, signedPublicBundleOf, type PrivateKeyBundleV1 } from '../../protocol/keys/bundles';
import { encodeSignedContent, contentDigest, encryptV2 } from '../../protocol/messages/message-v2';
import type { ConversationReference } from '../../protocol/messages/conversation';
import {
  decodeConversations,
  decodeCreateInviteResponse,
  decodeGetRefreshJobResponse,
  decodeHmacKeysResponse,
  decodePrivatePreferencesEntries,
  encodeConversations,
  encodeCreateAuthTokenRequest,
  encodeCreateInviteRequest,
  encodeGetRefreshJobRequest,
  encodeHmacKeysRequest,
  encodePrivatePreferencesEntries,
  encodeSetRefreshJobRequest,
} from '../../protocol/keystore/calls';
import type { ItemOutcome } from '../../protocol/keystore/messages';
import {
  decodeDecryptResponse,
  decodeEncryptResponse,
  decodeSaveInvitesResponse,
  decodeSelfEncryptResponse,
  encodeDecryptV1Request,
  encodeDecryptV2Request,
  encodeEncryptV1Request,
  encodeEncryptV2Request,
  encodeSaveInvitesRequest,
  encodeSelfDecryptRequest,
  encodeSelfEncryptRequest,
} from '../../protocol/keystore/messages';
import { walletAddressOf } from '../../protocol/keys/keys';
import { encodeMessageHeaderV1 } from '../../protocol/messages/message-v1';
import { encodePreferenceAction } from '../../protocol/messages/preference-action';
import { identityPool, reference, referenceProto, type TestIdentity } from '../../protocol/testkit/reference.testkit';
import { signDigest } from '../../protocol/base/secp256k1';
import {
  headerV2,
  invitation,
  messageV1,
  random,
  text,
  timeMs,
  timeNs,
  type SentInvitation,
} from '../testkit/keystore-requests.testkit';
import { createTestKeystore, type TestKeystore } from '../testkit/keystore.testkit';

const [ada, bob, cem] = (await identityPool(6)).filter(({ ours }) => ours.preKeys.length === 1) as [
  TestIdentity,
  TestIdentity,
  TestIdentity,
];
const peers = [bob.ours, cem.ours];
const nowMs = 1_718_000_000_000;
const address = (bundle: PrivateKeyBundleV1) => walletAddressOf(bundle.identityKey.publicKey);

type Codec = { encode(message: unknown): { finish(): Uint8Array }; decode(bytes: Uint8Array): unknown };
const definitions = reference.keystoreApiDefs as unknown as Record<string, { req: Codec | null; res: Codec }>;
type ReferenceKeystore = Record<string, (request?: unknown) => unknown>;

/** Both keystores, and what they were told so far. */
interface World {
  ours: TestKeystore;
  theirs: ReferenceKeystore;
  sent: SentInvitation[];
  n: number;
}

async function createWorld(): Promise<World> {
  const persistence = reference.InMemoryPersistence.create();
  const theirs = (await reference.InMemoryKeystore.create(ada.theirs, persistence)) as unknown as ReferenceKeystore;
  return { ours: await createTestKeystore(ada.ours), theirs, sent: [], n: 0 };
}

/** One call on both sides: response bytes, or the code of the refusal. */
async function both(
  world: World,
  method: string,
  request: Uint8Array,
): Promise<[Uint8Array | string, Uint8Array | string]> {
  const ours = await world.ours
    .run(`xmtp_${method}` as KeystoreMethod, request, nowMs)
    .catch((error: { keystoreCode?: number }) => {
      if (error.keystoreCode === undefined) throw error;
      return `refused ${error.keystoreCode}`;
    });
  const definition = definitions[method];
  if (!definition) throw new Error(`no definition of ${method}`);
  let theirs: Uint8Array | string;
  try {
    // A Buffer in node; plain bytes compare better.
    theirs = Uint8Array.from(
      definition.res.encode(await world.theirs[method]?.(definition.req?.decode(request))).finish(),
    );
  } catch (error) {
    theirs = `refused ${(error as { code?: number }).code ?? 0}`;
  }
  return [ours, theirs];
}

/** Compares what both sides decode to; refusals as they are. */
async function compare<T>(
  world: World,
  method: string,
  request: Uint8Array,
  decode: (bytes: Uint8Array) => T,
): Promise<T | undefined> {
  const [ours, theirs] = (await both(world, method, request)).map((one) =>
    typeof one === 'string' ? one : decode(one),
  );
  expect([method, ours]).toEqual([method, theirs]);
  return typeof ours === 'string' ? undefined : (ours as T);
}

const codes = <T>(outcomes: ItemOutcome<T>[]) =>
  outcomes.map((one) => ('refusal' in one ? one.refusal.code : one.result));

/** An error of the field that names no code of its own comes out as 0 or 1 by method; ours follow the table (protocol g.2). */
const steps: Record<string, (world: World, random: Choice) => Promise<void>> = {
  async saveInvites(world, { peer, id, damage }) {
    const mine = damage % 2 === 0;
    const context = id === undefined ? undefined : { conversationId: id, metadata: new Map([['n', String(world.n)]]) };
    const sent = mine
      ? invitation(ada.ours, signedPublicBundleOf(peer), world.n, context)
      : invitation(peer, signedPublicBundleOf(ada.ours), world.n, context);
    const item = damaged(sent, damage);
    await compare(world, 'saveInvites', encodeSaveInvitesRequest([item, { ...sent.item, timestampNs: 1n }]), (bytes) =>
      codes(decodeSaveInvitesResponse(bytes)),
    );
    if (item === sent.item) world.sent.push(sent);
  },
  async createInvite(world, { peer, id }) {
    const context = id === undefined ? {} : { context: { conversationId: id, metadata: new Map<string, string>() } };
    const request = encodeCreateInviteRequest({
      recipient: signedPublicBundleOf(peer),
      createdNs: timeNs(world.n),
      ...context,
    });
    await compare(world, 'createInvite', request, (bytes) => {
      const { conversation } = decodeCreateInviteResponse(bytes);
      // A conversation that is known is answered with its own time and context by ours.
      return [conversation.topic, conversation.peerAddress];
    });
    world.sent.push(invitation(ada.ours, signedPublicBundleOf(peer), world.n, context.context));
  },
  async decryptV1(world, { peer, damage, words }) {
    const isSender = damage % 2 === 0;
    const message = isSender
      ? messageV1(ada.ours, peer, text(words), world.n)
      : messageV1(peer, ada.ours, text(words), world.n);
    const good = {
      headerBytes: message.headerBytes,
      payload: message.payload,
      peerKeys: publicBundleOf(peer),
      isSender,
    };
    const bad = { ...good, payload: { ...good.payload, payload: flipped(good.payload.payload, damage) } };
    await compare(
      world,
      'decryptV1',
      encodeDecryptV1Request([bad, good, { ...good, headerBytes: new Uint8Array() }]),
      (bytes) => codes(decodeDecryptResponse(bytes)),
    );
  },
  async encryptV1(world, { peer, words }) {
    const headerBytes = encodeMessageHeaderV1({
      sender: publicBundleOf(ada.ours),
      recipient: publicBundleOf(peer),
      timestampMs: timeMs(world.n),
    });
    const request = encodeEncryptV1Request([{ recipient: publicBundleOf(peer), headerBytes, payload: text(words) }]);
    await crossOpen(
      world,
      'encryptV1',
      request,
      (payload) => encodeDecryptV1Request([{ headerBytes, payload, peerKeys: publicBundleOf(peer), isSender: true }]),
      'decryptV1',
    );
  },
  async decryptV2(world, { damage, words }) {
    const known = world.sent[damage % Math.max(1, world.sent.length)]?.invitation;
    const topic = known?.topic ?? '/xmtp/0/m-unknown/proto';
    const headerBytes = headerV2(topic, world.n);
    const payload = encryptV2({
      keyMaterial: known?.keyMaterial ?? random(32),
      headerBytes,
      payload: text(words),
      salt32: random(32),
      nonce12: random(12),
    });
    const good = { headerBytes, payload, contentTopic: topic };
    const bad = { ...good, payload: { ...payload, payload: flipped(payload.payload, damage) } };
    const request = encodeDecryptV2Request([
      good,
      bad,
      { ...good, contentTopic: `${topic}x` },
      good,
      { ...good, headerBytes: headerV2(topic, world.n + 1) },
    ]);
    await compare(world, 'decryptV2', request, (bytes) => codes(decodeDecryptResponse(bytes)));
  },
  async encryptV2(world, { damage, words }) {
    const topic = world.sent[damage % Math.max(1, world.sent.length)]?.invitation.topic;
    if (topic === undefined) return;
    const headerBytes = headerV2(topic, world.n);
    const sender = signedPublicBundleOf(ada.ours);
    const signature = signDigest(
      contentDigest(headerBytes, text(words)),
      ada.ours.preKeys[0]?.privateKey ?? new Uint8Array(),
    );
    // Theirs gets what a client would have signed through signDigest; ours may get that, or content that it signs itself.
    const signed = encodeSignedContent({
      payload: text(words),
      sender,
      signature: { kind: 'ecdsaCompact', ...signature },
    });
    const request = encodeEncryptV2Request([{ headerBytes, contentTopic: topic, payload: signed }]);
    const open = (payload: Parameters<typeof encodeDecryptV2Request>[0][0]['payload']) =>
      encodeDecryptV2Request([{ headerBytes, contentTopic: topic, payload }]);
    await crossOpen(world, 'encryptV2', request, open, 'decryptV2');
    const unsigned = encodeEncryptV2Request([
      { headerBytes, contentTopic: topic, payload: encodeSignedContent({ payload: text(words), sender }) },
    ]);
    const [outcome] = decodeEncryptResponse(await world.ours.run('xmtp_encryptV2', unsigned, nowMs));
    if (!outcome || 'refusal' in outcome) throw new Error('was refused');
    expect(
      codes(decodeDecryptResponse((await both(world, 'decryptV2', open(outcome.result.encrypted)))[1] as Uint8Array)),
    ).toEqual([signed]);
  },
  async getV2Conversations(world) {
    // Theirs is in no reliable order (protocol g.2).
    const [ours, theirs] = (await both(world, 'getV2Conversations', new Uint8Array())).map((bytes) =>
      decodeConversations(bytes as Uint8Array),
    ) as [ConversationReference[], ConversationReference[]];
    const byTopic = (list: ConversationReference[]) => list.toSorted((a, b) => (a.topic < b.topic ? -1 : 1));
    expect(byTopic(ours)).toEqual(byTopic(theirs));
    const times = ours.map(({ createdNs }) => createdNs);
    expect(times).toEqual(times.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
  },
  async v1Conversations(world, { peer, damage }) {
    const peerAddress = damage % 5 === 4 ? '0x12' : damage % 5 === 3 ? address(peer).toLowerCase() : address(peer);
    const [ours, theirs] = await both(
      world,
      'saveV1Conversations',
      encodeConversations([{ topic: 'any', peerAddress, createdNs: timeNs(world.n) }]),
    );
    expect(typeof ours).toBe(typeof theirs);
    await compare(world, 'getV1Conversations', new Uint8Array(), decodeConversations);
  },
  async refreshJobs(world, { damage }) {
    await compare(
      world,
      'setRefreshJob',
      encodeSetRefreshJobRequest((damage % 4) as 0, timeNs(world.n)),
      (bytes) => bytes.length,
    );
    for (const type of [0, 1, 2, 3] as const)
      await compare(world, 'getRefreshJob', encodeGetRefreshJobRequest(type), decodeGetRefreshJobResponse);
  },
  async hmacKeys(world, { damage }) {
    const topics = world.sent.map(({ invitation: { topic } }) => topic).filter((_topic, at) => (at + damage) % 2 === 0);
    await compare(
      world,
      'getV2ConversationHmacKeys',
      encodeHmacKeysRequest([...topics, 'unknown']),
      (bytes) => new Map([...decodeHmacKeysResponse(bytes)].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    );
  },
  async selfEncryption(world, { words }) {
    const request = encodeSelfEncryptRequest([text(words), new Uint8Array()]);
    for (const sealed of await both(world, 'selfEncrypt', request)) {
      const payloads = decodeSelfEncryptResponse(sealed as Uint8Array).flatMap((one) =>
        'result' in one ? [one.result] : [],
      );
      await compare(world, 'selfDecrypt', encodeSelfDecryptRequest([...payloads, Uint8Array.of(9)]), (bytes) =>
        codes(decodeDecryptResponse(bytes)),
      );
    }
    await compare(world, 'getPrivatePreferencesTopicIdentifier', new Uint8Array(), (bytes) => bytes);
  },
  async preferences(world, { damage }) {
    const entries = [timeNs(damage), timeMs(world.n)].map((time) => ({ key: String(time), values: [`0x${damage}`] }));
    const request = encodePrivatePreferencesEntries(
      entries.map(({ key, values }) => ({ key, action: encodePreferenceAction({ kind: 'allowAddress', values }) })),
    );
    await world.ours.run('xmtp_savePrivatePreferences', request, nowMs);
    await world.theirs['savePrivatePreferences']?.(
      new Map(entries.map(({ key, values }) => [key, { allowAddress: { walletAddresses: values } }])),
    );
    const ours = decodePrivatePreferencesEntries(await world.ours.run('xmtp_getPrivatePreferences'));
    const theirs = world.theirs['getPrivatePreferences']?.() as Map<string, never>;
    const encode = (action: never) =>
      referenceProto.privatePreferences.PrivatePreferencesAction.encode(action).finish();
    expect(new Map(ours.map(({ key, action }) => [key, action]))).toEqual(
      new Map([...theirs].map(([key, action]) => [key, Uint8Array.from(encode(action))])),
    );
  },
  async tokens(world) {
    await compare(world, 'createAuthToken', encodeCreateAuthTokenRequest(BigInt(nowMs) * 1_000_000n), (bytes) => bytes);
  },
};

/** What each side sealed opens on both to the same. */
async function crossOpen(
  world: World,
  method: string,
  request: Uint8Array,
  open: (payload: never) => Uint8Array,
  opening: string,
): Promise<void> {
  const sealed = (await both(world, method, request)).map((bytes) => decodeEncryptResponse(bytes as Uint8Array)[0]);
  const hmacs: unknown[] = [];
  const opened: unknown[] = [];
  for (const one of sealed) {
    if (!one || 'refusal' in one) throw new Error('was refused');
    hmacs.push(one.result.senderHmac);
    opened.push(
      await compare(world, opening, open(one.result.encrypted as never), (bytes) =>
        codes(decodeDecryptResponse(bytes)),
      ),
    );
  }
  expect(hmacs[0]).toEqual(hmacs[1]);
  expect(opened[0]).toEqual(opened[1]);
}

function damaged(sent: SentInvitation, damage: number): SentInvitation['item'] {
  return damage % 3 === 2 ? { ...sent.item, payload: sent.item.payload.slice(0, -1) } : sent.item;
}

const flipped = (bytes: Uint8Array, damage: number) =>
  bytes.map((byte, at) => (at === damage % bytes.length ? byte ^ 0x10 : byte));

interface Choice {
  step: string;
  peer: PrivateKeyBundleV1;
  id: string | undefined;
  damage: number;
  words: string;
}

const choice: fc.Arbitrary<Choice> = fc.record({
  step: fc.constantFrom(...Object.keys(steps)),
  peer: fc.constantFrom(...peers),
  id: fc.constantFrom(undefined, 'example.org/a', 'b'),
  damage: fc.nat(1000),
  words: fc.string({ maxLength: 20 }),
});

describe('against xmtp-js 13.0.4', () => {
  it('any sequence of calls is answered alike', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: nowMs });
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(choice, { minLength: 4, maxLength: 14 }), async (sequence) => {
          const world = await createWorld();
          for (const one of sequence) {
            world.n++;
            await steps[one.step]?.(world, one);
          }
          await steps['getV2Conversations']?.(world, sequence[0] as Choice);
        }),
        { numRuns: 12 },
      );
    } finally {
      vi.useRealTimers();
    }
  });

  it.each(Object.keys(steps))('%s, after two conversations were saved', async (step) => {
    vi.useFakeTimers({ toFake: ['Date'], now: nowMs });
    try {
      const world = await createWorld();
      const at = (peer: PrivateKeyBundleV1, damage: number, id: string | undefined): Choice => ({
        step,
        peer,
        id,
        damage,
        words: 'hello',
      });
      await steps['saveInvites']?.(world, at(bob.ours, 0, undefined));
      world.n++;
      await steps['saveInvites']?.(world, at(cem.ours, 1, 'b'));
      for (const damage of [0, 1, 2, 3, 4]) {
        world.n++;
        await steps[step]?.(
          world,
          at(damage % 2 === 0 ? bob.ours : cem.ours, damage, damage % 2 === 0 ? undefined : 'b'),
        );
      }
    } finally {
      vi.useRealTimers();
    }
  });
});
