// Bytes that are released are gone where the platform can do it, and harmless elsewhere.
import { expect, it } from 'vitest';
import { release } from './release';

it('empties what it is given, once or twice, or leaves it as it was', () => {
  const bytes = new Uint8Array(1_048_576).fill(7);
  release(bytes);
  release(bytes);
  const canTransfer = 'transfer' in ArrayBuffer.prototype;
  expect(bytes.length).toBe(canTransfer ? 0 : 1_048_576);
});

it('calls what the platform has', () => {
  const asked: number[] = [];
  const bytes = new Uint8Array(8);
  Object.defineProperty(bytes.buffer, 'transfer', {
    value: (length: number) => {
      asked.push(length);
      return new ArrayBuffer(0);
    },
  });
  release(bytes);
  expect(asked).toEqual([0]);
});
