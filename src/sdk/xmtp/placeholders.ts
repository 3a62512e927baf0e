// What stands for a signature between signDigest and encryptV2: an unmodified client asks for a signature over a digest first
// and hands the content over afterwards, and the vault signs only what it sees.
// Promises that every placeholder given out is either seen again inside content on its way to the vault, or reported.
// Must not be able to sign: it has no way to the provider.
import { bytesToHex } from '../../protocol/base/bytes';
import { placeholderSignature } from '../../protocol/keys/placeholder-signature';

/** Placeholders given out and not redeemed yet. */
export interface Placeholders {
  /** A placeholder for this digest of 32 bytes: shaped like a signature, worth nothing to anybody but the vault. */
  issue(digest: Uint8Array): { bytes: Uint8Array; recovery: number };
  /** Content goes to the vault: the placeholders inside it are redeemed. */
  redeem(content: Uint8Array): void;
}

const tagLength = 32;
const digestLength = 32;

/** `onUnredeemed` is told each digest whose placeholder did not come back within `withinMs` milliseconds. */
export function createPlaceholders(options: {
  onUnredeemed: (digest: Uint8Array) => void;
  withinMs: number;
}): Placeholders {
  const tag = placeholderSignature(new Uint8Array(digestLength)).bytes.slice(0, tagLength);
  /** Hex of a digest to the timers of its placeholders: the same text sent twice in one millisecond has the same digest. */
  const waiting = new Map<string, ReturnType<typeof setTimeout>[]>();

  function take(hex: string): ReturnType<typeof setTimeout> | undefined {
    const timers = waiting.get(hex);
    const timer = timers?.shift();
    if (timers?.length === 0) waiting.delete(hex);
    return timer;
  }

  return {
    issue(digest) {
      const own = digest.slice();
      const hex = bytesToHex(own);
      const timer = setTimeout(() => {
        take(hex);
        options.onUnredeemed(own);
      }, options.withinMs);
      waiting.set(hex, [...(waiting.get(hex) ?? []), timer]);
      const { bytes, recovery } = placeholderSignature(own);
      return { bytes, recovery };
    },
    redeem(content) {
      if (waiting.size === 0) return;
      // The signature is the last field of SignedContent, so the search begins at the end.
      for (let at = content.length - tagLength - digestLength; at >= 0; at--) {
        if (!holdsAt(content, at, tag)) continue;
        const timer = take(bytesToHex(content.subarray(at + tagLength, at + tagLength + digestLength)));
        if (timer === undefined) continue;
        clearTimeout(timer);
        return;
      }
    },
  };
}

function holdsAt(content: Uint8Array, at: number, tag: Uint8Array): boolean {
  for (let index = 0; index < tag.length; index++) if (content[at + index] !== tag[index]) return false;
  return true;
}
