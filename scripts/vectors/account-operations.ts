// Vector operations of what an account does for itself: auth tokens, HMAC keys, self encryption, preferences.
import { keccak_256 } from '@noble/hashes/sha3.js';
import { createAuthToken, encodeAuthData, verifyAuthToken } from '../../src/protocol/keys/auth-token';
import { decodePrivateKeyBundle } from '../../src/protocol/keys/bundles';
import { bytesToBase64, hexToBytes } from '../../src/protocol/base/bytes';
import { hmacKeyInfo, hmacKeysAround, hmacKeysOfTopics, verifySenderHmac } from '../../src/protocol/messages/hmac-keys';
import { keystoreCodeOf } from '../../src/protocol/keystore/codes';
import { walletAddressOf } from '../../src/protocol/keys/keys';
import type { PreferenceAction } from '../../src/protocol/messages/preference-action';
import { decodePreferenceAction, encodePreferenceAction } from '../../src/protocol/messages/preference-action';
import { getPublicKey, signDigest } from '../../src/protocol/base/secp256k1';
import { decodeCiphertext } from '../../src/protocol/keys/seal';
import { selfDecrypt, selfEncrypt } from '../../src/protocol/messages/self-encryption';
import type { Operation, Vector, VectorSet } from './compare';
import { check, checkFacts, Mismatch, outcomeOf } from './compare';
import { ProtocolError } from '../../src/protocol/base/errors';

const NS_PER_MS = 1_000_000n;

function identityKeyOf(
  set: VectorSet,
  label: string,
): ReturnType<typeof decodePrivateKeyBundle>['bundle']['identityKey'] {
  const entry = set.identities?.[label];
  if (!entry) throw new Mismatch(`no identity ${label} in the file`);
  return decodePrivateKeyBundle(hexToBytes(entry['privateKeyBundleProto_v1'] as string)).bundle.identityKey;
}

function authToken({ input, expect }: Vector, set: VectorSet): void {
  let token: Uint8Array;
  const { node, ...facts } = expect;
  if (input.tokenProto === undefined) {
    const identityKey = identityKeyOf(set, input.identity);
    if (!('createdMs' in identityKey)) throw new Mismatch('the identity is no legacy one');
    const createdNs = BigInt(input.timestampNs);
    const authData = encodeAuthData(walletAddressOf(identityKey.publicKey), createdNs);
    token = createAuthToken(identityKey, createdNs);
    checkFacts(facts, {
      tokenProto: token,
      tokenBase64: bytesToBase64(token),
      authDataProto: authData,
      keccak256Digest: keccak_256(authData),
      authDataSignature: { kind: 'ecdsaCompact', ...signDigest(keccak_256(authData), identityKey.privateKey) },
    });
  } else {
    token = hexToBytes(input.tokenProto);
    checkFacts(facts, {});
  }
  const verdict = outcomeOf(() => verifyAuthToken(token, BigInt(input.nodeClockMs) * NS_PER_MS));
  // Every refusal of a node is code 16, which HTTP carries as 401.
  checkFacts(
    { ...node, verdict: node.outcome, error: undefined },
    { verdict: verdict instanceof ProtocolError ? 'reject' : 'ok', httpStatus: 401, code: 16 },
  );
}

function selfEncryptAgain({ input, expect }: Vector): void {
  const identityPrivateKey = hexToBytes(input.identityPrivateKey);
  const { hkdfSalt, gcmNonce, ...facts } = expect;
  check({ ...facts, identityPublicKey: input.identityPublicKey }, () => {
    const plain = hexToBytes(input.plaintext);
    const encrypted = selfEncrypt(plain, identityPrivateKey, hexToBytes(hkdfSalt), hexToBytes(gcmNonce));
    // The payload's only field is the Ciphertext message; it starts behind the tag and its length.
    const innerAt = (encrypted[1] as number) < 128 ? 2 : 3;
    return {
      encrypted,
      ciphertextPayload: decodeCiphertext(encrypted.subarray(innerAt)).payload,
      decryptsBack: Buffer.from(selfDecrypt(encrypted, identityPrivateKey)).equals(plain),
      identityPublicKey: getPublicKey(identityPrivateKey),
    };
  });
}

function preferenceAction({ input, expect }: Vector): void {
  const [[kind, values] = []] = Object.entries(input);
  check(expect, () => {
    const action = { kind, values } as PreferenceAction;
    const actionProto = encodePreferenceAction(action);
    checkFacts({ ...action }, { ...decodePreferenceAction(actionProto) });
    return { actionProto };
  });
}

/** By the `op` of the vectors. */
export const accountOperations: Record<string, Operation> = {
  authToken,
  hmacKeys: ({ input, expect }) =>
    check(expect, () => ({
      values: hmacKeysAround(hexToBytes(input.keyMaterial), input.address, Number(input.clockMs)).map((key) => ({
        ...key,
        info: hmacKeyInfo(key.thirtyDayPeriodsSinceEpoch, input.address),
      })),
    })),
  hmacKeysRequest: ({ input, expect }, set) => {
    const { address, topic, keyMaterial } = set.vectors.find((vector) => vector.op === 'hmacKeys')?.input ?? {};
    const known = new Map([[topic, hexToBytes(keyMaterial)]]);
    const count = (topics: string[]): number => hmacKeysOfTopics(topics, known, address, 0).size;
    if (count([topic]) !== 1) throw new Mismatch('the known topic is not answered');
    check(expect, () => ({ topicCount: count(input.topics) }));
  },
  verifySenderHmac: ({ input, expect }) => {
    // A remark of the recorder: the vector carries no ciphertext to try it with.
    const { validOverCiphertext: _, ...facts } = expect;
    check(facts, () => ({
      valid: verifySenderHmac(hexToBytes(input.hmacKey), hexToBytes(input.headerProto), hexToBytes(input.senderHmac)),
    }));
  },
  selfEncrypt: selfEncryptAgain,
  selfDecrypt: ({ input, expect }, set) => {
    const { privateKey } = identityKeyOf(set, input.keystore);
    check(
      expect,
      () => ({ decrypted: selfDecrypt(hexToBytes(input.encrypted), privateKey) }),
      ({ reason }) => keystoreCodeOf('selfDecrypt', reason),
    );
  },
  encodePreferenceAction: preferenceAction,
};
