// The recovery code: 160 random bits as eight groups of four characters that survive being written down.
// Promises: forgives case, what pasting leaves (contract/paste.ts), O for 0 and I or L for 1; everything else is not a code. No letter U, no ambiguous signs.
// Must not: be kept. The bytes are wiped by whoever asked for them; the text exists only on its way to the person.
import { pastedCode } from '../../contract/paste';

/** Crockford's base32 alphabet: digits and letters without I, L, O and U. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 20 bytes: 160 bits. */
export const recoverySecretLength = 20;
/** Groups of a code, four characters each. */
export const recoveryGroups = 8;

/** The text of a code: `XXXX-XXXX-…`, eight groups. Throws RangeError unless there are 20 bytes. */
export function recoveryCodeText(codeSecret: Uint8Array): string {
  if (codeSecret.length !== recoverySecretLength) throw new RangeError('a recovery code has 20 bytes');
  const groups: string[] = [];
  for (let at = 0; at < codeSecret.length; at += 5) {
    let bits = codeSecret.subarray(at, at + 5).reduce((value, byte) => value * 256n + BigInt(byte), 0n);
    let eight = '';
    for (let k = 0; k < 8; k++) {
      eight = alphabet.charAt(Number(bits & 31n)) + eight;
      bits >>= 5n;
    }
    groups.push(eight.slice(0, 4), eight.slice(4));
  }
  return groups.join('-');
}

/** The 20 bytes of a typed code, or undefined when it cannot be a code. */
export function readRecoveryCode(typed: string): Uint8Array<ArrayBuffer> | undefined {
  const text = pastedCode(typed);
  if (text.length !== recoveryGroups * 4) return undefined;
  const codeSecret = new Uint8Array(recoverySecretLength);
  for (let block = 0; block < 4; block++) {
    let bits = 0n;
    for (const character of text.slice(block * 8, block * 8 + 8)) {
      const value = alphabet.indexOf(character);
      if (value < 0) return undefined;
      bits = bits * 32n + BigInt(value);
    }
    for (let k = 4; k >= 0; k--) {
      codeSecret[block * 5 + k] = Number(bits & 255n);
      bits >>= 8n;
    }
  }
  return codeSecret;
}

/** One group (0 to 7) of a code in the form that is compared, or undefined when it cannot be a code. */
export function groupOfCode(code: string, group: number): string | undefined {
  const text = pastedCode(code);
  return text.length === recoveryGroups * 4 ? text.slice(group * 4, group * 4 + 4) : undefined;
}

/** Two different groups for the person to type back, in order, chosen by two random bytes. */
export function twoGroups(random: Uint8Array): [number, number] {
  const [a = 0, b = 0] = random;
  const first = a % recoveryGroups;
  const second = (first + 1 + (b % (recoveryGroups - 1))) % recoveryGroups;
  return first < second ? [first, second] : [second, first];
}
