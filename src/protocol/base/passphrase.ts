// scrypt (RFC 7914): the one slow function of the house, for secrets that a person made up.
// Promises: gives the event loop a turn about every 10 ms, so that whoever runs it goes on answering.
// A passphrase is changed only where a form of it is asked for by name. Must not: choose a cost, or keep the passphrase or the result. Callers
// wipe what they get.
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

/**
 * What a typed passphrase may stand for in a slot, without repetitions. The first one makes new slots: NFKC, the same on every keyboard and
 * system, with the blanks around it. Versions before 0.2 left those out, so the second one is without them.
 */
export function slotForms(typed: string): string[] {
  const text = typed.normalize('NFKC');
  return [...new Set([text, text.trim()])];
}

/** The passphrase that a new file gets: NFC, which is what most systems type, and nothing else changed. */
export function fileForm(typed: string): string {
  return typed.normalize('NFC');
}

/**
 * What a typed passphrase may stand for in a file, without repetitions, in the order to be tried: as typed, in the forms that other tools and
 * systems write, and as versions before 0.2 of ours wrote it.
 */
export function fileForms(typed: string): string[] {
  const compatible = typed.normalize('NFKC');
  return [...new Set([typed, fileForm(typed), typed.normalize('NFD'), compatible, compatible.trim()])];
}

/** 32 bytes from exactly this text. Throws 'bad-encoding' on an unpaired surrogate, and RangeError for a cost that is not valid. */
export async function passphraseSecret(passphrase: string, salt: Uint8Array, cost: ScryptCost): Promise<Uint8Array> {
  const { log2N, r, p } = cost;
  if (![log2N, r, p].every((one) => Number.isInteger(one) && one > 0) || log2N > 24)
    throw new RangeError('no scrypt cost');
  const typedSecret = utf8ToBytes(passphrase);
  const N = 2 ** log2N;
  try {
    return await scryptAsync(typedSecret, salt, {
      N,
      r,
      p,
      dkLen: 32,
      asyncTick: tickMs,
      maxmem: 128 * r * (N + p + 1),
    });
  } finally {
    typedSecret.fill(0);
  }
}
