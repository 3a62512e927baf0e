// The wallet zoo: the ways in which real wallets sign, and the ways in which they do not.
// Promises that every signature recovers to the account that made it, whatever it looks like.
// Must not know ports, windows or storage: bytes in, bytes out.
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import type { TestAccount } from './accounts';
import { testAccounts } from './accounts';

/** Every personality and what it does, in the order the settings page lists them. */
export const personalities = {
  'deterministic-v27': 'Signs like MetaMask: the same bytes each time, v is 27 or 28',
  'deterministic-v0': 'The same bytes each time, v is 0 or 1',
  'high-s': 'The same bytes each time, with s in the upper half of the curve order',
  'random-k': 'Different bytes each time',
  'wrong-account': 'Signs with the key of the next account',
  rejecting: 'Rejects every signature, as if the person had',
  hanging: 'Never answers a signature request',
  unresponsive: 'Never answers anything',
  disconnecting: 'Drops the connection at every second signature request',
  asleep: 'Its worker dies when nothing is asked, and drops what reaches it in its first two seconds',
  talkative: 'Tells its state on other streams, as MetaMask does on publicConfig',
  locked: 'Asks for its own password before it shows anything, once per browser session',
} as const;

/** The name of a personality, as kept in storage. */
export type Personality = keyof typeof personalities;

/** Whether a stored value names a personality. */
export function isPersonality(value: unknown): value is Personality {
  return typeof value === 'string' && Object.hasOwn(personalities, value);
}

/** The digest that personal_sign signs (EIP-191, version 0x45). */
export function personalDigest(message: Uint8Array): Uint8Array {
  return keccak_256(concatBytes(utf8ToBytes(`\x19Ethereum Signed Message:\n${message.length}`), message));
}

/** 65 bytes r, s, v over the EIP-191 digest of the message, in this personality's manner. */
export function signPersonalMessage(message: Uint8Array, account: TestAccount, personality: Personality): Uint8Array {
  const signer = personality === 'wrong-account' ? nextAccount(account) : account;
  const signed = secp256k1.sign(personalDigest(message), signer.privateKey, {
    prehash: false,
    lowS: true,
    format: 'recovered',
    extraEntropy: personality === 'random-k',
  });
  const signature = secp256k1.Signature.fromBytes(signed, 'recovered');
  const recovery = signature.recovery ?? 0;
  if (personality === 'high-s') return withV(highS(signature.r, signature.s), (recovery ^ 1) + 27);
  return withV(signature.toBytes('compact'), personality === 'deterministic-v0' ? recovery : recovery + 27);
}

function highS(r: bigint, lowS: bigint): Uint8Array {
  const { Fn } = secp256k1.Point;
  return concatBytes(Fn.toBytes(r), Fn.toBytes(Fn.neg(lowS)));
}

function withV(rs: Uint8Array, v: number): Uint8Array {
  return concatBytes(rs, Uint8Array.of(v));
}

function nextAccount(account: TestAccount): TestAccount {
  const accounts = testAccounts();
  return accounts[(account.index + 1) % accounts.length] ?? account;
}
