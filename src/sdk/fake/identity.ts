// One identity of the fake vault: keys that anybody can guess, which really sign.
// Promises that what it signs verifies as the answer of a vault does, and that the same number is always the same identity.
// Must not be used for anything but tests: its private keys are small numbers.
import { ProtocolError } from '../../protocol/base/errors';
import { addressOf, eip191Digest } from '../../protocol/base/ethereum';
import { getPublicKey, signDigest } from '../../protocol/base/secp256k1';
import { archiveKeyOf } from '../../protocol/inbox/archive-key';
import { parseIdentityText, type IdentityText } from '../../protocol/inbox/identity-text';
import { isInboxMadeBy } from '../../protocol/inbox/inbox-id';
import { signIdentityText } from '../../protocol/inbox/text-signature';
import {
  addPreKey,
  encodePublicKeyBundle,
  encodeSignedPublicKeyBundle,
  publicBundleOf,
  signedPublicBundleOf,
} from '../../protocol/keys/bundles';
import { createIdentityKey, createIdentityTextOf, createPreKey, signIdentityKey } from '../../protocol/keys/keys';
import { encodeVaultSignPayload, vaultSignDigest } from '../../protocol/ours/vault-signature';
import type { PublicKeyBundle, SignedFields, VaultSignature } from '../types';
import { refusedText } from './refusals';

export interface FakeIdentity {
  /** 32 hex digits. */
  readonly id: string;
  /** EIP-55. */
  readonly account: string;
  /** The unlock session; undefined while it is locked. */
  session: string | undefined;
  /** When it got its current prekey, milliseconds since 1970; 0 for the first. */
  rotatedAtMs(): number;
  /** A new prekey. What the page read goes on working. */
  rotate(nowMs: number): void;
  /** The bundle with the current prekey, which the page works with from now on. */
  bundle(): PublicKeyBundle;
  /** By the prekey that the page works with. */
  sign(fields: Omit<SignedFields, 'version' | 'account'>): VaultSignature;
  /** Makes the inbox key, if there is none. */
  inboxAddress(): string;
  /** Throws as `xmtp_v3_signIdentityText` does for a text that is not to be signed. */
  mustSignText(text: string, nowMs: number): void;
  signText(text: string): Uint8Array;
  archiveKey(inboxId: string): Uint8Array;
}

/** How far the date of an identity text may be from now, in milliseconds. */
const textAgeMs = 300_000;
const firstKeysMs = 1_700_000_000_000n;

function guessable(number: number): Uint8Array<ArrayBuffer> {
  const key = new Uint8Array(32);
  new DataView(key.buffer).setUint32(28, number);
  return key;
}

const own = (bytes: Uint8Array) => new Uint8Array(bytes);

/** The identity of that number, from 1 on; unlocked. */
export function createFakeIdentity(number: number): FakeIdentity {
  const [wallet, identitySecret, inboxSecret] = [number, number + 100, number + 200].map(guessable) as [
    Uint8Array<ArrayBuffer>,
    Uint8Array<ArrayBuffer>,
    Uint8Array<ArrayBuffer>,
  ];
  const unsigned = createIdentityKey({ privateKey: identitySecret, createdMs: firstKeysMs });
  const identityKey = signIdentityKey(unsigned, signDigest(eip191Digest(createIdentityTextOf(unsigned)), wallet));
  const account = addressOf(getPublicKey(wallet));
  const inboxAddress = addressOf(getPublicKey(inboxSecret)).toLowerCase();
  const made = new Set<string>();
  let hasInboxKey = false;

  const prekeyOf = (count: number, createdMs: bigint) => {
    const secret = guessable(number * 1_000 + count);
    const preKey = createPreKey({ privateKey: secret, createdMs, identityPrivateKey: identitySecret });
    const bundle = addPreKey({ identityKey, preKeys: [] }, preKey);
    return {
      secret,
      signed: () => own(encodeSignedPublicKeyBundle(signedPublicBundleOf(bundle))),
      older: () => own(encodePublicKeyBundle(publicBundleOf(bundle))),
    };
  };
  let count = 1;
  let current = prekeyOf(count, firstKeysMs + 1_000n);
  /** The prekey that the page works with: that of the bundle it read last. */
  let ofPage = current;
  let isBound = false;
  let rotatedAtMs = 0;

  /** The address whose key may sign this text. */
  function signerOf(read: IdentityText): string | undefined {
    if (read.shape === 'create+grant') return isInboxMadeBy(read.inboxId, read.owner) ? read.owner : undefined;
    if (read.shape === 'link') return read.address;
    return read.shape === 'grant' || made.has(read.inboxId) ? inboxAddress : undefined;
  }

  function readText(text: string): IdentityText {
    try {
      return parseIdentityText(text);
    } catch (thrown) {
      if (thrown instanceof ProtocolError) throw refusedText('unreadable');
      throw thrown;
    }
  }

  return {
    id: number.toString(16).padStart(32, '0'),
    account,
    session: 'first',
    rotatedAtMs: () => rotatedAtMs,
    rotate(nowMs) {
      current = prekeyOf(++count, BigInt(nowMs));
      if (!isBound) ofPage = current;
      rotatedAtMs = nowMs;
    },
    bundle() {
      ofPage = current;
      isBound = true;
      return { account, signedPublicKeyBundle: current.signed(), publicKeyBundle: current.older() };
    },
    sign({ origin, purpose, issuedAtMs, payload }) {
      const fields = { origin, account, purpose, issuedAtMs, payload };
      const { bytes, recovery } = signDigest(vaultSignDigest(encodeVaultSignPayload(fields)), ofPage.secret);
      return {
        signature: { bytes: own(bytes), recovery },
        signed: { version: 1, ...fields, payload: own(payload) },
        signedPublicKeyBundle: ofPage.signed(),
      };
    },
    inboxAddress() {
      hasInboxKey = true;
      return inboxAddress;
    },
    mustSignText(text, nowMs) {
      const read = readText(text);
      if (Math.abs(read.timeMs - nowMs) > textAgeMs) throw refusedText('date');
      const signer = signerOf(read);
      const isOwn = hasInboxKey && signer === inboxAddress;
      const isForRecovery = read.shape !== 'create+grant' && read.shape !== 'link' && read.shape !== 'grant';
      if (!isOwn) throw refusedText(isForRecovery && hasInboxKey ? 'not-recovery' : 'not-this-key');
    },
    signText(text) {
      const read = readText(text);
      if (read.shape === 'create+grant') made.add(read.inboxId);
      return own(signIdentityText(read, inboxSecret));
    },
    archiveKey: (inboxId) => own(archiveKeyOf(inboxSecret, inboxId)),
  };
}
