// scrypt (RFC 7914): the one slow function of the house, for secrets that a person made up.
// Promises: gives the event loop a turn about every 10 ms, so that whoever runs it goes on answering.
// Must not: choose a cost, or keep the passphrase or the result. Callers wipe what they get.
import { scryptAsync } from '@noble/hashes/scrypt.js';
import { utf8ToBytes } from './bytes';

/** Parameters of RFC 7914 section 2; N is 2 to the power of `log2N`. Memory is 128 · N · r bytes. */
export interface ScryptCost {
  log2N: number;
  r: number;
  p: number;
}

/** Longest time in milliseconds for which the event loop stands still. */
const tickMs = 10;

/** The form of a passphrase that is hashed: NFKC, without white space around it. The same on every keyboard and system. */
export function passphraseText(passphrase: string): string {
  return passphrase.normalize('NFKC').trim();
}

/** 32 bytes from a passphrase. Throws 'bad-encoding' on an unpaired surrogate, and RangeError for a cost that is no cost. */
export async function passphraseSecret(passphrase: string, salt: Uint8Array, cost: ScryptCost): Promise<Uint8Array> {
  const { log2N, r, p } = cost;
  if (![log2N, r, p].every((one) => Number.isInteger(one) && one > 0) || log2N > 24) throw new RangeError('no scrypt cost');
  const typedSecret = utf8ToBytes(passphraseText(passphrase));
  const N = 2 ** log2N;
  try {
    return await scryptAsync(typedSecret, salt, { N, r, p, dkLen: 32, asyncTick: tickMs, maxmem: 128 * r * (N + p + 1) });
  } finally {
    typedSecret.fill(0);
  }
}
