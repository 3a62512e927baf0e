// Verification of a `vault_sign` answer without any network: signature <- prekey <- identity key <- account.
// Promises that any changed byte of signature, fields or bundle is refused, recovery bits and unknown fields included.
// Must not return anything that can be mistaken for success: what does not hold is thrown.
import {
  decodeSignedPublicKeyBundle,
  encodeSignedPublicKeyBundle,
  type SignedPublicKeyBundle,
} from '../../protocol/keys/bundles';
import { equalBytes, utf8ToBytes } from '../../protocol/base/bytes';
import { ProtocolError, type ProtocolErrorReason } from '../../protocol/base/errors';
import { checksumAddress, isAddress } from '../../protocol/base/address';
import { createdMsOf, signedBytesOf, type SignedPublicKey } from '../../protocol/keys/keys';
import { recoverPublicKey } from '../../protocol/base/secp256k1';
import {
  encodeVaultSignPayload,
  vaultSignDigest,
  verifyVaultSignature as verifyChain,
} from '../../protocol/ours/vault-signature';
import { mustBeKnown, type Exactly, type OptionNames } from '../options';
import { VaultSignatureError, type VaultSignatureRefusal } from '../signature-error';
import { readVaultSignature } from '../signature-shape';
import type { VaultSignature } from '../types';

/** How far ahead of ours the vault's clock may be, in milliseconds, when `maxAgeMs` is given. */
const clockSkewMs = 60_000;

/** What the answer has to be about. An option that is present must have a value; an option that is left out is not checked; no others exist. */
export interface ExpectedVaultSignature {
  /** The account that must stand behind it, in any spelling: only its digits count. */
  account: string;
  /** The site that must have asked: exactly `location.origin` of that site, e.g. `https://app.example`. */
  origin: string;
  /** The payload that must be signed; text means its UTF-8. */
  payload?: Uint8Array | string;
  /** The purpose that must be signed. */
  purpose?: string;
  /** Refuse answers older than this many milliseconds, or dated more than a minute ahead. */
  maxAgeMs?: number;
  /** The time to measure age against, milliseconds since 1970. Default: the clock. */
  nowMs?: number;
}

const optionNames: OptionNames<ExpectedVaultSignature> = {
  account: true,
  origin: true,
  payload: true,
  purpose: true,
  maxAgeMs: true,
  nowMs: true,
};

/** A key of the chain. */
export interface VerifiedKey {
  /** 65 bytes: 04, X, Y. */
  publicKey: Uint8Array;
  /** When the key says it was made, milliseconds since 1970. */
  createdAtMs: number;
}

/** What a verified answer proves, link by link, for display and for records. */
export interface VerifiedVaultSignature {
  /** EIP-55 address of the account that signed the identity key. */
  account: string;
  /** The identity key, signed by the account. */
  identityKey: VerifiedKey;
  /** The prekey, signed by the identity key. */
  prekey: VerifiedKey;
  /** r and s, 64 bytes, made by the prekey over `digest`. */
  signature: Uint8Array;
  /** SHA-256 of the signed bytes (docs/provider-api.md). */
  digest: Uint8Array;
  origin: string;
  purpose: string;
  /** Milliseconds since 1970, by the clock of the vault. */
  issuedAtMs: number;
  payload: Uint8Array;
}

/**
 * Verifies an answer of `vault_sign` and returns the chain. Give `payload` when you know what had to be signed (a challenge of
 * yours), and `maxAgeMs` when an old answer must not count. Works in node and in browsers, without network.
 * Throws VaultSignatureError with the reason; TypeError when an option is not usable or does not exist, so that a typing slip does not open a hole.
 */
export function verifyVaultSignature<Given extends ExpectedVaultSignature>(
  result: VaultSignature,
  expected: Exactly<ExpectedVaultSignature, Given>,
): VerifiedVaultSignature {
  checkOptions(expected);
  const account = checksumAddress(expected.account);
  const answer = readVaultSignature(result);
  const { signed } = answer;
  if (signed.origin !== expected.origin) throw new VaultSignatureError('wrong-origin');
  if (signed.account !== account) throw new VaultSignatureError('wrong-account');
  if (expected.purpose !== undefined && signed.purpose !== expected.purpose)
    throw new VaultSignatureError('wrong-purpose');
  checkPayload(signed.payload, expected.payload);
  checkAge(signed.issuedAtMs, expected);

  return refusingWith(() => {
    verifyChain(answer, { account, origin: expected.origin });
    const bundle = decodeSignedPublicKeyBundle(answer.signedPublicKeyBundle);
    const digest = vaultSignDigest(encodeVaultSignPayload(signed));
    checkOneForm(answer, bundle, digest);
    return {
      account,
      identityKey: verifiedKey(bundle.identityKey),
      prekey: verifiedKey(bundle.preKey),
      signature: answer.signature.bytes,
      digest,
      origin: signed.origin,
      purpose: signed.purpose,
      issuedAtMs: signed.issuedAtMs,
      payload: signed.payload,
    };
  });
}

/**
 * XMTP ignores recovery bits and unknown fields, which would let a stranger write one answer in many ways. What remains is
 * the account's own signature, kept as the wallet wrote it: it has a mirrored form with high s. So whoever keeps a list of
 * answers already used keeps their `digest`.
 */
function checkOneForm(answer: VaultSignature, bundle: SignedPublicKeyBundle, digest: Uint8Array): void {
  if (!equalBytes(encodeSignedPublicKeyBundle(bundle), answer.signedPublicKeyBundle))
    throw new VaultSignatureError('malformed');
  if (!equalBytes(recoverPublicKey(answer.signature, digest), bundle.preKey.publicKey)) {
    throw new VaultSignatureError('signature-invalid');
  }
  // SHA-256 as well: XMTP hashes the bytes of a key the way `vault_sign` hashes its own (protocol a.2).
  const keyDigest = vaultSignDigest(signedBytesOf(bundle.preKey));
  if (!equalBytes(recoverPublicKey(bundle.preKey.signature, keyDigest), bundle.identityKey.publicKey)) {
    throw new VaultSignatureError('prekey-invalid');
  }
}

function checkPayload(payload: Uint8Array, expected: Uint8Array | string | undefined): void {
  if (expected === undefined) return;
  const bytes = typeof expected === 'string' ? utf8ToBytes(expected) : expected;
  if (!equalBytes(payload, bytes)) throw new VaultSignatureError('wrong-payload');
}

function checkAge(issuedAtMs: number, { maxAgeMs, nowMs = Date.now() }: ExpectedVaultSignature): void {
  if (maxAgeMs === undefined) return;
  if (issuedAtMs > nowMs + clockSkewMs) throw new VaultSignatureError('from-the-future');
  if (nowMs - issuedAtMs > maxAgeMs) throw new VaultSignatureError('too-old');
}

function checkOptions(expected: ExpectedVaultSignature): void {
  mustBeKnown('verifyVaultSignature', expected, optionNames);
  // `payload: undefined` from a misspelt variable must not mean "any payload".
  for (const [name, value] of Object.entries(expected)) {
    if (value === undefined) throw new TypeError(`verifyVaultSignature: ${name} is undefined; leave it out instead`);
  }
  const { account, origin, payload, purpose, maxAgeMs, nowMs } = expected;
  if (typeof account !== 'string' || !isAddress(account))
    throw new TypeError('verifyVaultSignature: account is not an Ethereum address');
  if (typeof origin !== 'string') throw new TypeError('verifyVaultSignature: origin is no text');
  if (payload !== undefined && typeof payload !== 'string' && !(payload instanceof Uint8Array)) {
    throw new TypeError('verifyVaultSignature: payload is neither bytes nor text');
  }
  if (typeof payload === 'string' && /\p{Surrogate}/u.test(payload)) {
    throw new TypeError('verifyVaultSignature: payload is no well-formed text');
  }
  if (purpose !== undefined && typeof purpose !== 'string')
    throw new TypeError('verifyVaultSignature: purpose is no text');
  // A comparison with NaN is never true, so it would let every age pass.
  if (maxAgeMs !== undefined && !(maxAgeMs >= 0)) throw new TypeError('verifyVaultSignature: maxAgeMs is no age');
  if (nowMs !== undefined && !Number.isFinite(nowMs)) throw new TypeError('verifyVaultSignature: nowMs is no time');
}

const refusals: Readonly<Partial<Record<ProtocolErrorReason, VaultSignatureRefusal>>> = {
  // The account in the fields was compared before, so here it is the identity key that another account signed.
  'wrong-account': 'identity-key-invalid',
  'not-signed-by-wallet': 'identity-key-invalid',
  'prekey-signature-invalid': 'prekey-invalid',
  'signature-invalid': 'signature-invalid',
};

function refusingWith<T>(verify: () => T): T {
  try {
    return verify();
  } catch (thrown) {
    if (thrown instanceof ProtocolError) throw new VaultSignatureError(refusals[thrown.reason] ?? 'malformed', thrown);
    throw thrown;
  }
}

function verifiedKey(key: SignedPublicKey): VerifiedKey {
  return { publicKey: key.publicKey.slice(), createdAtMs: Number(createdMsOf(key)) };
}
