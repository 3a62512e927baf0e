// What a test of a dapp does with the fake vault besides asking it: a person who waits, events, a page, a node, an extension that goes away.
import { describe, expect, it } from 'vitest';
import {
  accounts,
  callKeystore,
  connect,
  on,
  permissions,
  publicKeyBundle,
  sign,
  type PrekeyVaultEvents,
} from '../calls';
import { findPrekeyVault } from '../discovery';
import type { PrekeyVaultProvider } from '../types';
import { vaultXmtpSigner } from '../v3/inbox';
import { publish } from '../xmtp/publish';
import { createFakeVault, type FakeVault, type FakeVaultOptions } from './vault';

const login = { payload: 'hi', purpose: 'Log in' };
/** Everything that a page was told, in order. */
function told(provider: PrekeyVaultProvider): [string, unknown][] {
  const heard: [string, unknown][] = [];
  for (const event of [
    'accountsChanged',
    'permissionsChanged',
    'waitingChanged',
    'publicKeyBundleChanged',
    'disconnect',
  ] satisfies (keyof PrekeyVaultEvents)[])
    on(provider, event, (data) => void heard.push([event, data]));
  return heard;
}
const later = () => new Promise((resolve) => setTimeout(resolve));
/** Undefined while it is pending. */
async function settled(work: Promise<unknown>): Promise<unknown> {
  return await Promise.race([
    work.then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    ),
    later().then(later),
  ]);
}

describe('the person', () => {
  it('may leave a card waiting, and answer it later', async () => {
    const vault = createFakeVault({ person: ({ kind }) => (kind === 'sign' ? 'later' : 'approve') });
    await connect(vault.provider, { capabilities: ['sign'] });
    const asked = sign(vault.provider, login);
    expect(await settled(asked)).toBeUndefined();
    expect(vault.waiting()).toMatchObject([{ kind: 'sign', purpose: 'Log in' }]);
    await vault.answer('approve');
    expect((await asked).signed.purpose).toBe('Log in');
    expect(vault.waiting()).toEqual([]);
    await expect(vault.answer('approve')).rejects.toThrow('Nothing waits');
  });

  it('answers the same request twice with one card, and any of several', async () => {
    const vault = createFakeVault({ person: () => 'later' });
    const [one, same, other] = [['sign'], ['sign'], ['identity']].map((asked) =>
      connect(vault.provider, { capabilities: asked as ['sign'] }),
    );
    await later();
    expect(vault.cards).toHaveLength(2);
    await vault.answer('expire', vault.waiting()[1]!);
    await expect(other).rejects.toMatchObject({ code: 4001, reason: 'expired' });
    await vault.answer('reject');
    for (const refused of [one, same]) await expect(refused).rejects.toMatchObject({ code: 4001, reason: 'rejected' });
  });

  it('who fails fails the request with its own error, so that the test shows where', async () => {
    const vault = createFakeVault({
      person: () => {
        throw new Error('a slip of the test');
      },
    });
    await expect(
      vault.provider.request({ method: 'vault_connect', params: { capabilities: ['sign'] } }),
    ).rejects.toThrow('a slip of the test');
  });

  it('is asked by twenty requests at a time, and no more', async () => {
    const vault = createFakeVault({ person: ({ kind }) => (kind === 'connect' ? 'approve' : 'later') });
    await connect(vault.provider, { capabilities: ['sign'] });
    for (let at = 0; at < 20; at++)
      void sign(vault.provider, { payload: String(at), purpose: 'x' }).catch(() => undefined);
    await expect(sign(vault.provider, { payload: 'one more', purpose: 'x' })).rejects.toMatchObject({ code: -32005 });
    vault.revoke();
  });

  it('has other identities too, and chooses which', async () => {
    const vault = createFakeVault({ identities: 2, person: () => ({ connect: { account: vault.accounts[1]! } }) });
    expect((await connect(vault.provider, { capabilities: ['identity'] })).account).toBe(vault.accounts[1]);
    expect(vault.accounts[0]).toBe('0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf');
    expect(new Set(vault.accounts).size).toBe(2);
  });
});

describe('the page', () => {
  it('is told what changed, once, and nothing that did not', async () => {
    const vault = createFakeVault();
    const heard = told(vault.provider);
    await accounts(vault.provider);
    const grant = await connect(vault.provider, { capabilities: ['identity', 'sign'], duration: '1d' });
    await later();
    expect(heard.splice(0)).toEqual([
      ['accountsChanged', [grant.account]],
      ['permissionsChanged', [grant]],
    ]);
    await sign(vault.provider, login);
    await later();
    expect(heard.splice(0)).toEqual([
      ['waitingChanged', 1],
      ['waitingChanged', 0],
    ]);
    vault.rotate();
    vault.lock();
    await vault.unlock();
    await later();
    expect(heard.splice(0).map(([event]) => event)).toEqual([
      'publicKeyBundleChanged',
      'accountsChanged',
      'permissionsChanged',
      'accountsChanged',
      'permissionsChanged',
    ]);
    vault.revoke();
    await later();
    expect(heard).toEqual([
      ['accountsChanged', []],
      ['permissionsChanged', []],
    ]);
  });

  it('hears no more after it stopped listening', async () => {
    const vault = createFakeVault();
    const heard: unknown[] = [];
    on(vault.provider, 'accountsChanged', (list) => void heard.push(list))();
    await connect(vault.provider, { capabilities: ['sign'] });
    await later();
    expect(heard).toEqual([]);
  });

  it('is told when a grant ends by the clock', async () => {
    let nowMs = 1_000_000;
    const vault = createFakeVault({ nowMs: () => nowMs });
    await connect(vault.provider, { capabilities: ['sign'], duration: '1h' });
    const heard = told(vault.provider);
    nowMs += 3_600_000;
    vault.clockMoved();
    await later();
    expect(heard.map(([event]) => event)).toEqual(['accountsChanged', 'permissionsChanged']);
    await expect(permissions(vault.provider)).rejects.toMatchObject({ code: 4100 });
  });

  it('finds it as it finds the extension, until it is taken out again', async () => {
    const vault = createFakeVault();
    const page = new EventTarget();
    Object.defineProperty(globalThis, 'window', { value: page, configurable: true });
    try {
      const remove = vault.install();
      expect(await findPrekeyVault({ timeoutMs: 0 })).toBe(vault.provider);
      remove();
      expect(await findPrekeyVault({ timeoutMs: 0 })).toBeUndefined();
    } finally {
      Reflect.deleteProperty(globalThis, 'window');
    }
    expect(() => vault.install()).toThrow(TypeError);
  });

  it('gets 4900 for everything once the extension is gone, and hears of it', async () => {
    const vault = createFakeVault({ person: () => 'later' });
    const heard = told(vault.provider);
    const asked = connect(vault.provider, { capabilities: ['sign'] });
    await later();
    vault.goAway();
    await expect(asked).rejects.toMatchObject({ code: 4900 });
    await expect(accounts(vault.provider)).rejects.toMatchObject({ code: 4900 });
    await later();
    expect(heard).toMatchObject([['disconnect', { code: 4900 }]]);
  });

  it('cannot change what the vault holds, and is not held by it', async () => {
    const vault = createFakeVault();
    const grant = await connect(vault.provider, { capabilities: ['identity'] });
    grant.capabilities.push('sign');
    await expect(sign(vault.provider, login)).rejects.toMatchObject({ code: 4100 });
    const bundle = await publicKeyBundle(vault.provider);
    bundle.signedPublicKeyBundle.fill(0);
    expect((await publicKeyBundle(vault.provider)).signedPublicKeyBundle[0]).not.toBe(0);
  });

  it('sends no function, and no request that is none', async () => {
    const { provider } = createFakeVault();
    const codeOf = (args: unknown) =>
      provider.request(args as never).then(
        () => undefined,
        (error: { code?: unknown }) => error.code,
      );
    expect(await codeOf({ method: 'vault_connect', params: { capabilities: () => [] } })).toBe(-32602);
    expect(await codeOf({ method: 5 })).toBe(-32600);
    expect(await codeOf(undefined)).toBe(-32602);
    expect(await codeOf({})).toBe(-32600);
    // As a library hands it over.
    expect(
      await codeOf({ method: 'vault_connect', params: new Proxy({ capabilities: ['sign'] }, {}) }),
    ).toBeUndefined();
  });
});

describe('messages', () => {
  const envelope = { contentTopic: '/xmtp/0/m-abc/proto', timestampNs: 5n, message: new Uint8Array([1]) };
  const withMessages = async (options: FakeVaultOptions = {}): Promise<FakeVault> => {
    const vault = createFakeVault(options);
    await connect(vault.provider, { capabilities: ['messages.read', 'messages.write'] });
    return vault;
  };

  it('are published, or meet the trouble that the test says', async () => {
    const vault = await withMessages();
    await publish(vault.provider, [envelope]);
    expect(vault.published).toEqual([{ ...envelope, account: vault.accounts[0] }]);
    vault.setNetwork('unreachable');
    await expect(publish(vault.provider, [envelope])).rejects.toMatchObject({ code: -32603, network: 'unreachable' });
    vault.setNetwork();
    await expect(
      publish(vault.provider, [{ ...envelope, contentTopic: '/xmtp/0/privatestore-x/proto' }]),
    ).rejects.toMatchObject({ code: -32602 });
    expect(vault.published).toHaveLength(1);
  });

  it('are opened by the keystore of the test, or end in an error that says what is missing', async () => {
    const asked: unknown[] = [];
    const keystore: FakeVaultOptions['keystore'] = async (method, request, account) => {
      asked.push([method, [...request], account]);
      return new Uint8Array([7]);
    };
    const vault = await withMessages({ keystore });
    expect([...(await callKeystore(vault.provider, 'xmtp_decryptV2', new Uint8Array([5])))]).toEqual([7]);
    expect(asked).toEqual([['xmtp_decryptV2', [5], vault.accounts[0]]]);
    const without = await withMessages();
    await expect(
      without.provider.request({ method: 'xmtp_decryptV2', params: { request: new Uint8Array() } }),
    ).rejects.toThrow('give `keystore`');
  });

  it('of V3 have a signer that signs what its inbox key may', async () => {
    const vault = createFakeVault();
    await connect(vault.provider, { capabilities: ['xmtp.v3'] });
    const signer = await vaultXmtpSigner(vault.provider);
    expect(signer.getIdentifier().identifier).toMatch(/^0x[0-9a-f]{40}$/);
    await expect(signer.signMessage('Hello')).rejects.toMatchObject({ code: -32602, identityText: 'unreadable' });
  });
});

it('has no options but those that it says', () => {
  expect(() => createFakeVault({ accounts: 2 } as never)).toThrow(TypeError);
  expect(() => createFakeVault({ identities: 0 })).toThrow(TypeError);
});
