// What an account's address looks like where only its form counts: at the gate, and in pages that draw it.
// Promises: the same texts as protocol/base/address, which also knows the checksum; address.test.ts compares them.
// Must not: judge capitals: who typed them is asked at the field.
import * as v from 'valibot';

/** `0x` and 40 hexadecimal digits in any case. */
export function isAccount(text: string): boolean {
  return /^0[xX][0-9a-fA-F]{40}$/.test(text);
}

/** An account in any case; who stores or compares it takes its EIP-55 form. */
export const accountText = v.pipe(v.string(), v.check(isAccount));
