// The turns of sites without a grant: each alone, all together, over restarts, and lifted by a person.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMemoryArea } from '../../vault/testkit/memory-host.testkit';
import { clickedTurns, createStrangerTurns, hourMs, minuteMs, turnsInAll } from './stranger-turns';

function setUp() {
  const session = createMemoryArea(new Map());
  const clock = { nowMs: 1_700_000_000_000 };
  let ids = 0;
  const start = () => createStrangerTurns({ session, nowMs: () => clock.nowMs });
  let turns = start();
  return {
    session,
    clock,
    restart: () => (turns = start()),
    ask: (origin: string, id = String(++ids), isAgain = false) => turns.take({ origin, id, isAgain, isClicked: false }),
    click: (origin: string) => turns.take({ origin, id: String(++ids), isAgain: false, isClicked: true }),
    allow: (origin: string) => turns.allow(origin),
    forget: (isKnown: (origin: string) => Promise<boolean>) => turns.forget(isKnown),
  };
}

const app = 'https://app.example';

describe('R-B8 turns of strangers', () => {
  test('R-B8 one in a minute, then 1, 2, 4 … 60 minutes between, also over restarts of the worker', async () => {
    const { clock, ask, restart } = setUp();
    const startMs = clock.nowMs;
    const minutes: number[] = [];
    for (let minute = 0; minute <= 300; minute++) {
      clock.nowMs = startMs + minute * minuteMs;
      restart();
      for (let times = 0; times < 5; times++) if (await ask(app)) minutes.push(minute);
    }
    expect(minutes).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
  });

  test('R-B8 a click brings a window back at once and costs none of the other turns, six times in a minute and thirty in an hour', async () => {
    const { clock, ask, click, restart } = setUp();
    expect(await ask(app)).toBe(true);
    const inAMinute: boolean[] = [];
    for (let times = 0; times < 10; times++) {
      restart();
      inAMinute.push(await click(app));
    }
    expect(inAMinute.filter(Boolean)).toHaveLength(clickedTurns.minute);
    // What its clicks may not have any more it may still ask for as everybody does.
    clock.nowMs += minuteMs;
    expect(await ask(app)).toBe(true);
    let inAnHour = clickedTurns.minute;
    for (let minute = 1; minute < 60; minute++) {
      for (let times = 0; times < 3; times++) if (await click(app)) inAnHour++;
      clock.nowMs += minuteMs;
    }
    expect(inAnHour).toBeLessThanOrEqual(clickedTurns.hour + turnsInAll.hour);
  });

  test('R-B8 a thousand names get no more than three turns in a minute and twelve in an hour', async () => {
    const { clock, ask } = setUp();
    let taken = 0;
    for (let name = 0; name < 1000; name++) if (await ask(`https://a${name}.evil.example`)) taken++;
    expect(taken).toBe(turnsInAll.minute);
    for (let minute = 1; minute < 60; minute++) {
      clock.nowMs += minuteMs;
      for (let name = 0; name < 20; name++) if (await ask(`https://b${minute}-${name}.evil.example`)) taken++;
    }
    expect(taken).toBe(turnsInAll.hour);
  });

  test('R-B8 what is kept of a thousand names is as small as what got a turn', async () => {
    const { session, ask } = setUp();
    for (let name = 0; name < 1000; name++) await ask(`https://a${name}.evil.example`);
    expect(session.items.get('strangers')!.length).toBeLessThan(1000);
  });

  test('a request that is sent again because its worker died keeps its turn; a new one with its id does not', async () => {
    const { ask, restart } = setUp();
    expect(await ask(app, 'one')).toBe(true);
    restart();
    expect(await ask(app, 'one', true)).toBe(true);
    expect(await ask(app, 'one')).toBe(false);
    expect(await ask(app, 'two', true)).toBe(false);
  });

  test('a person lets an origin open windows again: it gets its next turn whatever was before, and waits anew after it', async () => {
    const { clock, ask, allow } = setUp();
    for (const name of 'abc') expect(await ask(`https://${name}.example`)).toBe(true);
    expect(await ask('https://a.example')).toBe(false);
    await allow('https://a.example');
    expect(await ask('https://a.example')).toBe(true);
    expect(await ask('https://a.example')).toBe(false);
    expect(await ask('https://d.example')).toBe(false);
    clock.nowMs += minuteMs;
    expect(await ask('https://a.example')).toBe(true);
  });

  test('what was given something gives its latest turn back, its own and that of all', async () => {
    const { ask, forget } = setUp();
    for (const name of 'abc') await ask(`https://${name}.example`);
    await forget(async (origin) => origin === 'https://b.example');
    expect(await ask('https://a.example')).toBe(false);
    expect(await ask('https://b.example')).toBe(true);
    expect(await ask('https://d.example')).toBe(false);
  });

  test('a clock that was set back makes nobody wait longer than from now on', async () => {
    const { clock, ask } = setUp();
    await ask(app);
    clock.nowMs -= 1000 * hourMs;
    expect(await ask(app)).toBe(false);
    clock.nowMs += minuteMs;
    expect(await ask(app)).toBe(false);
    expect(await ask('https://other.example')).toBe(true);
  });

  test('law: whatever strangers do, no minute has more than three turns, no hour more than twelve, no origin two in a minute', async () => {
    const step = fc.record({
      name: fc.constantFrom(...'abcdefgh'),
      waitMs: fc.integer({ min: 0, max: 200_000 }),
      restarts: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        const { clock, ask, restart } = setUp();
        const taken: { name: string; atMs: number }[] = [];
        for (const { name, waitMs, restarts } of steps) {
          clock.nowMs += waitMs;
          if (restarts) restart();
          if (await ask(name)) taken.push({ name, atMs: clock.nowMs });
        }
        for (const { name, atMs } of taken) {
          const within = (ms: number) => taken.filter((one) => one.atMs >= atMs && one.atMs - atMs < ms);
          expect(within(minuteMs).length).toBeLessThanOrEqual(turnsInAll.minute);
          expect(within(hourMs).length).toBeLessThanOrEqual(turnsInAll.hour);
          expect(within(minuteMs).filter((one) => one.name === name)).toHaveLength(1);
        }
      }),
      { numRuns: 100 },
    );
  });
});
