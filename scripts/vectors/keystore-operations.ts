// Vector operations of the whole keystore: one keystore per identity and file, the calls in file order, bytes in and out.
// Promises that an answer is compared with the recorded one byte for byte; where salt and nonce are fresh, by opening both.
// Where the vault refuses or dates on purpose what the real client does blindly, the recorded answer is derived again from the
// keys, so that no vector goes uncompared, and the vault's own answer is held against its rule.
import { isDeepStrictEqual } from 'node:util';
import { KeystoreRefusal } from '../../src/contract/errors';
import { isMethodName } from '../../src/contract/dapp/methods';
import { createAuthToken } from '../../src/protocol/keys/auth-token';
import type { PrivateKeyBundleV1 } from '../../src/protocol/keys/bundles';
import {
  encodePrivateKeyBundleV1,
  encodePublicKeyBundle,
  publicBundleOf,
  signedPublicBundleOf,
} from '../../src/protocol/keys/bundles';
import { bytesToHex, hexToBytes } from '../../src/protocol/base/bytes';
import { ProtocolError } from '../../src/protocol/base/errors';
import { hmacKeyOf, hmacPeriodOf, verifySenderHmac } from '../../src/protocol/messages/hmac-keys';
import { createInvitation, decodeSealedInvitation, openInvitation } from '../../src/protocol/messages/invitation';
import * as calls from '../../src/protocol/keystore/calls';
import { keystoreCodeOf } from '../../src/protocol/keystore/codes';
import type { EncryptedMessage, ItemOutcome, RequestItem } from '../../src/protocol/keystore/messages';
import * as messages from '../../src/protocol/keystore/messages';
import { walletAddressOf } from '../../src/protocol/keys/keys';
import { isWellFormed } from '../../src/protocol/proto/strict';
import { openSealed, sealWith } from '../../src/protocol/keys/seal';
import { signDigest } from '../../src/protocol/base/secp256k1';
import { sharedSecret } from '../../src/protocol/keys/shared-secret';
import type { Operation, Vector, VectorSet } from './compare';
import { Mismatch, outcomeOf } from './compare';
import { bundleOf } from './identities';
import type { TestKeystore } from './test-keystore';
import { openTestKeystore } from './test-keystore';

interface Call {
  readonly method: string;
  readonly request: Uint8Array;
  readonly recorded: Uint8Array;
  readonly nowMs: number;
  readonly bundle: PrivateKeyBundleV1;
  readonly keystore: TestKeystore;
  readonly set: VectorSet;
}

const NS_PER_MS = 1_000_000n;
const keystores = new WeakMap<VectorSet, Map<string, Promise<TestKeystore>>>();

function keystoreOf(set: VectorSet, label: string): Promise<TestKeystore> {
  const ofSet = keystores.get(set) ?? new Map<string, Promise<TestKeystore>>();
  keystores.set(set, ofSet);
  const keystore = ofSet.get(label) ?? openTestKeystore(bundleOf(set, label));
  ofSet.set(label, keystore);
  return keystore;
}

async function keystoreRpc({ input, expect }: Vector, set: VectorSet): Promise<void> {
  const keystore = await keystoreOf(set, input.keystore);
  const request = hexToBytes(input.requestProto ?? '');
  const nowMs = Number(input.clockMs);
  if (expect.outcome === 'throws') {
    if (input.method === 'signDigest') return compareDigestRefusal(request, bundleOf(set, input.keystore), expect.code);
    await expectRefusal(keystore, input.method, request, nowMs, expect.code);
    return;
  }
  if (expect.outcome !== 'ok') throw new Mismatch(`unknown outcome ${String(expect.outcome)}`);
  const recorded = hexToBytes(expect.responseProto);
  const call: Call = {
    method: input.method,
    request,
    recorded,
    nowMs,
    bundle: bundleOf(set, input.keystore),
    keystore,
    set,
  };
  await (COMPARISONS[input.method] ?? compareBytes)(call);
}

async function expectRefusal(
  keystore: TestKeystore,
  method: string,
  request: Uint8Array,
  nowMs: number,
  code?: number,
): Promise<void> {
  try {
    await keystore.run(`xmtp_${method}`, request, nowMs);
  } catch (error) {
    if (!(error instanceof KeystoreRefusal)) throw error;
    // A method that the vault does not have is refused as such (code 1), whatever the real keystore would have found wrong with the call.
    const wanted = isMethodName(`xmtp_${method}`) ? code : 1;
    if (wanted !== undefined && error.keystoreCode !== wanted) throw new Mismatch('code differs');
    return;
  }
  throw new Mismatch('was accepted');
}

function answer({ keystore, method, request, nowMs }: Call): Promise<Uint8Array> {
  return keystore.run(`xmtp_${method}`, request, nowMs);
}

function same(what: string, actual: unknown, wanted: unknown): void {
  if (!isDeepStrictEqual(actual, wanted)) throw new Mismatch(`${what} differs`);
}

function sameBytes(what: string, actual: Uint8Array, wanted: Uint8Array): void {
  same(what, bytesToHex(actual), bytesToHex(wanted));
}

async function compareBytes(call: Call): Promise<void> {
  sameBytes('response', await answer(call), call.recorded);
}

/** Outcomes without the texts of refusals, which nobody compares. */
function withoutTexts<Result>(outcomes: ItemOutcome<Result>[]): unknown[] {
  return outcomes.map((outcome) => ('refusal' in outcome ? { code: outcome.refusal.code } : outcome));
}

/** Answers whose bytes hold texts of refusals: compared by result and code. */
function compareOutcomes<Result>(
  decode: (bytes: Uint8Array) => ItemOutcome<Result>[],
  encode: (outcomes: ItemOutcome<Result>[]) => Uint8Array,
) {
  return async (call: Call): Promise<void> => {
    sameBytes('response read and written again', encode(decode(call.recorded)), call.recorded);
    same('response', withoutTexts(decode(await answer(call))), withoutTexts(decode(call.recorded)));
  };
}

/** Calls a page cannot make: the recorded answer must still be what our keys give. */
function absent(derive: (bundle: PrivateKeyBundleV1) => Uint8Array) {
  return async ({ method, bundle, recorded }: Call): Promise<void> => {
    if (isMethodName(`xmtp_${method}`)) throw new Mismatch('the method exists');
    sameBytes('response', derive(bundle), recorded);
  };
}

async function compareToken(call: Call): Promise<void> {
  const nowNs = BigInt(call.nowMs) * NS_PER_MS;
  const wished = calls.decodeCreateAuthTokenRequest(call.request) ?? nowNs;
  sameBytes('recorded token', createAuthToken(call.bundle.identityKey, wished - (wished % NS_PER_MS)), call.recorded);
  sameBytes('token of now', await answer(call), createAuthToken(call.bundle.identityKey, nowNs));
}

async function compareDigest(call: Call): Promise<void> {
  const { digest, signer } = calls.decodeSignDigestRequest(call.request);
  if (!signer) throw new Mismatch('nobody to sign');
  const isIdentity = 'identityKey' in signer;
  const key = isIdentity ? call.bundle.identityKey : call.bundle.preKeys[signer.prekeyIndex];
  if (!key) throw new Mismatch('no such key');
  const signature = { kind: 'ecdsaCompact', ...signDigest(digest.subarray(0, 32), key.privateKey) } as const;
  sameBytes('recorded signature', calls.encodeSignature(signature), call.recorded);
  // The vault has no such method: no key of ours signs a digest that somebody brings.
  if (isMethodName(`xmtp_${call.method}`)) throw new Mismatch('the method exists');
}

/** The vault refuses every digest alike, so the recorded refusal is derived from the keys. One without a code failed in the curve. */
function compareDigestRefusal(
  request: Uint8Array,
  { preKeys }: PrivateKeyBundleV1,
  recorded: number | undefined,
): void {
  const { digest, signer } = calls.decodeSignDigestRequest(request);
  const index = signer && 'prekeyIndex' in signer ? signer.prekeyIndex : undefined;
  const key = index === undefined ? undefined : preKeys[index];
  if (!key) same('code', keystoreCodeOf('signDigest', index === undefined ? 'missing-field' : 'no-prekey'), recorded);
  else if (recorded !== undefined || !(outcomeOf(() => signDigest(digest, key.privateKey)) instanceof ProtocolError))
    throw new Mismatch('was accepted');
  if (isMethodName('xmtp_signDigest')) throw new Mismatch('the method exists');
}

async function compareConversations(call: Call): Promise<void> {
  const [ours, theirs] = [calls.decodeConversations(await answer(call)), calls.decodeConversations(call.recorded)];
  const byTime = theirs.toSorted((a, b) => (a.createdNs < b.createdNs ? -1 : a.createdNs > b.createdNs ? 1 : 0));
  same('conversations', ours, byTime);
}

/**
 * The recorded invitation must be what our keys derive. The vault's is the same, unless it knows a conversation with this peer
 * under this id: then it invites to that one again, where the real keystore leaves looking for it to the client.
 */
async function compareInvite(call: Call): Promise<void> {
  const { recipient, createdNs, context, consentProof } = calls.decodeCreateInviteRequest(call.request);
  const recorded = calls.decodeCreateInviteResponse(call.recorded);
  const sealed = decodeSealedInvitation(recorded.payload);
  const { hkdfSalt, gcmNonce } = sealed.ciphertext;
  const sender = signedPublicBundleOf(call.bundle);
  const derived = createInvitation({
    mine: call.bundle,
    sender,
    recipient,
    createdNs,
    context,
    consentProof,
    salt32: hkdfSalt,
    nonce12: gcmNonce,
  });
  same('recorded conversation', derived.conversation, recorded.conversation);
  sameBytes('recorded invitation', derived.sealed, recorded.payload);

  const listed = await call.keystore.run('xmtp_getV2Conversations', new Uint8Array(0), call.nowMs);
  const known = calls
    .decodeConversations(listed)
    .find(
      (one) =>
        one.peerAddress === recorded.conversation.peerAddress &&
        (one.context?.conversationId ?? '') === (context?.conversationId ?? ''),
    );
  const ours = calls.decodeCreateInviteResponse(await answer(call));
  same('conversation', ours.conversation, known ?? recorded.conversation);
  const mine = decodeSealedInvitation(ours.payload);
  same('header', mine.header, sealed.header);
  const { invitation } = openInvitation(call.bundle, mine, mine.header.createdNs);
  const keyMaterial = known ? savedKeyMaterials(call).get(known.topic) : derived.invitation.keyMaterial;
  same('invitation', invitation, { ...derived.invitation, topic: (known ?? recorded.conversation).topic, keyMaterial });
}

/** How an item is sealed and opened by the keys alone, and whether the vault must, may or must not refuse what the field seals. */
interface Sealing {
  readonly payload: Uint8Array;
  readonly headerBytes: Uint8Array;
  readonly secret: Uint8Array;
  readonly refusal: 'never' | 'allowed' | 'always';
}

/**
 * The recorded ciphertexts must be what our keys make of the recorded salt and nonce; the vault's must open to what was asked
 * to be sealed, with the same sender_hmac; and the same items must be refused, with those that the vault refuses on purpose.
 */
async function compareSealed<Item>(
  call: Call,
  items: RequestItem<Item>[],
  sealingOf: (item: Item) => Sealing,
): Promise<void> {
  const [ours, theirs] = [
    messages.decodeEncryptResponse(await answer(call)),
    messages.decodeEncryptResponse(call.recorded),
  ];
  sameBytes('response read and written again', messages.encodeEncryptResponse(theirs), call.recorded);
  same('number of responses', [ours.length, theirs.length], [items.length, items.length]);
  for (const [at, item] of items.entries()) {
    const [mine, recorded] = [ours[at], theirs[at]] as [ItemOutcome<EncryptedMessage>, ItemOutcome<EncryptedMessage>];
    if ('refusal' in recorded) {
      same('refusal', withoutTexts([mine]), withoutTexts([recorded]));
      continue;
    }
    if (item instanceof ProtocolError) throw new Mismatch('an unreadable item was answered');
    const { payload, headerBytes, secret, refusal } = sealingOf(item);
    const { hkdfSalt, gcmNonce } = recorded.result.encrypted;
    same('recorded ciphertext', sealWith(payload, secret, headerBytes, hkdfSalt, gcmNonce), recorded.result.encrypted);
    const isRefused = 'refusal' in mine;
    if (refusal === (isRefused ? 'never' : 'always'))
      throw new Mismatch(isRefused ? 'the vault refused it' : 'the vault sealed it');
    if (isRefused) continue;
    same('sender_hmac', mine.result.senderHmac, recorded.result.senderHmac);
    sameBytes('plaintext', openSealed(mine.result.encrypted, secret, headerBytes), payload);
  }
}

async function compareSealedV1(call: Call): Promise<void> {
  const preKey = call.bundle.preKeys[0];
  if (!preKey) throw new Mismatch('no prekey');
  await compareSealed(call, messages.decodeEncryptV1Request(call.request), (item) => ({
    ...item,
    secret: sharedSecret(call.bundle, item.recipient, preKey.publicKey, 'sender'),
    // A header that names nobody cannot say which prekey seals; sealed with the current one as in the field, it does no harm.
    refusal: isWellFormed('MessageHeaderV1', item.headerBytes) ? 'never' : 'allowed',
  }));
}

async function compareSealedV2(call: Call): Promise<void> {
  const keyMaterials = savedKeyMaterials(call);
  const account = walletAddressOf(call.bundle.identityKey.publicKey);
  await compareSealed(call, messages.decodeEncryptV2Request(call.request), (item) => {
    const secret = keyMaterials.get(item.contentTopic);
    if (!secret) throw new Mismatch('no invitation for this topic in the file');
    checkSenderHmac(call, item, hmacKeyOf(secret, hmacPeriodOf(call.nowMs), account));
    const isOwnContent =
      isWellFormed('MessageHeaderV2', item.headerBytes) &&
      item.payload.length > 0 &&
      isWellFormed('SignedContent', item.payload);
    // The vault signs what it seals, so it seals nothing but content.
    return { ...item, secret, refusal: isOwnContent ? 'never' : 'always' };
  });
}

function checkSenderHmac({ request, recorded }: Call, item: { headerBytes: Uint8Array }, key: Uint8Array): void {
  const at = messages.decodeEncryptV2Request(request).findIndex((one) => isDeepStrictEqual(one, item));
  const outcome = messages.decodeEncryptResponse(recorded)[at];
  const hmac = outcome && 'result' in outcome ? outcome.result.senderHmac : undefined;
  if (!hmac || !verifySenderHmac(key, item.headerBytes, hmac)) throw new Mismatch('recorded sender_hmac differs');
}

/** The keys of all conversations that this keystore was told to save in the file. */
function savedKeyMaterials({ bundle, set }: Call): Map<string, Uint8Array> {
  const keyMaterials = new Map<string, Uint8Array>();
  for (const { input } of set.vectors.filter((vector) => vector.input.method === 'saveInvites')) {
    for (const item of messages.decodeSaveInvitesRequest(hexToBytes(input.requestProto))) {
      if (item instanceof ProtocolError) continue;
      const opened = outcomeOf(
        () => openInvitation(bundle, decodeSealedInvitation(item.payload), item.timestampNs).invitation,
      );
      if (!(opened instanceof ProtocolError) && !keyMaterials.has(opened.topic))
        keyMaterials.set(opened.topic, opened.keyMaterial);
    }
  }
  return keyMaterials;
}

const compareDecrypted = compareOutcomes(messages.decodeDecryptResponse, messages.encodeDecryptResponse);

/** Methods whose answers are not compared byte for byte. */
const COMPARISONS: Readonly<Record<string, (call: Call) => Promise<void>>> = {
  getPublicKeyBundle: absent((bundle) => encodePublicKeyBundle(publicBundleOf(bundle))),
  getPrivateKeyBundle: absent(encodePrivateKeyBundleV1),
  createAuthToken: compareToken,
  signDigest: compareDigest,
  getV2Conversations: compareConversations,
  createInvite: compareInvite,
  encryptV1: compareSealedV1,
  encryptV2: compareSealedV2,
  decryptV1: compareDecrypted,
  decryptV2: compareDecrypted,
  selfDecrypt: compareDecrypted,
  selfEncrypt: compareOutcomes(messages.decodeSelfEncryptResponse, messages.encodeSelfEncryptResponse),
  saveInvites: compareOutcomes(messages.decodeSaveInvitesResponse, messages.encodeSaveInvitesResponse),
};

/** By the `op` of the vectors. */
export const keystoreOperations: Record<string, Operation> = { keystoreRpc };
