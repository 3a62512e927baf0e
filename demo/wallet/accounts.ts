// The test wallet's accounts: ten keys of the well-known test mnemonic, which every Ethereum tool chain prints.
// Promises the same addresses as those tools. Must never hold another mnemonic: these private keys are public knowledge,
// and everything about this wallet says so.
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { bytesToNumberBE, numberToBytesBE } from '@noble/curves/utils.js';
import { hmac } from '@noble/hashes/hmac.js';
import { pbkdf2 } from '@noble/hashes/pbkdf2.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';

/** One account: its EIP-55 address and the 32 bytes that sign for it. */
export interface TestAccount {
  readonly index: number;
  readonly address: string;
  readonly privateKey: Uint8Array;
}

/** How many accounts the wallet has. */
export const ACCOUNT_COUNT = 10;

const MNEMONIC = 'test test test test test test test test test test test junk';
const HARDENED = 0x8000_0000;

let derived: readonly TestAccount[] | undefined;

/** Accounts 0-9 of m/44'/60'/0'/0/i (BIP-32, BIP-39, BIP-44). `count`: more of them, which the wallet does not have. */
export function testAccounts(count: number = ACCOUNT_COUNT): readonly TestAccount[] {
  if (count > ACCOUNT_COUNT) return deriveAccounts(count);
  derived ??= deriveAccounts(ACCOUNT_COUNT);
  return derived;
}

/** The account of an address in any case; undefined when it is not ours. */
export function findAccount(address: string): TestAccount | undefined {
  return testAccounts().find((account) => account.address.toLowerCase() === address.toLowerCase());
}

/** The EIP-55 address of a 65-byte public key. */
export function addressOfPublicKey(publicKey65: Uint8Array): string {
  const digits = bytesToHex(keccak_256(publicKey65.subarray(1)).subarray(12));
  const checksum = bytesToHex(keccak_256(utf8ToBytes(digits)));
  return `0x${Array.from(digits, (digit, i) => ((checksum[i] ?? '0') >= '8' ? digit.toUpperCase() : digit)).join('')}`;
}

interface ExtendedKey {
  readonly privateKey: Uint8Array;
  readonly chainCode: Uint8Array;
}

function deriveAccounts(count: number): TestAccount[] {
  const seed = pbkdf2(sha512, utf8ToBytes(MNEMONIC), utf8ToBytes('mnemonic'), { c: 2048, dkLen: 64 });
  const root = split(hmac(sha512, utf8ToBytes('Bitcoin seed'), seed));
  const parent = [44 + HARDENED, 60 + HARDENED, HARDENED, 0].reduce(deriveChild, root);
  return Array.from({ length: count }, (_, index) => {
    const { privateKey } = deriveChild(parent, index);
    return { index, privateKey, address: addressOfPublicKey(secp256k1.getPublicKey(privateKey, false)) };
  });
}

/** CKDpriv of BIP-32; its two impossible cases (about once in 2^127) do not occur with a fixed mnemonic. */
function deriveChild({ privateKey, chainCode }: ExtendedKey, index: number): ExtendedKey {
  const isHardened = index >= HARDENED;
  const parentBytes = isHardened ? concatBytes(Uint8Array.of(0), privateKey) : secp256k1.getPublicKey(privateKey, true);
  const step = split(hmac(sha512, chainCode, concatBytes(parentBytes, numberToBytesBE(index, 4))));
  const { Fn } = secp256k1.Point;
  const child = Fn.add(bytesToNumberBE(step.privateKey), bytesToNumberBE(privateKey));
  return { privateKey: Fn.toBytes(child), chainCode: step.chainCode };
}

function split(bytes64: Uint8Array): ExtendedKey {
  return { privateKey: bytes64.slice(0, 32), chainCode: bytes64.slice(32) };
}
