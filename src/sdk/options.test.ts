// Misspelt options: every function of the sdk that takes options refuses a name it does not know, when it runs and when it compiles.
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { makeAnswer } from './answer.testkit';
import { callKeystore, connect, disconnect, on, publicKeyBundle, sign } from './calls';
import { findPrekeyVault } from './discovery';
import { unknownOption } from './options';
import type { PrekeyVaultProvider, VaultSignature } from './types';
import { verifyVaultSignature } from './verify/verify';
import { vaultApiClientFactory, vaultClientOptions, vaultKeystoreProvider } from './xmtp/index';
import { createVaultKeystore } from './xmtp/keystore';
import { publish } from './xmtp/publish';

const asked: string[] = [];
const provider = {
  request: async ({ method }) => void asked.push(method),
  on: () => undefined,
  removeListener: () => undefined,
} satisfies PrekeyVaultProvider as PrekeyVaultProvider;
const request = new Uint8Array();
const { answer, account, origin } = makeAnswer();
afterEach(() => asked.splice(0));

/** Each with whatever options it is given, and what it always needs. */
const functions: [
  name: string,
  call: (options: never) => unknown,
  kind: 'TypeError' | 'PrekeyVaultError',
  needed: object,
][] = [
  ['findPrekeyVault', (options) => findPrekeyVault(options), 'TypeError', {}],
  ['connect', (options) => connect(provider, options), 'PrekeyVaultError', { capabilities: ['sign'] }],
  ['disconnect', (options) => disconnect(provider, options), 'PrekeyVaultError', {}],
  ['publicKeyBundle', (options) => publicKeyBundle(provider, options), 'PrekeyVaultError', {}],
  ['sign', (options) => sign(provider, options), 'PrekeyVaultError', { payload: 'x', purpose: 'y' }],
  ['callKeystore', (options) => callKeystore(provider, 'xmtp_decryptV2', request, options), 'PrekeyVaultError', {}],
  ['publish', (options) => publish(provider, [], options), 'PrekeyVaultError', {}],
  ['vaultKeystoreProvider', (options) => vaultKeystoreProvider(provider, options), 'TypeError', {}],
  ['createVaultKeystore', (options) => createVaultKeystore(provider, options), 'TypeError', {}],
  ['vaultClientOptions', (options) => vaultClientOptions(provider, options), 'TypeError', {}],
  ['vaultApiClientFactory', (options) => vaultApiClientFactory(provider, options), 'TypeError', {}],
  ['verifyVaultSignature', (options) => verifyVaultSignature(answer, options), 'TypeError', { account, origin }],
];
/** What it throws, at once or later; undefined when it does not. */
async function thrownBy(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}

describe.each(functions)('%s', (name, call, kind, needed) => {
  it.each([
    ['an own one', (slip: string) => ({ ...needed, [slip]: 1 })],
    ['one without a value', (slip: string) => ({ ...needed, [slip]: undefined })],
    ['an inherited one', (slip: string) => Object.assign(Object.create({ [slip]: 1 }) as object, needed)],
    ['one behind a proxy', (slip: string) => new Proxy({ ...needed, [slip]: 1 }, {})],
  ])('refuses a name it does not know, and asks nobody: %s', async (_what, make) => {
    for (const slip of ['maxAge', 'payloads', 'Account', 'timeoutMS', 'publish', 'toString', 'constructor']) {
      const thrown = await thrownBy(() => call(make(slip) as never));
      expect(thrown, slip).toMatchObject({ name: kind, message: `${name}: there is no option "${slip}"` });
      if (kind === 'PrekeyVaultError') expect(thrown).toMatchObject({ code: -32602, field: slip });
    }
    expect(asked).toEqual([]);
  });

  it('is not troubled by what a script put on every object of the page', async () => {
    Object.defineProperty(Object.prototype, 'polluted', { value: 1, enumerable: true, configurable: true });
    const outcome = thrownBy(() => call(needed as never));
    // What looks at names has done so by now.
    Reflect.deleteProperty(Object.prototype, 'polluted');
    expect(String(await outcome)).not.toContain('polluted');
  });
});

describe('names', () => {
  it('law: found exactly when one of them is unknown', () => {
    const name = fc.constantFrom('account', 'origin', 'acount', '__proto__', 'hasOwnProperty', 'x');
    fc.assert(
      fc.property(fc.array(name), (list) => {
        const given = Object.create(null) as Record<string, unknown>;
        for (const one of list) Object.defineProperty(given, one, { value: 1, enumerable: true });
        const unknown = list.filter((one) => one !== 'account' && one !== 'origin');
        const found = unknownOption(given, { account: true, origin: true });
        expect(found === undefined ? [] : unknown).toEqual(unknown);
        if (found !== undefined) expect(unknown).toContain(found);
      }),
    );
  });

  it('an event that does not exist is refused too', () => {
    expect(() => on(provider, 'accountChanged' as 'accountsChanged', () => undefined)).toThrow(
      expect.objectContaining({ code: -32602, field: 'accountChanged' }) as Error,
    );
  });

  it('so is a way of publishing', () => {
    expect(() => vaultClientOptions(provider, { publishing: 'valut' as 'vault' })).toThrow(TypeError);
  });
});

describe('what does not compile', () => {
  // Never called: the compiler reads it.
  const compiled = (result: VaultSignature, expected: { account: string; origin: string; maxAge: number }) => {
    // @ts-expect-error -- written in place
    verifyVaultSignature(result, { account, origin, maxAge: 1 });
    // @ts-expect-error -- and kept in a variable
    verifyVaultSignature(result, expected);
    // @ts-expect-error -- findPrekeyVault
    void findPrekeyVault({ timeout: 1 });
    // @ts-expect-error -- connect
    void connect(provider, { capabilities: ['sign'], durations: '1d' });
    // @ts-expect-error -- vaultClientOptions
    vaultClientOptions(provider, { publish: 'vault' });
  };
  it('a name that does not exist', () => expect(compiled).toBeTypeOf('function'));
});
