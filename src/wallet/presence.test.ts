// Whether a wallet is there: what a browser says at once of an id that nobody has, and what a wallet that wakes slowly looks like.
import { afterEach, expect, test, vi } from 'vitest';
import { watchAbsence } from './presence';
import { installFakeWallet } from './wallet-port.testkit';

const extensionId = 'abcdefghijklmnopabcdefghijklmnop';

afterEach(() => {
  vi.useRealTimers();
  Reflect.deleteProperty(globalThis, 'chrome');
});

test('R-E4 a wallet that is not there is told once, without anything being asked', async () => {
  const fake = installFakeWallet(() => 'hang', { absent: true });
  const onAbsent = vi.fn();
  watchAbsence(extensionId, onAbsent);
  await expect.poll(() => onAbsent).toHaveBeenCalledTimes(1);
  expect(fake.requests).toEqual([]);
});

test('R-E4 what is no extension id is absent, and no connection is tried', async () => {
  const fake = installFakeWallet(() => 'hang');
  const onAbsent = vi.fn();
  watchAbsence('https://wallet.example', onAbsent);
  await expect.poll(() => onAbsent).toHaveBeenCalledTimes(1);
  expect(fake.ports.opened).toBe(0);
});

test('R-E4 a wallet that is there is never told absent, also when it hangs up later; its port is closed after a while', () => {
  vi.useFakeTimers();
  const fake = installFakeWallet(() => 'hang');
  const onAbsent = vi.fn();
  watchAbsence(extensionId, onAbsent);
  vi.advanceTimersByTime(3000);
  expect(fake.ports).toEqual({ opened: 1, closedByUs: 1 });
  fake.die();
  expect([onAbsent.mock.calls.length, fake.requests, vi.getTimerCount()]).toEqual([0, [], 0]);
});

test('nothing is told after looking was stopped', async () => {
  installFakeWallet(() => 'hang', { absent: true });
  const onAbsent = vi.fn();
  watchAbsence(extensionId, onAbsent)();
  watchAbsence('nobody', onAbsent)();
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(onAbsent).not.toHaveBeenCalled();
});
