// Discovery against a bare EventTarget in the place of the window: who answers, who is believed, what is left behind.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findPrekeyVault } from './discovery';

const announceEvent = 'prekeyvault:announceProvider';
const requestEvent = 'prekeyvault:requestProvider';

class FakeWindow extends EventTarget {
  readonly waitingForAnnouncements = new Set<unknown>();
  override addEventListener(...[type, listener]: Parameters<EventTarget['addEventListener']>) {
    if (type === announceEvent) this.waitingForAnnouncements.add(listener);
    super.addEventListener(type, listener);
  }
  override removeEventListener(...[type, listener]: Parameters<EventTarget['removeEventListener']>) {
    if (type === announceEvent) this.waitingForAnnouncements.delete(listener);
    super.removeEventListener(type, listener);
  }
}

const info = {
  uuid: '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
  name: 'Prekey Vault',
  icon: 'data:image/svg+xml,<svg/>',
  rdns: 'app.prekeyvault',
};
const makeProvider = () => ({ request: async () => null, on: () => undefined, removeListener: () => undefined });

let page: FakeWindow;
const announce = (detail: unknown) => page.dispatchEvent(new CustomEvent(announceEvent, { detail }));
const answerRequestsWith = (...details: unknown[]) =>
  page.addEventListener(requestEvent, () => {
    for (const detail of details) announce(detail);
  });

beforeEach(() => {
  vi.useFakeTimers();
  page = new FakeWindow();
  vi.stubGlobal('window', page);
});
afterEach(() => {
  expect(page.waitingForAnnouncements.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('findPrekeyVault', () => {
  it('takes the provider that answers the request event', async () => {
    const provider = makeProvider();
    answerRequestsWith({ info, provider });
    expect(await findPrekeyVault()).toBe(provider);
  });

  it('accepts the frozen, null-prototype objects the extension announces', async () => {
    const bare = <T extends object>(values: T): T => Object.freeze(Object.assign(Object.create(null), values)) as T;
    const provider = bare(makeProvider());
    answerRequestsWith(bare({ info: bare(info), provider }));
    expect(await findPrekeyVault()).toBe(provider);
  });

  it('prefers the event to the global, and the first announcement to later ones', async () => {
    const [first, second, third] = [makeProvider(), makeProvider(), makeProvider()];
    Object.assign(page, { prekeyVault: third });
    answerRequestsWith({ info, provider: first }, { info, provider: second });
    expect(await findPrekeyVault()).toBe(first);
  });

  it('takes the global when nobody answers, without waiting', async () => {
    const provider = makeProvider();
    Object.assign(page, { prekeyVault: provider });
    expect(await findPrekeyVault()).toBe(provider);
  });

  it('waits for a provider that is announced later', async () => {
    const provider = makeProvider();
    const found = findPrekeyVault({ timeoutMs: 500 });
    await vi.advanceTimersByTimeAsync(499);
    announce({ info, provider });
    expect(await found).toBe(provider);
  });

  it('takes a global that appeared while it waited', async () => {
    const provider = makeProvider();
    const found = findPrekeyVault({ timeoutMs: 500 });
    Object.assign(page, { prekeyVault: provider });
    await vi.advanceTimersByTimeAsync(500);
    expect(await found).toBe(provider);
  });

  it('is undefined at the timeout, one second unless told otherwise, and not before', async () => {
    let state: unknown = 'waiting';
    void findPrekeyVault().then((found) => (state = found));
    await vi.advanceTimersByTimeAsync(999);
    expect(state).toBe('waiting');
    await vi.advanceTimersByTimeAsync(1);
    expect(state).toBeUndefined();
  });

  it('is undefined at once where there is no window', async () => {
    vi.stubGlobal('window', undefined);
    expect(await findPrekeyVault()).toBeUndefined();
  });

  const throwing = () => {
    throw new Error('gotcha');
  };
  const hostile: [string, unknown][] = [
    ['no detail', undefined],
    ['null', null],
    ['a text', 'provider'],
    ['no info', { provider: makeProvider() }],
    ['no provider', { info }],
    ['a provider without request', { info, provider: { on: () => undefined, removeListener: () => undefined } }],
    ['a provider whose request is no function', { info, provider: { ...makeProvider(), request: 'eval' } }],
    ['a uuid that is none', { info: { ...info, uuid: 'x' }, provider: makeProvider() }],
    [
      'a uuid of another version',
      { info: { ...info, uuid: info.uuid.replace('-41d3', '-11d3') }, provider: makeProvider() },
    ],
    ['an empty name', { info: { ...info, name: '' }, provider: makeProvider() }],
    [
      'an icon fetched from elsewhere',
      { info: { ...info, icon: 'https://evil.example/i.png' }, provider: makeProvider() },
    ],
    ['an icon that is a page', { info: { ...info, icon: 'data:text/html,<script>' }, provider: makeProvider() }],
    ['an rdns that is none', { info: { ...info, rdns: 'evil' }, provider: makeProvider() }],
    ['a detail whose getter throws', Object.defineProperty({}, 'info', { get: throwing })],
    [
      'an info whose getter throws',
      { info: Object.defineProperty({}, 'uuid', { get: throwing }), provider: makeProvider() },
    ],
    ['a proxy that throws', new Proxy({}, { get: throwing })],
  ];
  it.each(hostile)(
    'does not believe an announcement with %s, and still finds the honest one',
    async (_name, detail) => {
      const provider = makeProvider();
      answerRequestsWith(detail, { info, provider });
      expect(await findPrekeyVault()).toBe(provider);
    },
  );

  const replacements: [string, unknown][] = [
    ['nothing', undefined],
    ['something that throws', throwing],
    ['what makes no event', class {}],
  ];
  for (const name of ['Event', 'CustomEvent'])
    it.each(replacements)(
      `never throws in a page that put %s in the place of ${name}: it takes the global, or who is announced later`,
      async (_name, replacement) => {
        const provider = makeProvider();
        const RealEvent = Event;
        vi.stubGlobal(name, replacement);
        Object.assign(page, { prekeyVault: provider });
        expect(await findPrekeyVault()).toBe(provider);
        Object.assign(page, { prekeyVault: undefined });
        const found = findPrekeyVault();
        page.dispatchEvent(
          Object.defineProperty(new RealEvent(announceEvent), 'detail', { value: { info, provider } }),
        );
        expect(await found).toBe(provider);
        const none = findPrekeyVault();
        await vi.advanceTimersByTimeAsync(1000);
        expect(await none).toBeUndefined();
      },
    );

  it.each(['setTimeout', 'clearTimeout'])('never throws in a page that broke %s', async (name) => {
    const provider = makeProvider();
    Object.assign(page, { prekeyVault: provider });
    const { clearTimeout: clear } = globalThis;
    const timers: unknown[] = [];
    const { setTimeout: set } = globalThis;
    vi.stubGlobal(name, throwing);
    if (name === 'clearTimeout')
      vi.stubGlobal('setTimeout', (...args: Parameters<typeof set>) => timers[timers.push(set(...args)) - 1]);
    expect(await findPrekeyVault()).toBe(provider);
    for (const timer of timers) clear(timer as never);
  });

  it('does not believe a plain event, or a global that is no provider', async () => {
    Object.defineProperty(page, 'prekeyVault', { get: throwing });
    const found = findPrekeyVault({ timeoutMs: 10 });
    page.dispatchEvent(new Event(announceEvent));
    await vi.advanceTimersByTimeAsync(10);
    expect(await found).toBeUndefined();
  });
});
