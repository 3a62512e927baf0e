// Addresses of accounts as text: which texts are an address, and the form in which they are kept (EIP-55).
// Promises: every spelling of letters is taken, lower, upper, EIP-55 or that of another chain (EIP-1191); whether the capitals fit is told
// beside it, for the place where a person typed them. Must not: know a key. Our pages may import this file, and no other of this room.
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, utf8ToBytes } from './bytes';
import { ProtocolError } from './errors';

/** `fits`: mixed case, and it is EIP-55's. `none`: one case only, which says nothing. `differs`: of another chain, or a digit was mistyped. */
export type AddressChecksum = 'fits' | 'none' | 'differs';

/** The EIP-55 form of an address, and what its capitals say; undefined for what is not `0x` and 40 hex digits. */
export function readAddress(text: string): { account: string; checksum: AddressChecksum } | undefined {
  if (!/^0[xX][0-9a-fA-F]{40}$/.test(text)) return undefined;
  const digits = text.slice(2);
  const account = withChecksum(digits.toLowerCase());
  const isOneCase = digits === digits.toLowerCase() || digits === digits.toUpperCase();
  const doesFit = account.slice(2) === digits;
  return { account, checksum: doesFit && !isOneCase ? 'fits' : isOneCase ? 'none' : 'differs' };
}

/** Whether this is `0x` and 40 hex digits, in any spelling. */
export function isAddress(text: string): boolean {
  return readAddress(text) !== undefined;
}

/** The EIP-55 form of an address in any spelling. Throws 'bad-address' where `isAddress` is false. */
export function checksumAddress(address: string): string {
  const read = readAddress(address);
  if (!read) throw new ProtocolError('bad-address', 'not an Ethereum address');
  return read.account;
}

/** The last address that was asked for: mostly it is the same one again. */
let last = { digits: '', address: '' };

/** EIP-55, "Implementation". `digits`: 40 in lower case. */
function withChecksum(digits: string): string {
  if (last.digits === digits) return last.address;
  const hash = bytesToHex(keccak_256(utf8ToBytes(digits)));
  let address = '0x';
  for (let i = 0; i < 40; i++) {
    const digit = digits.charAt(i);
    address += Number.parseInt(hash.charAt(i), 16) >= 8 ? digit.toUpperCase() : digit;
  }
  last = { digits, address };
  return address;
}
