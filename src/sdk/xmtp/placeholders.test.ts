// Placeholders: each is redeemed by content that holds it, and reported when it is not.
import { describe, expect, it, vi } from 'vitest';
import { concatBytes } from '../../protocol/base/bytes';
import { placeholderDigest } from '../../protocol/keys/placeholder-signature';
import { createPlaceholders } from './placeholders';

const digest = (fill: number) => new Uint8Array(32).fill(fill);

function start() {
  vi.useFakeTimers();
  const unredeemed: number[] = [];
  const placeholders = createPlaceholders({ onUnredeemed: (one) => void unredeemed.push(one[0]!), withinMs: 1000 });
  return { placeholders, unredeemed };
}

describe('placeholders', () => {
  it('carry the digest to the vault and are no signature to anybody else', () => {
    const { placeholders } = start();
    const { bytes, recovery } = placeholders.issue(digest(7));
    expect(placeholderDigest({ kind: 'ecdsaCompact', bytes, recovery: recovery as 0 })).toEqual(digest(7));
  });

  it('inside content, wherever, are redeemed; others are reported once', () => {
    const { placeholders, unredeemed } = start();
    const [first, , third] = [1, 2, 3].map((fill) => placeholders.issue(digest(fill)).bytes);
    placeholders.redeem(concatBytes(new Uint8Array(500), first!));
    placeholders.redeem(concatBytes(third!, new Uint8Array(9)));
    vi.advanceTimersByTime(999);
    expect(unredeemed).toEqual([]);
    vi.advanceTimersByTime(5000);
    expect(unredeemed).toEqual([2]);
  });

  it('of the same digest count one by one', () => {
    const { placeholders, unredeemed } = start();
    const { bytes } = placeholders.issue(digest(4));
    placeholders.issue(digest(4));
    placeholders.redeem(bytes);
    vi.advanceTimersByTime(5000);
    expect(unredeemed).toEqual([4]);
  });

  it('are not redeemed by content without them, nor by a part of them', () => {
    const { placeholders, unredeemed } = start();
    const { bytes } = placeholders.issue(digest(5));
    placeholders.redeem(new Uint8Array(300));
    placeholders.redeem(bytes.subarray(0, 63));
    placeholders.redeem(new Uint8Array());
    vi.advanceTimersByTime(5000);
    expect(unredeemed).toEqual([5]);
  });
});
