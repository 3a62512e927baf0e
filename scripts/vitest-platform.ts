// What unit tests find of the platform, where node 20 differs from browsers; and what computes on the curve.
import { expect } from 'vitest';

// ArrayBuffer.prototype.transfer does not exist yet: with it, bytes that are used after they were released show as empty, as they do in browsers.
const buffers = ArrayBuffer.prototype as { transfer?: (length: number) => ArrayBuffer };
buffers.transfer ??= function transfer(this: ArrayBuffer, length: number): ArrayBuffer {
  const moved = structuredClone(this, { transfer: [this] });
  return moved.slice(0, length);
};

// Once it is called often, node's own canParse takes a name with ü for bytes that are not UTF-8, and says no.
URL.canParse = (url, base) => {
  try {
    return Boolean(new URL(url, base));
  } catch {
    return false;
  }
};

// The rooms of the worker are tested with the core, as they run; all of them with noble, which stands in for it, where PREKEY_VAULT_CURVE is "noble".
// A test that puts something in the place of noble has to come before it is loaded.
const { testPath = '' } = expect.getState();
const runsInWorker = /[\\/](src[\\/](protocol|vault|background|network)|scripts[\\/]vectors)[\\/]/.test(testPath);
const shared = globalThis as { testCurve?: (isCore: boolean) => void };
if (runsInWorker && !/noble-curve\.test\.ts$/.test(testPath) && process.env['PREKEY_VAULT_CURVE'] !== 'noble')
  shared.testCurve ??= await (await import('../src/protocol/testkit/curves.testkit')).loadSwitch();
shared.testCurve?.(runsInWorker);
