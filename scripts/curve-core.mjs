// The core of the curve as it is packed: one file of @bitauth/libauth, and the hash that it must have (adr/0021).
// Promises: what is read is that file, byte for byte, or an error. Must not: take another for it, whatever the lock file says.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Its name in the package. */
export const coreName = 'secp256k1.wasm';
const coreSha256 = '7b0c1694b325e3a9754be669514295372260f6853698518fca3a869b0031a98b';

/** Whether these bytes are the core. */
export function isCore(bytes) {
  return createHash('sha256').update(bytes).digest('hex') === coreSha256;
}

/** The bytes of the core. Throws when they are not the ones we know. */
export function readCore() {
  const file = createRequire(import.meta.url).resolve(`@bitauth/libauth/build/lib/bin/secp256k1/${coreName}`);
  const bytes = readFileSync(file);
  if (!isCore(bytes)) throw new Error(`${coreName} of @bitauth/libauth is not the file that was looked at`);
  return bytes;
}
