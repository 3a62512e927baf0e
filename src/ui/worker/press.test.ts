// What arrives while a pointer is held down waits until the click was there.
import { expect, test, vi } from 'vitest';
import { createPress } from './press';

/** A press with timers that run when told, and what has been drawn. */
function world() {
  const timers: { run: () => void; ms: number }[] = [];
  const press = createPress({
    later(run, ms) {
      const timer = { run, ms };
      timers.push(timer);
      return () => void (timers.includes(timer) && timers.splice(timers.indexOf(timer), 1));
    },
  });
  const drawn = vi.fn();
  return {
    press,
    timers,
    drawn,
    async arrive() {
      void (press.over() ?? Promise.resolve()).then(drawn);
      await Promise.resolve();
    },
    async pass() {
      timers[0]?.run();
      await Promise.resolve();
      await Promise.resolve();
    },
  };
}

test('nothing waits while no pointer is held', async () => {
  const { press, drawn, arrive } = world();
  expect(press.over()).toBeUndefined();
  await arrive();
  expect(drawn).toHaveBeenCalledOnce();
});

test('what arrives between down and up is drawn after the click, not with the up', async () => {
  const { press, drawn, arrive, pass } = world();
  press.down();
  await arrive();
  press.up();
  await Promise.resolve();
  expect(drawn).not.toHaveBeenCalled();
  await pass();
  expect(drawn).toHaveBeenCalledOnce();
  expect(press.over()).toBeUndefined();
});

test('the click ends it at once', async () => {
  const { press, drawn, arrive, pass, timers } = world();
  press.down();
  await arrive();
  press.up();
  press.clicked();
  expect(timers.map(({ ms }) => ms)).toEqual([0]);
  await pass();
  expect(drawn).toHaveBeenCalledOnce();
});

test('a pointer whose end nobody tells holds nothing for ever', async () => {
  const { press, drawn, arrive, pass, timers } = world();
  press.down();
  await arrive();
  expect(timers).toHaveLength(1);
  await pass();
  expect(drawn).toHaveBeenCalledOnce();
});

test('a second press right after the first keeps on holding', async () => {
  const { press, drawn, arrive, pass, timers } = world();
  press.down();
  press.up();
  press.down();
  await arrive();
  expect(timers).toHaveLength(1);
  press.up();
  await pass();
  expect(drawn).toHaveBeenCalledOnce();
});
