// What a page may publish with the vault's token (protocol c, d): decided topic by topic, the whole request or nothing.
// Promises: never a private store; to contact topics only our own, and there only the vault's own bytes; nothing dated ahead; nothing to a
// conversation that the site was not given.
// Must not: pass a page's bytes to a topic that the node guards by account. They are replaced by ours.
import { KeystoreRefusal, VaultError } from '../../contract/errors';
import type { PublicKeyBundle, SignedPublicKeyBundle } from '../../protocol/keys/bundles';
import { decodeContactBundle, encodeContactBundle, type ContactBundle } from '../../protocol/keys/contact-bundle';
import { ProtocolError } from '../../protocol/base/errors';
import { isSameKey } from '../../protocol/keys/keys';
import {
  countPublishEnvelopes,
  decodePublishRequest,
  publishTopicOf,
  type PublishEnvelope,
  type PublishTopic,
} from '../../protocol/keystore/publish';
import { selfOf } from './account';
import { attempt, readRequest, documentPrekeyOf, type KeystoreCall } from './call';
import { conversationsOf, placeIn } from './decrypt';
import { placeOfV1, reaches, reachesAll, type Place } from './reach';
import type { OwnKeys, OwnPrekey } from '../keys/own-keys';
import { signedBundleWith } from '../keys/own-keys';

/** Envelopes of one request; a node allows 200 a minute. */
export const publishedAtOnce = 100;
/** How far ahead of the vault's clock an envelope may be dated: peers order by it, and it stays the newest until then. */
const aheadMs = 600_000;

/** Throws VaultError('limit') for more than 100 envelopes, KeystoreRefusal(1) for bytes that are not a request or that nodes do not take. */
export function readPublishRequest(request: Uint8Array): PublishEnvelope[] {
  if (readRequest(countPublishEnvelopes, request) > publishedAtOnce) throw new VaultError('limit');
  return readRequest(decodePublishRequest, request);
}

/**
 * The envelopes of a page's request, as they are to be published: with the vault's own bundle in place of the one that a page would put
 * on the contact topic. A time of 0 stays 0, for the gate to fill in. Throws as `readPublishRequest`, and KeystoreRefusal(1) when one envelope may not be published.
 */
export async function checkPublish(call: KeystoreCall, request: Uint8Array): Promise<PublishEnvelope[]> {
  const nowNs = BigInt(Math.floor(call.nowMs)) * 1_000_000n;
  const latestNs = nowNs + BigInt(aheadMs) * 1_000_000n;
  const checked: PublishEnvelope[] = [];
  const envelopes = readPublishRequest(request);
  // Only where it matters: a page that may write everywhere costs no look-up.
  if (!reachesAll(call)) {
    const { places } = await placesOfEnvelopes(call, envelopes);
    if ((await reaches(call, places)).includes(false)) throw new KeystoreRefusal(3);
  }
  for (const envelope of envelopes) {
    const { contentTopic, timestampNs } = envelope;
    const topic = publishTopicOf(contentTopic);
    if (!topic || timestampNs > latestNs) throw new KeystoreRefusal(1);
    const message = await messageFor(call, topic, envelope.message);
    checked.push({ contentTopic, timestampNs, message });
  }
  return checked;
}

/** Where envelopes go, as far as it is a conversation: what goes to our own topics is none. Throws KeystoreRefusal(1). */
export async function placesOfEnvelopes(
  call: KeystoreCall,
  envelopes: readonly PublishEnvelope[],
): Promise<{ places: Place[]; ownKinds: Set<PublishTopic['kind']> }> {
  const topics = envelopes.map(({ contentTopic }) => contentTopic.replace(/^\/xmtp\/0\/(dm|m)E-/, '/xmtp/0/$1-'));
  const conversations = await conversationsOf(call, topics);
  const ownKinds = new Set<PublishTopic['kind']>();
  const places = envelopes.flatMap(({ contentTopic, message }, index): Place[] => {
    const topic = publishTopicOf(contentTopic);
    if (!topic) throw new KeystoreRefusal(1);
    const others = topic.addresses.filter((one) => one.toLowerCase() !== call.account.toLowerCase());
    const [peer] = others;
    if (topic.kind === 'message' && topic.addresses.length === 0)
      return [placeIn(conversations)({ contentTopic: topics[index] as string })];
    if (topic.kind === 'message' || (topic.kind === 'introduction' && peer !== undefined))
      return [
        others.length === 1 && peer !== undefined ? readRequest(() => placeOfV1(call, peer), message) : { idHost: '' },
      ];
    if (topic.kind === 'invitation' && peer !== undefined) return [{ peerAddress: peer, idHost: '', isNew: true }];
    ownKinds.add(topic.kind);
    return [];
  });
  return { places, ownKinds };
}

/** The bytes that may go to a topic. Throws KeystoreRefusal(1). */
async function messageFor(call: KeystoreCall, topic: PublishTopic, message: Uint8Array): Promise<Uint8Array> {
  if (topic.kind === 'preferences' && topic.name !== (await selfOf(call)).identifier) throw new KeystoreRefusal(1);
  if (topic.kind !== 'contact') return message;
  if (topic.name !== call.account) throw new KeystoreRefusal(1);
  const own = await call.ownKeys();
  const contact = attempt(() => decodeContactBundle(message));
  if (contact instanceof ProtocolError) throw new KeystoreRefusal(1);
  const mayName = [own.current, own.announced, documentPrekeyOf(call, own)];
  if (!mayName.some((preKey) => isOurs(own, preKey, contact.bundle))) throw new KeystoreRefusal(1);
  // A page that began before a rotation would put its older prekey back; what peers read is always what the vault says now.
  return contactOf(own, contact.version);
}

function isOurs(
  own: OwnKeys,
  preKey: OwnPrekey,
  { identityKey, preKey: named }: PublicKeyBundle | SignedPublicKeyBundle,
): boolean {
  const isSigned = 'keyBytes' in named;
  return (
    isSameKey(isSigned ? own.signedIdentityKey : own.identityKey, identityKey) &&
    isSameKey(isSigned ? preKey.signed : preKey.legacy, named)
  );
}

/** Our contact in one of its two forms, with the prekey that peers should see now. */
export function contactOf(own: OwnKeys, version: ContactBundle['version']): Uint8Array {
  if (version === 2) return encodeContactBundle({ version, bundle: signedBundleWith(own, own.announced) });
  return encodeContactBundle({ version, bundle: { identityKey: own.identityKey, preKey: own.announced.legacy } });
}
