// The XMTP keystore: for every `xmtp_*` method, request bytes in and response bytes out (protocol g; docs/provider-api.md).
// Promises: refusals are the keystore's codes; an answer leaves only while the identity that was asked is open (R-F3).
// Must not: have a method that gives a private key away or takes one in; decide who may ask, the gate sees to that (P2).
import { KeystoreRefusal } from '../contract/errors';
import type { MessageFacts } from '../contract/internal';
import type { KeystoreMethod } from '../contract/methods';
import type { PublishEnvelope } from '../protocol/publish';
import type { BundleDoor } from './bundle-door';
import type { Conversations } from './conversations';
import type { VaultHost } from './host';
import {
  createAuthToken,
  createPrivatePreference,
  digestOf,
  getPrivatePreferences,
  getPrivatePreferencesTopicIdentifier,
  getRefreshJob,
  getV2ConversationHmacKeys,
  savePrivatePreferences,
  selfDecrypt,
  selfEncrypt,
  setRefreshJob,
  signDigest,
} from './keystore-account';
import type { KeystoreCall, KeystoreHandler } from './keystore-call';
import { bundleOf } from './keystore-call';
import { factsOf } from './keystore-facts';
import { createInvite, getV1Conversations, getV2Conversations, saveInvites, saveV1Conversations } from './keystore-invitations';
import { decryptV1, decryptV2 } from './keystore-reading';
import { encryptV1, encryptV2 } from './keystore-writing';
import type { OpenIdentity } from './open-identity';
import { checkPublish } from './publish-check';
import type { SessionPrekeys } from './session-prekeys';

/** What every method throws besides what it says: 'locked', 'not-found', 'damaged', 'newer-format', 'wrong-step', 'storage-failed'. */
export interface Keystore {
  /**
   * Carries out one call and returns the bytes of its response. `nowMs` is the vault's clock. Throws KeystoreRefusal for a call
   * that is refused as a whole, VaultError('limit') for a batch of more than `limits.batchItems`.
   */
  run(safeId: string, method: KeystoreMethod, request: Uint8Array, context: { documentKey: string; nowMs: number }): Promise<Uint8Array>;
  /**
   * What a request is about, for the person who decides on it: read from its bytes and from conversations that are known; the
   * key bundle stays closed. Throws as `run` for bytes that `run` would refuse as a whole.
   */
  describe(safeId: string, method: KeystoreMethod | 'xmtp_publish', request: Uint8Array): Promise<MessageFacts>;
  /**
   * What a page may publish, as it is to be published: see publish-check.ts. Throws KeystoreRefusal(1) for a request that is
   * refused, VaultError('limit') for one with more than 100 envelopes.
   */
  checkPublish(safeId: string, documentKey: string, request: Uint8Array): Promise<PublishEnvelope[]>;
  /** The 32 bytes of a signDigest request, in hex. Throws KeystoreRefusal when it would not be signed at all. */
  digestOf(request: Uint8Array): string;
}

const handlers: Readonly<Record<KeystoreMethod, KeystoreHandler>> = {
  xmtp_createAuthToken: createAuthToken,
  xmtp_createInvite: createInvite,
  xmtp_encryptV1: encryptV1,
  xmtp_encryptV2: encryptV2,
  xmtp_saveInvites: saveInvites,
  xmtp_decryptV1: decryptV1,
  xmtp_decryptV2: decryptV2,
  xmtp_getV1Conversations: getV1Conversations,
  xmtp_saveV1Conversations: saveV1Conversations,
  xmtp_getV2Conversations: getV2Conversations,
  xmtp_getRefreshJob: getRefreshJob,
  xmtp_setRefreshJob: setRefreshJob,
  xmtp_getV2ConversationHmacKeys: getV2ConversationHmacKeys,
  xmtp_selfEncrypt: selfEncrypt,
  xmtp_selfDecrypt: selfDecrypt,
  xmtp_getPrivatePreferencesTopicIdentifier: getPrivatePreferencesTopicIdentifier,
  xmtp_createPrivatePreference: createPrivatePreference,
  xmtp_getPrivatePreferences: getPrivatePreferences,
  xmtp_savePrivatePreferences: savePrivatePreferences,
  xmtp_signDigest: signDigest,
};

export function createKeystore(options: {
  host: VaultHost;
  openIdentity: OpenIdentity;
  door: BundleDoor;
  conversations: Conversations;
  pins: SessionPrekeys;
}): Keystore {
  const { host, openIdentity, door, conversations, pins } = options;

  /** Runs `use` for an identity that is finished and open, and gives its result only if it stayed open. */
  async function whileOpen<T>(safeId: string, at: { documentKey: string | undefined; nowMs: number }, use: (call: KeystoreCall) => Promise<T>): Promise<T> {
    const { documentKey, nowMs } = at;
    const { account, memory, ownKeys, mustStillBeOpen } = await openIdentity(safeId);
    // The first call of a document pins it: whatever it does first may carry our bundle.
    if (documentKey !== undefined && pins.nameOf(safeId, documentKey) === undefined) {
      await pins.pin(safeId, documentKey, (await ownKeys()).current.name);
    }
    const pinnedPrekey = documentKey === undefined ? undefined : pins.nameOf(safeId, documentKey);
    const { randomBytes } = host;
    const result = await use({ safeId, account, nowMs, pinnedPrekey, memory, conversations, randomBytes, withBundleSecret: bundleOf(door, safeId), ownKeys });
    mustStillBeOpen();
    return result;
  }

  return {
    async run(safeId, method, request, context) {
      if (!Object.hasOwn(handlers, method)) throw new KeystoreRefusal(1);
      return whileOpen(safeId, context, (call) => handlers[method](call, request));
    },
    describe: (safeId, method, request) =>
      whileOpen(safeId, { documentKey: undefined, nowMs: host.nowMs() }, (call) => factsOf(call, method, request)),
    checkPublish: (safeId, documentKey, request) =>
      whileOpen(safeId, { documentKey, nowMs: host.nowMs() }, (call) => checkPublish(call, request)),
    digestOf,
  };
}
