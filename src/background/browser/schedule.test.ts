// The one alarm: set for whatever is due next, also when two runs overlap.
import { beforeEach, expect, test, vi } from 'vitest';
import { alarmName, createSchedule } from './schedule';

const alarms = vi.hoisted(() => ({ create: vi.fn(), clear: vi.fn() }));
vi.mock('webextension-polyfill', () => ({ default: { alarms } }));
beforeEach(() => void vi.clearAllMocks());

const never = async () => undefined;
const schedule = (
  dues: (() => Promise<number | undefined>)[],
  startRotations: () => Promise<number | undefined> = never,
) => createSchedule({ dues, startRotations, nowMs: () => 1000 });

test('the alarm is set for the first that is due, cleared when nothing is, and never sooner than in a second', async () => {
  await schedule([async () => 9000, async () => 7000, never]).next();
  expect(alarms.create).toHaveBeenLastCalledWith(alarmName, { when: 7000 });
  await schedule([async () => 1001]).next();
  expect(alarms.create).toHaveBeenLastCalledWith(alarmName, { when: 2000 });
  await schedule([never]).next();
  expect(alarms.clear).toHaveBeenCalledOnce();
});

test('what fails is tried again in half a minute, and keeps nothing else from its turn', async () => {
  const after = vi.fn(never);
  await schedule([() => Promise.reject(new Error('disk')), after]).next();
  expect(after).toHaveBeenCalledOnce();
  expect(alarms.create).toHaveBeenLastCalledWith(alarmName, { when: 31_000 });
});

test('a rotation that is planned while a run is under way keeps its alarm', async () => {
  let goOn = (): void => undefined;
  const slow = vi.fn(() => new Promise<undefined>((resolve) => (goOn = () => resolve(undefined))));
  const under = schedule([slow], async () => 50_000);
  const first = under.next();
  const finishFirst = goOn;
  const second = under.all();
  await vi.waitUntil(() => slow.mock.calls.length === 2, { timeout: 60_000 });
  goOn();
  await second;
  finishFirst();
  await first;
  expect(alarms.clear).not.toHaveBeenCalled();
  expect(alarms.create).toHaveBeenLastCalledWith(alarmName, { when: 50_000 });
});
