// What the keystore does for the account itself: tokens, blind signatures, HMAC keys, self encryption, preferences, refresh jobs.
// Promises: tokens are dated by the vault's clock; a digest is signed by the page's prekey alone; HMAC keys only for topics asked for.
// Must not: sign anything with the identity key but tokens whose bytes are made here.
import { KeystoreRefusal, VaultError } from '../contract/errors';
import { limits } from '../contract/limits';
import { bytesToHex } from '../protocol/bytes';
import { ProtocolError } from '../protocol/errors';
import type { HmacKey } from '../protocol/hmac-keys';
import { hmacPeriodOf } from '../protocol/hmac-keys';
import {
  checkEmptyRequest,
  decodeCreateAuthTokenRequest,
  decodeGetRefreshJobRequest,
  decodeHmacKeysRequest,
  decodePrivatePreferencesEntries,
  decodeSetRefreshJobRequest,
  decodeSignDigestRequest,
  encodeGetRefreshJobResponse,
  encodeHmacKeysResponse,
  encodePrivatePreferencesEntries,
  encodeSignature,
  encodeTopicIdentifierResponse,
} from '../protocol/keystore-calls';
import type { ItemOutcome } from '../protocol/keystore-messages';
import { decodeSelfDecryptRequest, decodeSelfEncryptRequest, encodeDecryptResponse, encodeSelfEncryptResponse } from '../protocol/keystore-messages';
import { decodePreferenceAction } from '../protocol/preference-action';
import { decodeSelfEncrypted, encodeSelfEncrypted } from '../protocol/self-encryption';
import { inGroups } from './groups';
import type { KeystoreCall, KeystoreHandler } from './keystore-call';
import { attempt, ownKeys, readBatch, readRequest, refused, refusedFor, sessionPreKey } from './keystore-call';
import { keystoreLimits } from './keystore-limits';
import type { KeystoreMemory } from './keystore-memory';
import { conversationsOf } from './keystore-reading';
import { hmacKeyBytes, importMessageKey, openMessage, sealMessage } from './message-crypto';
import { authToken, selfSecrets, signDigests } from './private-messages';

/** A token dated now: the time that the caller wishes for is read and dropped (protocol c.4). */
export const createAuthToken: KeystoreHandler = async (call, request) => {
  readRequest(decodeCreateAuthTokenRequest, request);
  const createdNs = BigInt(Math.floor(call.nowMs)) * 1_000_000n;
  return call.withBundleSecret((bundleSecret) => authToken(bundleSecret, call.account, createdNs));
};

/**
 * The 32 bytes a signDigest request asks to sign. Throws KeystoreRefusal(1) unless there are exactly 32, and for the identity
 * key: with it a site could certify a prekey of its own or mint tokens (protocol g.2). (2) for any prekey but the one of the page, which
 * has index 0 for it.
 */
export function digestToSign(request: Uint8Array): Uint8Array {
  const { digest, signer } = readRequest(decodeSignDigestRequest, request);
  if (digest.length !== 32 || !signer || 'identityKey' in signer) throw new KeystoreRefusal(1);
  if (signer.prekeyIndex !== 0) throw new KeystoreRefusal(2);
  return digest;
}

/** The digest in hex, for the card a person sees. Throws as `digestToSign`. */
export function digestOf(request: Uint8Array): string {
  return bytesToHex(digestToSign(request));
}

/** A blind signature by the prekey of the page. */
export const signDigest: KeystoreHandler = async (call, request) => {
  const digest = digestToSign(request);
  const own = await ownKeys(call);
  const [signature] = await call.withBundleSecret((bundleSecret) => signDigests(bundleSecret, [{ digest, preKey: sessionPreKey(call, own) }]));
  if (!signature) throw new VaultError('damaged');
  return encodeSignature(signature);
};

/** HMAC keys of the previous, current and next period, for those of the listed topics that are known (protocol f.4). */
export const getV2ConversationHmacKeys: KeystoreHandler = async (call, request) => {
  const topics = readRequest(decodeHmacKeysRequest, request);
  if (topics.length > limits.batchItems) throw new VaultError('limit');
  const conversations = await conversationsOf(call, topics);
  const current = hmacPeriodOf(call.nowMs);
  const keys = await inGroups([...conversations], async ([topic, { key }]): Promise<[string, HmacKey[]]> => {
    const periods = [current - 1, current, current + 1];
    const values = periods.map(async (period) => ({ thirtyDayPeriodsSinceEpoch: period, hmacKey: await hmacKeyBytes(key, period, call.account) }));
    return [topic, await Promise.all(values)];
  });
  return encodeHmacKeysResponse(new Map(keys));
};

/** Seals bytes that only this identity opens (protocol g.8). */
export const selfEncrypt: KeystoreHandler = async (call, request) => {
  const items = readBatch(decodeSelfEncryptRequest, request);
  const outcomes = await inGroups(items, async (item): Promise<ItemOutcome<Uint8Array>> => {
    return item instanceof ProtocolError ? refusedFor('selfEncrypt', item) : { result: await sealForSelf(call, item) };
  });
  return encodeSelfEncryptResponse(outcomes);
};

/** Opens what selfEncrypt, of whichever client of this identity, sealed. */
export const selfDecrypt: KeystoreHandler = async (call, request) => {
  const items = readBatch(decodeSelfDecryptRequest, request);
  const [own, { key }] = [await ownKeys(call), await selfOf(call)];
  const outcomes = await inGroups(items, async (item): Promise<ItemOutcome<Uint8Array>> => {
    const sealed = item instanceof ProtocolError ? item : attempt(() => decodeSelfEncrypted(item));
    if (sealed instanceof ProtocolError) return refusedFor('selfDecrypt', sealed);
    const plain = await openMessage(key, sealed, own.identityKey.publicKey);
    return plain ? { result: plain } : refused(1);
  });
  return encodeDecryptResponse(outcomes);
};

/** The name in the topic of private preferences. */
export const getPrivatePreferencesTopicIdentifier: KeystoreHandler = async (call, request) => {
  readRequest(checkEmptyRequest, request);
  return encodeTopicIdentifierResponse((await selfOf(call)).identifier);
};

/** Seals a preference for publishing: PrivatePreferencesAction bytes in, PrivatePreferencesPayload bytes out. */
export const createPrivatePreference: KeystoreHandler = async (call, request) => {
  readRequest(decodePreferenceAction, request);
  return sealForSelf(call, request);
};

/** Every stored preference, ascending by time. */
export const getPrivatePreferences: KeystoreHandler = async (call, request) => {
  readRequest(checkEmptyRequest, request);
  return encodePrivatePreferencesEntries(await call.conversations.listPreferences(call.safeId));
};

/** Stores preferences whose time is new; existing ones stay as they are. One that is none refuses the whole call. */
export const savePrivatePreferences: KeystoreHandler = async (call, request) => {
  const entries = readRequest(decodePrivatePreferencesEntries, request);
  if (entries.length > limits.batchItems) throw new VaultError('limit');
  for (const { key, action } of entries) {
    if (!/^[0-9]{1,20}$/.test(key) || action.length > keystoreLimits.entryBytes) throw new KeystoreRefusal(1);
    readRequest(decodePreferenceAction, action);
  }
  await call.conversations.addPreferences(call.safeId, entries);
  return new Uint8Array(0);
};

/** When a refresh job began last; 0 for never. */
export const getRefreshJob: KeystoreHandler = async (call, request) => {
  const job = readRequest(decodeGetRefreshJobRequest, request);
  if (job === 0) throw new KeystoreRefusal(1);
  return encodeGetRefreshJobResponse(await call.conversations.jobLastRunNs(call.safeId, job));
};

/** Remembers when a refresh job began. */
export const setRefreshJob: KeystoreHandler = async (call, request) => {
  const { jobType, lastRunNs } = readRequest(decodeSetRefreshJobRequest, request);
  await call.conversations.setJobLastRunNs(call.safeId, jobType, lastRunNs);
  return new Uint8Array(0);
};

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
