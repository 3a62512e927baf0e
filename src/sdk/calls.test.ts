// The wrappers: the exact frame each sends, what it returns, and that whatever a provider throws comes out typed.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProviderError, errorCode, type ErrorCode, type RejectedReason } from '../contract/errors';
import { methods } from '../contract/methods';
import * as v from 'valibot';
import { makeAnswer } from './answer.testkit';
import { accounts, capabilities, connect, disconnect, on, permissions, publicKeyBundle, sign } from './calls';
import {
  isAlreadyPending,
  isDisconnected,
  isInvalidParams,
  isLimitExceeded,
  isRejected,
  isUnauthorized,
  isUnsupported,
  PrekeyVaultError,
  toPrekeyVaultError,
} from './errors';
import type { PrekeyVaultProvider } from './types';

const account = '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf';

function recordingProvider(answer: () => Promise<unknown>) {
  const frames: unknown[] = [];
  const listeners = new Map<string, ((data: never) => void)[]>();
  const provider: PrekeyVaultProvider = {
    request: (args) => {
      frames.push(args);
      return answer();
    },
    on: (event, listener) => listeners.set(event, [...(listeners.get(event) ?? []), listener]),
    removeListener: (event, listener) =>
      listeners.set(event, (listeners.get(event) ?? []).filter((other) => other !== listener)),
  };
  const emit = (event: string, data: unknown) => {
    for (const listener of listeners.get(event) ?? []) listener(data as never);
  };
  return { provider, frames, emit, listenerCount: (event: string) => listeners.get(event)?.length ?? 0 };
}

const payload = new Uint8Array([0, 255]);
const calls: [string, (provider: PrekeyVaultProvider) => Promise<unknown>, { method: keyof typeof methods; params?: unknown }][] = [
  ['connect', (p) => connect(p, { capabilities: ['sign'] }), { method: 'vault_connect', params: { capabilities: ['sign'] } }],
  [
    'connect with a duration',
    (p) => connect(p, { capabilities: ['identity', 'sign'], duration: '1h' }),
    { method: 'vault_connect', params: { capabilities: ['identity', 'sign'], duration: '1h' } },
  ],
  ['accounts', (p) => accounts(p), { method: 'vault_accounts' }],
  ['permissions', (p) => permissions(p), { method: 'vault_getPermissions' }],
  ['disconnect', (p) => disconnect(p), { method: 'vault_disconnect' }],
  ['disconnect of one account', (p) => disconnect(p, { account }), { method: 'vault_disconnect', params: { account } }],
  ['publicKeyBundle', (p) => publicKeyBundle(p), { method: 'vault_getPublicKeyBundle' }],
  [
    'publicKeyBundle of one account',
    (p) => publicKeyBundle(p, { account }),
    { method: 'vault_getPublicKeyBundle', params: { account } },
  ],
  ['sign', (p) => sign(p, { payload, purpose: 'Log in' }), { method: 'vault_sign', params: { payload, purpose: 'Log in' } }],
  [
    'sign of text by one account',
    (p) => sign(p, { payload: 'Grüße', purpose: 'Note', account }),
    { method: 'vault_sign', params: { payload: new TextEncoder().encode('Grüße'), purpose: 'Note', account } },
  ],
  ['capabilities', (p) => capabilities(p), { method: 'vault_getCapabilities' }],
];

describe('the wrappers', () => {
  it.each(calls)('%s sends exactly one frame, which the contract accepts', async (_name, run, frame) => {
    const { provider, frames } = recordingProvider(async () => null);
    await run(provider);
    expect(frames).toStrictEqual([frame]);
    expect(v.safeParse(methods[frame.method].params, frame.params).success).toBe(true);
  });

  it('cover every method of the contract', () => {
    expect(new Set(calls.map(([, , frame]) => frame.method))).toEqual(new Set(Object.keys(methods)));
  });

  it('return what the provider answered; disconnect returns nothing', async () => {
    const { answer } = makeAnswer();
    const { provider } = recordingProvider(async () => answer);
    expect(await sign(provider, { payload, purpose: 'x' })).toBe(answer);
    expect(await disconnect(recordingProvider(async () => null).provider)).toBeUndefined();
  });

  it('sign sends a copy, so that later changes of the array are not signed', async () => {
    const { provider, frames } = recordingProvider(async () => null);
    const mine = new Uint8Array([1]);
    await sign(provider, { payload: mine, purpose: 'x' });
    mine[0] = 2;
    expect(frames).toStrictEqual([{ method: 'vault_sign', params: { payload: new Uint8Array([1]), purpose: 'x' } }]);
  });

  it('sign refuses text that has no UTF-8 form, without asking the vault', async () => {
    const { provider, frames } = recordingProvider(async () => null);
    const refused = await sign(provider, { payload: 'a\ud800', purpose: 'x' }).catch((thrown: unknown) => thrown);
    expect(refused).toBeInstanceOf(PrekeyVaultError);
    expect(refused).toMatchObject({ code: -32602, field: 'payload' });
    expect(frames).toEqual([]);
  });
});

describe('errors', () => {
  const predicates: [ErrorCode, (thrown: unknown) => boolean][] = [
    [errorCode.rejected, isRejected],
    [errorCode.unauthorized, isUnauthorized],
    [errorCode.unsupported, isUnsupported],
    [errorCode.disconnected, isDisconnected],
    [errorCode.invalidParams, isInvalidParams],
    [errorCode.alreadyPending, isAlreadyPending],
    [errorCode.limitExceeded, isLimitExceeded],
  ];

  it.each(Object.values(errorCode))('code %i comes out of every wrapper as PrekeyVaultError', async (code) => {
    const thrown = Object.assign(new Error('words'), { code });
    for (const [, run] of calls) {
      const caught = await run(recordingProvider(() => Promise.reject(thrown)).provider).catch((error: unknown) => error);
      expect(caught).toBeInstanceOf(PrekeyVaultError);
      expect(caught).toMatchObject({ code, message: 'words', cause: thrown });
      for (const [own, isThat] of predicates) expect(isThat(caught)).toBe(own === code);
    }
  });

  it.each(['rejected', 'expired', 'superseded', 'interrupted'] satisfies RejectedReason[])('keeps the reason %s of 4001', (reason) => {
    expect(toPrekeyVaultError(new ProviderError(4001, { reason })).reason).toBe(reason);
  });

  it('keeps the field of -32602 and nothing of it elsewhere', () => {
    expect(toPrekeyVaultError({ code: -32602, message: '', data: { field: 'purpose' } }).field).toBe('purpose');
    expect(toPrekeyVaultError({ code: 4100, message: '', data: { field: 'purpose', reason: 'expired' } })).toMatchObject({
      field: undefined,
      reason: undefined,
    });
    expect(toPrekeyVaultError({ code: 4001, message: '', data: { reason: 'constructor' } }).reason).toBeUndefined();
  });

  it('a provider that throws at once is caught like one that rejects', async () => {
    const provider = { ...recordingProvider(async () => null).provider, request: () => { throw new TypeError('no'); } };
    await expect(accounts(provider)).rejects.toMatchObject({ name: 'PrekeyVaultError', code: -32603 });
  });

  it('whatever is thrown: the result is a PrekeyVaultError with a code of the list, and nothing throws', () => {
    const codes: number[] = Object.values(errorCode);
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withBigInt: true }), (thrown) => {
        const typed = toPrekeyVaultError(thrown);
        expect(typed).toBeInstanceOf(PrekeyVaultError);
        expect(codes).toContain(typed.code);
        expect(toPrekeyVaultError(typed)).toBe(typed);
      }),
    );
    const trap = new Proxy({}, { get: () => { throw new Error('gotcha'); } });
    expect(toPrekeyVaultError(trap).code).toBe(-32603);
    expect(isRejected(trap)).toBe(false);
  });
});

describe('on', () => {
  it('hands over events until it is undone, and undoes once', () => {
    const { provider, emit, listenerCount } = recordingProvider(async () => null);
    const seen: string[][] = [];
    const other: string[][] = [];
    const listener = (list: string[]) => void seen.push(list);
    const undo = on(provider, 'accountsChanged', listener);
    on(provider, 'accountsChanged', (list) => void other.push(list));
    emit('accountsChanged', [account]);
    undo();
    undo();
    emit('accountsChanged', []);
    expect(seen).toEqual([[account]]);
    expect(other).toEqual([[account], []]);
    expect(listenerCount('accountsChanged')).toBe(1);
  });

  it('two listens of the same function are undone one by one', () => {
    const { provider, emit } = recordingProvider(async () => null);
    let count = 0;
    const listener = () => void count++;
    const undo = on(provider, 'permissionsChanged', listener);
    on(provider, 'permissionsChanged', listener);
    undo();
    emit('permissionsChanged', []);
    expect(count).toBe(1);
  });

  it('disconnect arrives as a PrekeyVaultError with 4900, whatever the provider sent', () => {
    const { provider, emit } = recordingProvider(async () => null);
    const seen: PrekeyVaultError[] = [];
    on(provider, 'disconnect', (error) => void seen.push(error));
    emit('disconnect', { code: 4900, message: 'Prekey Vault was updated. Reload the page.' });
    emit('disconnect', undefined);
    expect(seen.map(({ code }) => code)).toEqual([4900, 4900]);
    expect(seen.every(isDisconnected)).toBe(true);
  });
});
