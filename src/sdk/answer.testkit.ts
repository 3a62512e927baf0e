// Genuine `vault_sign` answers for tests, made the way the vault makes them, from fixed well-known keys.
// Promises that nothing is mocked: wallet, identity key and prekey really sign.
// Must not be imported by anything but tests.
import { addPreKey, encodeSignedPublicKeyBundle, signedPublicBundleOf } from '../protocol/keys/bundles';
import { addressOf, eip191Digest } from '../protocol/base/ethereum';
import { createIdentityKey, createIdentityTextOf, createPreKey, signIdentityKey } from '../protocol/keys/keys';
import { getPublicKey, signDigest } from '../protocol/base/secp256k1';
import { encodeVaultSignPayload, vaultSignDigest } from '../protocol/ours/vault-signature';
import type { VaultSignature } from './types';

/** A small private key that anyone can guess. */
export function wellKnownPrivateKey(last: number): Uint8Array {
  const privateKey = new Uint8Array(32);
  privateKey[31] = last;
  return privateKey;
}

/** The account of `walletPrivateKey`. */
export function accountOf(walletPrivateKey: Uint8Array): string {
  return addressOf(getPublicKey(walletPrivateKey));
}

/** An answer and what it was made for. `seed` chooses the keys, so that other seeds are other people. */
export function makeAnswer(
  fields: { origin?: string; purpose?: string; payload?: Uint8Array; issuedAtMs?: number; account?: string } = {},
  seed = 1,
): { answer: VaultSignature; account: string; origin: string } {
  const walletPrivateKey = wellKnownPrivateKey(seed);
  const identityPrivateKey = wellKnownPrivateKey(seed + 100);
  const prePrivateKey = wellKnownPrivateKey(seed + 150);
  const unsigned = createIdentityKey({ privateKey: identityPrivateKey, createdMs: 1_700_000_000_000n });
  const identityKey = signIdentityKey(
    unsigned,
    signDigest(eip191Digest(createIdentityTextOf(unsigned)), walletPrivateKey),
  );
  const preKey = createPreKey({ privateKey: prePrivateKey, createdMs: 1_700_000_100_000n, identityPrivateKey });
  const bundle = addPreKey({ identityKey, preKeys: [] }, preKey);

  const origin = fields.origin ?? 'https://quill.example';
  const account = fields.account ?? accountOf(walletPrivateKey);
  const signed = {
    version: 1,
    origin,
    account,
    purpose: fields.purpose ?? 'Log in',
    issuedAtMs: fields.issuedAtMs ?? 1_750_000_000_000,
    payload: fields.payload ?? new Uint8Array([1, 2, 3, 250]),
  } as const;
  const signature = signDigest(vaultSignDigest(encodeVaultSignPayload(signed)), prePrivateKey);
  const answer: VaultSignature = {
    signature: { bytes: signature.bytes, recovery: signature.recovery },
    signed,
    signedPublicKeyBundle: encodeSignedPublicKeyBundle(signedPublicBundleOf(bundle)),
  };
  return { answer, account, origin };
}
