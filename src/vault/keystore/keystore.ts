// The XMTP keystore: for every `xmtp_*` method, request bytes in and response bytes out (protocol g; docs/provider-api.md).
// Promises: refusals are the keystore's codes; an answer leaves only while the identity that was asked is open (R-F3).
// Must not: have a method that gives a private key away or takes one in; decide who may ask, the gate sees to that (P2).
import { KeystoreRefusal } from '../../contract/errors';
import type { MessageFacts } from '../../contract/pages/approvals';
import type { KeystoreMethod } from '../../contract/dapp/methods';
import type { Scope } from '../../contract/scopes';
import type { PublishEnvelope } from '../../protocol/keystore/publish';
import type { BundleAccess } from '../keys/bundle-access';
import type { Conversations } from './conversations';
import type { VaultHost } from '../store/host';
import {
  createAuthToken,
  createPrivatePreference,
  getPrivatePreferences,
  getPrivatePreferencesTopicIdentifier,
  getRefreshJob,
  getV2ConversationHmacKeys,
  savePrivatePreferences,
  selfDecrypt,
  selfEncrypt,
  setRefreshJob,
} from './account';
import type { KeystoreCall, KeystoreHandler } from './call';
import { bundleOf } from './call';
import { factsOf } from './facts';
import { createInvite, getV1Conversations, getV2Conversations, saveInvites, saveV1Conversations } from './invitations';
import { decryptV1, decryptV2 } from './decrypt';
import { encryptV1, encryptV2 } from './encrypt';
import type { UnlockedIdentity } from '../keys/unlocked-identity';
import { checkPublish } from './publish-check';
import type { Within } from './reach';
import { isCovered, namedIn } from './touched';
import { createTurns, type Turn } from '../work/queue';
import type { DocumentPrekeys } from '../keys/document-prekeys';
import { createSlices } from '../work/slices';

/** Who calls, and when. */
export interface CallContext {
  documentKey: string;
  /** The site, as the browser reported it; absent for the extension itself. */
  origin?: string;
  /** Milliseconds since 1970 by the vault's clock. */
  nowMs: number;
  /** Which conversations it may touch (reach.ts): the gate says so for every site. Absent for the extension itself, which reaches all. */
  within?: Within;
}

/** A site that asks, and what it was given. */
export interface Asking {
  origin: string;
  within: Within;
}

/** What every method throws besides what it says: 'locked', 'not-found', 'damaged', 'newer-format', 'wrong-step', 'storage-failed'. */
export interface Keystore {
  /**
   * Carries out one call and returns the bytes of its response. Calls of one site that store the same kind of thing for an identity take
   * effect in the order in which they came in, however long each takes. Throws KeystoreRefusal for a call that is refused as a whole,
   * VaultError('limit') for a batch of more than `limits.batchItems`.
   */
  run(safeId: string, method: KeystoreMethod, request: Uint8Array, context: CallContext): Promise<Uint8Array>;
  /**
   * What a request is about, for the person who decides on it: read from its bytes and from conversations that are known; the
   * key bundle stays closed. Throws as `run` for bytes that `run` would refuse as a whole.
   */
  describe(
    safeId: string,
    method: KeystoreMethod | 'xmtp_publish',
    request: Uint8Array,
    by?: Asking,
  ): Promise<MessageFacts>;
  /**
   * True when a request touches nothing of what `by` was given but what is in one of `scopes`; also when it touches nothing of it at all. Then
   * nobody has to be asked, and every item that is outside is refused. Throws as `describe`.
   */
  isCovered(
    safeId: string,
    method: KeystoreMethod | 'xmtp_publish',
    request: Uint8Array,
    by: Asking,
    scopes: readonly Scope[],
  ): Promise<boolean>;
  /** What of `offer` a request names, as a scope: conversations or people, as its card did. Throws KeystoreRefusal(3) when it names none, or too many. */
  named(
    safeId: string,
    method: KeystoreMethod | 'xmtp_publish',
    request: Uint8Array,
    by: Asking,
    offer: 'conversations' | 'peers',
  ): Promise<Scope>;
  /**
   * What a page may publish, as it is to be published: see publish-check.ts. Throws KeystoreRefusal(1) for a request that is
   * refused, VaultError('limit') for a request of more than 100 envelopes.
   */
  checkPublish(safeId: string, documentKey: string, request: Uint8Array, by?: Asking): Promise<PublishEnvelope[]>;
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
};

/** What a method stores: of these, two calls never run at once. */
const kindsStored: Partial<Record<KeystoreMethod, string>> = {
  xmtp_saveInvites: 'conversations',
  xmtp_createInvite: 'conversations',
  xmtp_saveV1Conversations: 'peers',
  xmtp_savePrivatePreferences: 'preferences',
  xmtp_setRefreshJob: 'jobs',
};

export function createKeystore(options: {
  host: VaultHost;
  unlockedIdentity: UnlockedIdentity;
  bundleAccess: BundleAccess;
  conversations: Conversations;
  documentPrekeys: DocumentPrekeys;
}): Keystore {
  const { host, unlockedIdentity, bundleAccess, conversations, documentPrekeys } = options;
  const turns = createTurns();
  const slices = createSlices();

  /** Runs `use` for an identity that is finished and open, and gives its result only if it stayed open. */
  async function whileOpen<T>(
    safeId: string,
    at: Partial<CallContext> & { nowMs: number },
    use: (call: KeystoreCall) => Promise<T>,
    turn?: Turn,
  ): Promise<T> {
    const { documentKey, origin, nowMs, within = [] } = at;
    const { account, memory, ownKeys, mustStillBeOpen } = await unlockedIdentity(safeId);
    // The first call of a document binds it to a prekey: whatever it does first may carry our bundle.
    if (documentKey !== undefined && documentPrekeys.nameOf(safeId, documentKey) === undefined) {
      await documentPrekeys.bind(safeId, documentKey, (await ownKeys()).current.name, origin);
    }
    const documentPrekey = documentKey === undefined ? undefined : documentPrekeys.nameOf(safeId, documentKey);
    const { randomBytes } = host;
    await turn?.mine;
    // What waited over a lock is over, also when the identity was opened again since.
    mustStillBeOpen();
    const take = slices.of(origin);
    const result = await use({
      safeId,
      account,
      origin,
      within,
      nowMs,
      documentPrekey,
      memory,
      conversations,
      randomBytes,
      take,
      withBundleSecret: bundleOf(bundleAccess, safeId),
      ownKeys,
    });
    mustStillBeOpen();
    return result;
  }

  return {
    async run(safeId, method, request, context) {
      if (!Object.hasOwn(handlers, method)) throw new KeystoreRefusal(1);
      const kind = kindsStored[method];
      // Taken before anything is awaited: the order of the calls is the order of their effect.
      const turn = kind === undefined ? undefined : turns.enter(`${safeId} ${kind} ${context.origin ?? ''}`);
      try {
        return await whileOpen(safeId, context, (call) => handlers[method](call, request), turn);
      } finally {
        turn?.leave();
      }
    },
    describe: (safeId, method, request, by) =>
      whileOpen(safeId, { ...by, nowMs: host.nowMs() }, (call) => factsOf(call, method, request)),
    isCovered: (safeId, method, request, by, scopes) =>
      whileOpen(safeId, { ...by, nowMs: host.nowMs() }, (call) => isCovered(call, method, request, scopes)),
    named: (safeId, method, request, by, offer) =>
      whileOpen(safeId, { ...by, nowMs: host.nowMs() }, (call) => namedIn(call, method, request, offer)),
    checkPublish: (safeId, documentKey, request, by) =>
      whileOpen(safeId, { documentKey, ...by, nowMs: host.nowMs() }, (call) => checkPublish(call, request)),
  };
}
