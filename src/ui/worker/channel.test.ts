// The page's end of the port, against a worker end that dies, stays silent, or cannot clone bytes.
// Promises: timers run when the test says so; no real time passes.
import { describe, expect, test } from 'vitest';
import { createChannel, VaultCallError, type PortLike } from './channel';

/** A worker end that records what it is sent and can speak and die; time passes when the test says so. */
function stage(options: { native?: boolean; watched?: boolean } = {}) {
  const ports: {
    sent: { id: number; method: string; params?: unknown }[];
    say(message: unknown): void;
    die(): void;
    isDead: boolean;
  }[] = [];
  const timers = new Set<{ run: () => void; ms: number }>();
  const channel = createChannel({
    connect() {
      let hear: (message: unknown) => void = () => undefined;
      let end: () => void = () => undefined;
      const sent: never[] = [];
      const port: PortLike = {
        postMessage: (message) => {
          if (opened.isDead) throw new Error('Attempting to use a disconnected port object');
          sent.push(message as never);
        },
        disconnect: () => undefined,
        onMessage: { addListener: (listener) => (hear = listener) },
        onDisconnect: { addListener: (listener) => (end = listener) },
      };
      const opened = { sent, say: (message: unknown) => hear(message), die: () => end(), isDead: false };
      ports.push(opened);
      return port;
    },
    later(run, ms) {
      const timer = { run, ms };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    isWatched: () => options.watched ?? false,
  });
  const at = (index: number) => ports[index] ?? expect.fail(`port ${index} was not opened`);
  return {
    channel,
    ports,
    at,
    hello: (index: number) => at(index).say({ hello: options.native === false ? { 0: 1 } : Uint8Array.of(1) }),
    /** Runs the timers that wait now, but for the wait for hello. */
    pass(longestMs = 4_000) {
      const waiting = [...timers];
      for (const timer of waiting) {
        if (timer.ms > longestMs) continue;
        timers.delete(timer);
        timer.run();
      }
    },
  };
}

describe('channel', () => {
  test('nothing is sent before hello', async () => {
    const { channel, at, hello } = stage();
    const answer = channel.call('state_get');
    expect(at(0).sent).toEqual([]);
    hello(0);
    expect(at(0).sent).toEqual([{ id: 1, method: 'state_get' }]);
    at(0).say({ id: 1, result: 7 });
    expect(await answer).toBe(7);
  });

  test('P3 a call in flight is sent again, under the same id, when the worker died', async () => {
    const { channel, at, hello, pass } = stage();
    const answer = channel.call('lock_now', {});
    hello(0);
    at(0).die();
    pass();
    hello(1);
    expect(at(1).sent).toEqual(at(0).sent);
    at(1).say({ id: 1, result: null });
    expect(await answer).toBe(null);
  });

  test('P3 a port that died without an event is replaced by the call that finds it dead', async () => {
    const { channel, at, hello, pass } = stage();
    channel.call('state_get').catch(() => undefined);
    hello(0);
    at(0).isDead = true;
    const answer = channel.call('lock_now', {});
    pass();
    hello(1);
    expect(at(1).sent.map(({ method }) => method)).toEqual(['state_get', 'lock_now']);
    at(1).say({ id: 2, result: null });
    expect(await answer).toBe(null);
  });

  test('bytes go as they are where hello arrives as bytes, tagged elsewhere', async () => {
    const signature = Uint8Array.of(1, 2);
    for (const native of [true, false]) {
      const { channel, at, hello } = stage({ native });
      const answer = channel.call('unlock_withWallet', { signature });
      hello(0);
      expect(at(0).sent[0]?.params).toEqual({ signature: native ? signature : { $bytes: 'AQI=' } });
      at(0).say({ id: 1, result: native ? signature : { $bytes: 'AQI=' } });
      expect(await answer).toEqual(signature);
    }
  });

  test('an error answer becomes a VaultCallError with reason and detail', async () => {
    const { channel, at, hello } = stage();
    const answer = channel.call('unlock_withWallet');
    hello(0);
    at(0).say({ id: 1, error: { reason: 'wrong-account', detail: '0xabc' } });
    await expect(answer).rejects.toMatchObject({ reason: 'wrong-account', detail: '0xabc' });
    await expect(answer).rejects.toBeInstanceOf(VaultCallError);
  });

  test('after a reconnect everything is to be read again', () => {
    const { channel, at, hello, pass } = stage({ watched: true });
    const heard: string[] = [];
    channel.onChanged((topic) => heard.push(topic));
    channel.wake();
    hello(0);
    at(0).say({ changed: 'grants' });
    expect(heard).toEqual(['grants']);
    at(0).die();
    pass();
    hello(1);
    expect(heard).toEqual(['grants', 'state', 'approvals', 'grants', 'activity']);
  });

  test('a page nobody looks at leaves the worker asleep until it is seen or calls', () => {
    const { channel, ports, at, hello, pass } = stage({ watched: false });
    channel.wake();
    hello(0);
    at(0).die();
    pass();
    expect(ports.length).toBe(1);
    channel.wake();
    expect(ports.length).toBe(2);
  });

  test('a worker that never says hello makes calls fail instead of hang', async () => {
    const { channel, ports, at, pass } = stage();
    const answer = channel.call('state_get');
    answer.catch(() => undefined);
    for (let index = 0; index < 20 && index < ports.length; index++) {
      at(index).die();
      pass();
    }
    await expect(answer).rejects.toMatchObject({ reason: 'silent-worker' });
  });
});
