// When a notification says that a site waits, and when none does.
import { expect, test } from 'vitest';
import { createMemoryArea } from '../../vault/testkit/memory-host.testkit';
import { createNotices } from './notices';

const app = 'https://app.test';

function stage(options: { isPermitted?: boolean } = {}) {
  const state = { nowMs: 1_000_000, isInFront: false, isPermitted: options.isPermitted ?? true };
  const waiting = new Set<string>();
  const there = new Map<string, { title: string; message: string }>();
  const told: string[] = [];
  const shown: string[] = [];
  const timers: (() => void)[] = [];
  const session = createMemoryArea(new Map());
  const start = () =>
    createNotices({
      api: () =>
        state.isPermitted
          ? {
              create: async (id, { title, message }) => {
                there.set(id, { title, message });
                told.push(message);
              },
              clear: async (id) => there.delete(id),
            }
          : undefined,
      session,
      nowMs: () => state.nowMs,
      later: (run) => void timers.push(run),
      words: (name) => ({ title: 'Prekey Vault', message: name }),
      iconUrl: '/icons/128.png',
      waiting: async () => waiting,
      isInFront: async () => state.isInFront,
      show: async (origin) => void shown.push(origin),
    });
  let notices = start();
  return {
    state,
    waiting,
    there,
    told,
    shown,
    /** The site asks, and the moment is over after which is looked. */
    async ask(origin: string) {
      waiting.add(origin);
      notices.waits(origin);
      timers.splice(0).forEach((run) => run());
      await notices.changed();
    },
    async answer(origin: string) {
      waiting.delete(origin);
      await notices.changed();
    },
    press: (id: string) => notices.pressed(id),
    restart: () => (notices = start()),
  };
}

test('a burst of one site is one notification, which names the origin and goes with the last answer', async () => {
  const { ask, answer, told, there } = stage();
  for (let times = 0; times < 20; times++) await ask(app);
  expect(told).toEqual([app]);
  await answer(app);
  expect(there.size).toBe(0);
});

test('the next burst of a site is told a minute later at the soonest, and a restart of the worker forgets nothing of it', async () => {
  const { ask, answer, told, state, restart } = stage();
  await ask(app);
  await answer(app);
  restart();
  await ask(app);
  expect(told).toHaveLength(1);
  await answer(app);
  state.nowMs += 60_000;
  await ask(app);
  expect(told).toHaveLength(2);
});

test('R-B8 a thousand names get three in a minute', async () => {
  const { ask, told } = stage();
  for (let site = 0; site < 1_000; site++) await ask(`https://${site}.test`);
  expect(told).toHaveLength(3);
});

test('none while a window of ours is in front, without the permission, or for what was answered or held back meanwhile', async () => {
  const inFront = stage();
  inFront.state.isInFront = true;
  await inFront.ask(app);
  const refused = stage({ isPermitted: false });
  await refused.ask(app);
  const answered = stage();
  await answered.ask(app);
  await answered.answer(app);
  answered.state.nowMs += 60_000;
  expect([inFront.told, refused.told]).toEqual([[], []]);
  expect(answered.there.size).toBe(0);
});

test('a press opens what waits of that site, and nothing for a notification that is none of ours', async () => {
  const { ask, press, shown, there } = stage();
  await ask(app);
  const [id] = there.keys();
  await press(id!);
  expect(shown).toEqual([app]);
  expect(there.size).toBe(0);
  await press('waits https://other.test');
  expect(shown).toEqual([app]);
});

test('a long name keeps its end, which says whose it is', async () => {
  const { ask, told } = stage();
  await ask(`https://${'bank.example.'.repeat(10)}evil.test`);
  expect(told[0]).toMatch(/^….*evil\.test$/);
  expect(told[0]!.length).toBe(61);
});
