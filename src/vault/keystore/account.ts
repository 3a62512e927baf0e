// What the keystore does for the account itself: tokens, HMAC keys, self encryption, preferences, refresh jobs.
// Promises: tokens are dated by the vault's clock; HMAC keys only for topics asked for.
// Must not: sign anything but tokens, whose bytes are made here.
import { KeystoreRefusal, VaultError } from '../../contract/errors';
import { limits } from '../../contract/limits';
import { ProtocolError } from '../../protocol/base/errors';
import type { HmacKey } from '../../protocol/messages/hmac-keys';
import { hmacPeriodOf } from '../../protocol/messages/hmac-keys';
import {
  checkEmptyRequest,
  decodeCreateAuthTokenRequest,
  decodeGetRefreshJobRequest,
  decodeHmacKeysRequest,
  decodePrivatePreferencesEntries,
  decodeSetRefreshJobRequest,
  encodeEncodedPreferences,
  encodeGetRefreshJobResponse,
  encodeHmacKeysResponse,
  encodeTopicIdentifierResponse,
} from '../../protocol/keystore/calls';
import type { ItemOutcome } from '../../protocol/keystore/messages';
import {
  decodeSelfDecryptRequest,
  decodeSelfEncryptRequest,
  encodeDecryptResponse,
  encodeSelfEncryptResponse,
} from '../../protocol/keystore/messages';
import { decodePreferenceAction, encodePreferenceAction } from '../../protocol/messages/preference-action';
import { decodeSelfEncrypted, encodeSelfEncrypted } from '../../protocol/messages/self-encryption';
import { inGroups } from '../work/batches';
import type { KeystoreCall, KeystoreHandler } from './call';
import { attempt, encodeAndRelease, ownKeys, readBatch, readRequest, refused, refusedFor } from './call';
import { keystoreLimits } from '../store/limits';
import type { KeystoreMemory } from '../keys/identity-memory';
import { conversationsOf, placeOfConversation } from './decrypt';
import { hmacKeyBytes, importMessageKey, openMessage, sealMessage } from './message-crypto';
import { authToken, selfSecrets } from '../keys/message-keys';
import { reaches } from './reach';

/** A token dated now: the time that the caller wishes for is read and dropped (protocol c.4). */
export const createAuthToken: KeystoreHandler = async (call, request) => {
  readRequest(decodeCreateAuthTokenRequest, request);
  const createdNs = nowNsOf(call.nowMs);
  return call.withBundleSecret((bundleSecret) => authToken(bundleSecret, call.account, createdNs));
};

/** HMAC keys of the previous, current and next period, for those of the listed topics that are known and may be touched (protocol f.4). */
export const getV2ConversationHmacKeys: KeystoreHandler = async (call, request) => {
  const topics = readRequest(decodeHmacKeysRequest, request);
  if (topics.length > limits.batchItems) throw new VaultError('limit');
  const known = await conversationsOf(call, topics);
  const reached = await reaches(call, [...known.values()].map(placeOfConversation));
  const conversations = [...known].filter((_one, index) => reached[index]);
  const current = hmacPeriodOf(call.nowMs);
  const keys = await inGroups(
    conversations,
    async ([topic, { key }]): Promise<[string, HmacKey[]]> => {
      const periods = [current - 1, current, current + 1];
      const values = periods.map(async (period) => ({
        thirtyDayPeriodsSinceEpoch: period,
        hmacKey: await hmacKeyBytes(key, period, call.account),
      }));
      return [topic, await Promise.all(values)];
    },
    call,
  );
  return encodeHmacKeysResponse(new Map(keys));
};

/** Seals bytes that only this identity opens (protocol g.8). */
export const selfEncrypt: KeystoreHandler = async (call, request) => {
  const items = await call.take(() => readBatch(decodeSelfEncryptRequest, request));
  const outcomes = await inGroups(
    items,
    async (item): Promise<ItemOutcome<Uint8Array>> => {
      return item instanceof ProtocolError
        ? refusedFor('selfEncrypt', item)
        : { result: await sealForSelf(call, item) };
    },
    call,
  );
  return encodeSelfEncryptResponse(outcomes);
};

/** Opens what selfEncrypt, of whichever client of this identity, sealed. */
export const selfDecrypt: KeystoreHandler = async (call, request) => {
  const items = await call.take(() => readBatch(decodeSelfDecryptRequest, request));
  const [own, { key }] = [await ownKeys(call), await selfOf(call)];
  const outcomes = await inGroups(
    items,
    async (item): Promise<ItemOutcome<Uint8Array>> => {
      const sealed = item instanceof ProtocolError ? item : attempt(() => decodeSelfEncrypted(item));
      if (sealed instanceof ProtocolError) return refusedFor('selfDecrypt', sealed);
      const plain = await openMessage(key, sealed, own.identityKey.publicKey);
      return plain ? { result: plain } : refused(1);
    },
    call,
  );
  return encodeDecryptResponse(outcomes);
};

/** The name in the topic of private preferences. */
export const getPrivatePreferencesTopicIdentifier: KeystoreHandler = async (call, request) => {
  readRequest(checkEmptyRequest, request);
  return encodeTopicIdentifierResponse((await selfOf(call)).identifier);
};

/** Seals a preference for publishing: PrivatePreferencesAction bytes in, PrivatePreferencesPayload bytes out. */
export const createPrivatePreference: KeystoreHandler = async (call, request) => {
  // What was read, and shown, is what is sealed: an action with several kinds means the last, and other clients would follow them all.
  if (request.length > keystoreLimits.preferenceBytes) throw new KeystoreRefusal(1);
  const action = readRequest(decodePreferenceAction, request);
  return sealForSelf(call, encodePreferenceAction(action));
};

/** Every stored preference, ascending by time. */
export const getPrivatePreferences: KeystoreHandler = async (call, request) => {
  readRequest(checkEmptyRequest, request);
  return encodeAndRelease(await call.conversations.listEncodedPreferences(call.safeId), encodeEncodedPreferences);
};

/** Stores preferences whose time is new; existing ones stay as they are. A preference that is not valid refuses the whole call. */
export const savePrivatePreferences: KeystoreHandler = async (call, request) => {
  const entries = readRequest(decodePrivatePreferencesEntries, request);
  if (entries.length > limits.batchItems) throw new VaultError('limit');
  const read = entries.map(({ key, action }) => {
    if (!/^[0-9]{1,20}$/.test(key) || action.length > keystoreLimits.preferenceBytes) throw new KeystoreRefusal(1);
    return { key, action: encodePreferenceAction(readRequest(decodePreferenceAction, action)) };
  });
  await call.conversations.addPreferences(call.safeId, read, call);
  return new Uint8Array(0);
};

/** When a refresh job of this site began last; 0 for never. */
export const getRefreshJob: KeystoreHandler = async (call, request) => {
  const job = readRequest(decodeGetRefreshJobRequest, request);
  if (job === 0) throw new KeystoreRefusal(1);
  const lastRunNs = await call.conversations.jobLastRunNs(call.safeId, { job, origin: call.origin });
  return encodeGetRefreshJobResponse(notAhead(call, lastRunNs));
};

/** Remembers when a refresh job of this site began. */
export const setRefreshJob: KeystoreHandler = async (call, request) => {
  const { jobType, lastRunNs } = readRequest(decodeSetRefreshJobRequest, request);
  await call.conversations.setJobLastRunNs(
    call.safeId,
    { job: jobType, origin: call.origin },
    notAhead(call, lastRunNs),
  );
  return new Uint8Array(0);
};

/** A later time counts as now: a job would skip what comes until then. Also when it is read, because clocks are set back. */
function notAhead({ nowMs }: KeystoreCall, timeNs: bigint): bigint {
  const nowNs = nowNsOf(nowMs);
  return timeNs > nowNs ? nowNs : timeNs;
}

function nowNsOf(nowMs: number): bigint {
  return BigInt(Math.floor(nowMs)) * 1_000_000n;
}

async function sealForSelf(call: KeystoreCall, plain: Uint8Array): Promise<Uint8Array> {
  const [own, { key }] = [await ownKeys(call), await selfOf(call)];
  return encodeSelfEncrypted(await sealMessage(key, plain, own.identityKey.publicKey, call.randomBytes));
}

/** The key of self encryption and the name of the preferences topic, derived once. */
export async function selfOf(call: KeystoreCall): Promise<NonNullable<KeystoreMemory['self']>> {
  const { memory } = call;
  if (memory.self) return memory.self;
  const { selfSecret, identifier } = await call.withBundleSecret(selfSecrets);
  try {
    memory.self = { key: await importMessageKey(selfSecret), identifier };
    return memory.self;
  } finally {
    selfSecret.fill(0);
  }
}
