// What lies in storage.session while a safe is open: the root key sealed under K_s, and the times of the session.
// Promises: opens only for its own safe, session, epoch and hour; anything else is not a session.
// Must not: hold K_s or the opened key. Both are lent by session.ts.
import { base64ToBytes, bytesToBase64 } from '../../protocol/base/bytes';
import type { Bytes } from '../store/encoding';
import { asBytes, concat, lengthPrefixed, u32, u64 } from '../store/encoding';
import { labels } from '../store/labels';
import type { RandomBytes } from '../store/sealed-record';

/** One session as stored. `sealed`: iv and AES-256-GCM of the root key under K_s, base64. */
export interface StoredSession {
  sessionId: string;
  sealed: string;
  /** Number of the root key. */
  epoch: number;
  openedAtMs: number;
  lastActMs: number;
  lastSeenMs: number;
}

type Bound = Pick<StoredSession, 'sessionId' | 'openedAtMs' | 'epoch'>;

/** Seals the root key under K_s. A K_s seals one value and nothing else, so its nonce is never used twice. */
export async function sealBlob(
  safeId: string,
  bound: Bound,
  key: CryptoKey,
  rootSecret: Bytes,
  randomBytes: RandomBytes,
): Promise<string> {
  const iv = randomBytes(12);
  const algorithm = { name: 'AES-GCM', iv, additionalData: boundBytes(safeId, bound) };
  return bytesToBase64(concat(iv, new Uint8Array(await crypto.subtle.encrypt(algorithm, key, rootSecret))));
}

/** The root key, 32 bytes that the caller wipes; undefined when blob and key do not belong together. */
export async function openBlob(safeId: string, stored: StoredSession, key: CryptoKey): Promise<Bytes | undefined> {
  try {
    const sealed = asBytes(base64ToBytes(stored.sealed));
    const algorithm = { name: 'AES-GCM', iv: sealed.subarray(0, 12), additionalData: boundBytes(safeId, stored) };
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, sealed.subarray(12)));
  } catch {
    return undefined;
  }
}

/** Whether a value read from the session area has the shape of a session. */
export function isStoredSession(value: unknown): value is StoredSession {
  if (typeof value !== 'object' || value === null) return false;
  const { sessionId, sealed, epoch, openedAtMs, lastActMs, lastSeenMs } = value as Record<string, unknown>;
  const numbers = [epoch, openedAtMs, lastActMs, lastSeenMs];
  return (
    typeof sessionId === 'string' && typeof sealed === 'string' && numbers.every((one) => Number.isSafeInteger(one))
  );
}

function boundBytes(safeId: string, { sessionId, openedAtMs, epoch }: Bound): Bytes {
  return lengthPrefixed(labels.session, safeId, sessionId, u64(openedAtMs), u32(epoch));
}
