// When a new version may start.
import { describe, expect, test } from 'vitest';
import { createMemoryArea } from '../../vault/testkit/memory-host.testkit';
import { createUpdates } from './updates';

function setup() {
  const session = createMemoryArea(new Map());
  const state = { nowMs: 1_000_000, busy: true, rejected: 0, reloads: 0 };
  const start = () =>
    createUpdates({
      session,
      nowMs: () => state.nowMs,
      isBusy: async () => state.busy,
      rejectAll: async () => void state.rejected++,
      reload: () => void state.reloads++,
    });
  return { state, start };
}

describe('R-G5 updates', () => {
  test('R-G5 starts at once when nothing is open', async () => {
    const { state, start } = setup();
    state.busy = false;
    await start().available();
    expect(state.reloads).toBe(1);
  });

  test('R-G5 waits while something is open, also over a restart of the worker, and starts when it has ended', async () => {
    const { state, start } = setup();
    await start().available();
    expect(state.reloads).toBe(0);
    state.nowMs += 60_000;
    expect(await start().check()).toBe(state.nowMs + 30_000);
    state.busy = false;
    expect(await start().check()).toBeUndefined();
    expect(state).toMatchObject({ reloads: 1, rejected: 1 });
  });

  test('R-G5 after ten minutes what waits is rejected and the new version starts', async () => {
    const { state, start } = setup();
    await start().available();
    state.nowMs += 599_000;
    expect(await start().check()).toBe(state.nowMs + 1000);
    state.nowMs += 1000;
    expect(await start().check()).toBeUndefined();
    expect(state).toMatchObject({ reloads: 1, rejected: 1 });
  });

  test('nothing to do without an update', async () => {
    const { state, start } = setup();
    expect(await start().check()).toBeUndefined();
    expect(state.reloads).toBe(0);
  });
});
