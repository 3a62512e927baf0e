// For tests only: the curve's pure functions, remembered by their arguments, on our side and on the real client's.
// Promises the same results as the real ones, which have differential tests of their own; only repeated point arithmetic over
// one pool of identities is saved, so that a thousand cases of the layers above take seconds.
// Must not be imported by anything but tests, nor import the curve: it is loaded while that is being replaced.
import type * as ReferenceClient from '@xmtp/xmtp-js';
import { bytesToHex } from '../base/bytes';

type Slow = (...args: never[]) => unknown;

/** Callers wipe what they get. */
function copyOf(result: unknown): unknown {
  if (result instanceof Promise) return result.then(copyOf);
  return result instanceof Uint8Array ? result.slice() : result;
}

/** `slow`, computed once for arguments of the same bytes. Arguments are byte strings, or objects whose values are. */
export function remembered<F extends Slow>(slow: F): F {
  const results = new Map<string, unknown>();
  const fast = (...args: never[]): unknown => {
    const key = args.map(keyOf).join('|');
    if (!results.has(key)) results.set(key, slow(...args));
    return copyOf(results.get(key));
  };
  return fast as F;
}

/** Makes the real client remember shared secrets, verified keys and recovered addresses for the rest of this test file. */
export function letTheReferenceRemember(client: typeof ReferenceClient): void {
  for (const bundle of [client.PrivateKeyBundleV1, client.PrivateKeyBundleV2]) {
    rememberMethod(bundle.prototype, 'sharedSecret', (self) => self['identityKey'].publicKey.toBytes());
  }
  for (const key of [client.PublicKey, client.SignedPublicKey]) {
    rememberMethod(key.prototype, 'walletSignatureAddress', (self) => self['toBytes']());
    rememberMethod(key.prototype, 'verifyKey', (self) => self['toBytes']());
  }
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Self = Record<string, any>;

function rememberMethod(prototype: object, name: string, identify: (self: Self) => Uint8Array): void {
  const methods = prototype as Record<string, (this: Self, ...args: unknown[]) => unknown>;
  const slow = methods[name] as (this: Self, ...args: unknown[]) => unknown;
  const results = new Map<string, unknown>();
  methods[name] = function (this: Self, ...args: unknown[]): unknown {
    const key = [identify(this), ...args].map(keyOf).join('|');
    if (!results.has(key)) results.set(key, slow.apply(this, args));
    return results.get(key);
  };
}

function keyOf(value: unknown): string {
  if (value instanceof Uint8Array) return bytesToHex(value);
  if (typeof value !== 'object' || value === null) return String(value);
  const { toBytes } = value as { toBytes?: () => Uint8Array };
  if (toBytes) return bytesToHex(toBytes.call(value));
  return Object.values(value).map(keyOf).join(',');
}
