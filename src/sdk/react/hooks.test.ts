// The hooks over the fake vault, in React itself: what a component shows from one render to the next, in strict mode and out of it.
import { act, createElement, StrictMode } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeVault, type FakeVault } from '../fake/vault';
import type { PrekeyVaultProvider } from '../types';
import { useGrant, useVault, useVaultSigner } from './index';

const globals = globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean };
let root: Root | undefined;
beforeEach(() => {
  globals.IS_REACT_ACT_ENVIRONMENT = true;
  const window = Object.assign(new EventTarget(), { HTMLIFrameElement: class {} });
  Object.defineProperty(globalThis, 'window', { value: window, configurable: true });
});
afterEach(() => {
  unmount();
  Reflect.deleteProperty(globalThis, 'window');
  delete globals.IS_REACT_ACT_ENVIRONMENT;
});

function unmount(): void {
  act(() => root?.unmount());
  root = undefined;
}

/** As much of an element as React needs to render nothing into it. */
function place(): Element {
  const none = () => undefined;
  const node = { addEventListener: none, removeEventListener: none };
  const ownerDocument = { ...node, nodeType: 9, activeElement: null };
  const element = { ...node, nodeType: 1, nodeName: 'DIV', tagName: 'DIV', textContent: '', ownerDocument };
  return { ...element, namespaceURI: 'http://www.w3.org/1999/xhtml' } as unknown as Element;
}

/** Renders a hook; `now` is what it returned last, `all` everything it returned. */
async function hook<T>(use: () => T): Promise<{ now(): T; all: T[]; done(work: () => unknown): Promise<void> }> {
  const all: T[] = [];
  const Probe = () => {
    all.push(use());
    return null;
  };
  const done = async (work: () => unknown) => {
    await act(async () => {
      await work();
    });
    // What an effect began has its answer after that.
    for (let turn = 0; turn < 3; turn++) await act(() => new Promise<void>((resolve) => setTimeout(resolve)));
  };
  root = createRoot(place());
  await done(() => root?.render(createElement(StrictMode, null, createElement(Probe))));
  return { now: () => all.at(-1)!, all, done };
}

describe('useVault', () => {
  it('looks first, then finds what is installed', async () => {
    const vault = createFakeVault();
    vault.install();
    const { now, all, done } = await hook(() => useVault());
    expect(all[0]).toEqual({ status: 'looking', vault: undefined });
    expect(now()).toEqual({ status: 'found', vault: vault.provider });
    await done(() => vault.goAway());
    expect(now()).toEqual({ status: 'gone', vault: undefined });
  });

  it('says when there is none', async () => {
    const { now, done } = await hook(() => useVault({ timeoutMs: 0 }));
    await done(() => undefined);
    expect(now().status).toBe('absent');
  });
});

describe('useGrant', () => {
  const grantOf = (vault: FakeVault) => hook(() => useGrant(vault.provider));

  it('is none for a stranger, and asks nobody before a press', async () => {
    const vault = createFakeVault();
    const { all, now, done } = await grantOf(vault);
    expect(all[0]).toMatchObject({ status: 'reading', grant: undefined, grants: [], isAsking: false });
    expect(now().status).toBe('none');
    expect(vault.cards).toEqual([]);
    await done(() => now().connect({ capabilities: ['sign'] }));
    expect(now()).toMatchObject({
      status: 'granted',
      grant: { account: vault.accounts[0], capabilities: ['sign'] },
      isAsking: false,
      error: undefined,
    });
    await done(() => now().disconnect());
    expect(now().status).toBe('none');
  });

  it('shows that the person is being asked, and what they said', async () => {
    const vault = createFakeVault({ person: () => 'later' });
    const { now, done } = await grantOf(vault);
    let end: unknown = 'pending';
    await done(
      () =>
        void now()
          .connect({ capabilities: ['sign'] })
          .then((grant) => (end = grant)),
    );
    expect(now()).toMatchObject({ isAsking: true, error: undefined, status: 'none' });
    await done(() => vault.answer('reject'));
    expect(end).toBeUndefined();
    expect(now()).toMatchObject({ isAsking: false, error: { code: 4001, reason: 'rejected' }, status: 'none' });
  });

  it('begins with what was given before, and follows what the person does elsewhere', async () => {
    const vault = createFakeVault();
    await vault.provider.request({ method: 'vault_connect', params: { capabilities: ['identity'], duration: '30d' } });
    const { now, done } = await grantOf(vault);
    expect(now().grant?.capabilities).toEqual(['identity']);
    await done(() => vault.lock());
    expect(now().status).toBe('none');
    await done(() => vault.unlock());
    expect(now().status).toBe('granted');
    await done(() => vault.revoke());
    expect(now()).toMatchObject({ status: 'none', grant: undefined });
  });

  it('does not take what it could not read for nothing', async () => {
    const broken: PrekeyVaultProvider = {
      request: () => Promise.reject(Object.assign(new Error('no'), { code: -32603 })),
      on: () => undefined,
      removeListener: () => undefined,
    };
    const { now } = await hook(() => useGrant(broken));
    expect(now()).toMatchObject({ status: 'reading', error: { code: -32603 } });
  });

  it('keeps its functions from one render to the next', async () => {
    const { all, done } = await grantOf(createFakeVault());
    await done(() => undefined);
    expect(new Set(all.slice(-2).map((one) => one.connect)).size).toBe(1);
  });

  it('waits for a vault that is still looked for', async () => {
    const { now, done } = await hook(() => useGrant(undefined));
    expect(now().status).toBe('reading');
    await done(() => now().connect({ capabilities: ['sign'] }));
    expect(now().error?.code).toBe(-32603);
  });

  it('leaves no listener behind', async () => {
    const vault = createFakeVault();
    const listening: string[] = [];
    const provider: PrekeyVaultProvider = {
      request: (args) => vault.provider.request(args),
      on: (event) => void listening.push(event),
      removeListener: (event) => void listening.splice(listening.indexOf(event), 1),
    };
    await hook(() => useGrant(provider));
    expect(listening).not.toEqual([]);
    unmount();
    expect(listening).toEqual([]);
  });
});

describe('useVaultSigner', () => {
  it('has a payload signed, and says when it was not', async () => {
    const vault = createFakeVault();
    await vault.provider.request({ method: 'vault_connect', params: { capabilities: ['sign'] } });
    const { now, done } = await hook(() => useVaultSigner(vault.provider, vault.accounts[0]));
    let purpose: unknown;
    await done(async () => (purpose = (await now().sign({ payload: 'hi', purpose: 'Log in' }))?.signed.purpose));
    expect(purpose).toBe('Log in');
    await done(() => now().xmtpSigner());
    expect(now().error?.code).toBe(4100);
  });

  it('is a signer for clients of XMTP V3', async () => {
    const vault = createFakeVault();
    await vault.provider.request({ method: 'vault_connect', params: { capabilities: ['xmtp.v3'] } });
    const { now, done } = await hook(() => useVaultSigner(vault.provider));
    let address: unknown;
    await done(async () => (address = (await now().xmtpSigner())?.getIdentifier().identifier));
    expect(address).toMatch(/^0x/);
  });

  it('an older question says nothing over a newer one', async () => {
    const vault = createFakeVault({ person: ({ kind }) => (kind === 'sign' ? 'later' : 'approve') });
    await vault.provider.request({ method: 'vault_connect', params: { capabilities: ['sign'] } });
    const { now, done } = await hook(() => useVaultSigner(vault.provider));
    await done(() => {
      void now().sign({ payload: 'one', purpose: 'x' });
      void now().sign({ payload: 'two', purpose: 'x' });
    });
    await done(() => vault.answer('reject'));
    expect(now()).toMatchObject({ isAsking: true, error: undefined });
    await done(() => vault.answer('approve'));
    expect(now()).toMatchObject({ isAsking: false, error: undefined });
  });
});
