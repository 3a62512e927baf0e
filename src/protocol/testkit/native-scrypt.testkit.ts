// scrypt as OpenSSL computes it: the same function (passphrase.test.ts compares them) in half the time and on threads of its own. For tests
// that derive hundreds of keys: vi.mock('@noble/hashes/scrypt.js', () => import('…/native-scrypt.testkit')).
// Promises: what was asked once is remembered, because it is the same every time; every answer is a copy that the caller may wipe, and comes a
// turn of the event loop later.
import { createHash, scrypt } from 'node:crypto';
import type * as Noble from '@noble/hashes/scrypt.js';

const known = new Map<string, Promise<Uint8Array>>();

export const scryptAsync: typeof Noble.scryptAsync = async (password, salt, options) => {
  const { N, r, p, dkLen = 32 } = options;
  const hashOf = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  const asked = [hashOf(password), hashOf(salt), N, r, p, dkLen].join(' ');
  const isKnown = known.has(asked);
  if (!isKnown) known.set(asked, computed(password, salt, options));
  const result = await known.get(asked)!.catch((error: unknown) => {
    known.delete(asked);
    throw error;
  });
  if (isKnown) await new Promise((resolve) => setImmediate(resolve));
  return result.slice();
};

/** Without remembering: for tests that look for copies in memory. */
export const computed: typeof Noble.scryptAsync = (password, salt, { N, r, p, dkLen = 32, maxmem }) =>
  new Promise((resolve, reject) =>
    scrypt(password, salt, dkLen, { N, r, p, maxmem: (maxmem ?? 0) + 2 ** 20 }, (error, key) =>
      error ? reject(error) : resolve(new Uint8Array(key)),
    ),
  );
