// A stand-in for scrypt at a thousandth of its cost: OpenSSL's, with a lower N. For tests that make hundreds of passphrase slots to see what
// happens around them: vi.mock('@noble/hashes/scrypt.js', () => import('…/cheap-scrypt.testkit')).
// Must not: be used where a cost is looked at, or a secret that something else made.
import type * as Noble from '@noble/hashes/scrypt.js';
import { scryptAsync as nativeScrypt } from './native-scrypt.testkit';

const highestN = 2 ** 7;

export const scryptAsync: typeof Noble.scryptAsync = (password, salt, options) =>
  nativeScrypt(password, salt, { ...options, N: Math.min(options.N, highestN) });
