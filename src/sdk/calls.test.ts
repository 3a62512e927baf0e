// The wrappers: the exact frame each sends, what it returns, and that whatever a provider throws comes out typed.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProviderError, errorCode, type ErrorCode, type NetworkTrouble, type RejectedReason } from '../contract/errors';
import { methods } from '../contract/dapp/methods';
import * as v from 'valibot';
import { makeAnswer } from './answer.testkit';
import { encodePublishRequest } from '../protocol/keystore/publish';
import {
  accounts,
  callKeystore,
  capabilities,
  connect,
  disconnect,
  on,
  permissions,
  publicKeyBundle,
  sign,
} from './calls';
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
import { vaultArchive, vaultXmtpSigner } from './v3/inbox';
import type { KeystoreMethodName, PrekeyVaultProvider } from './types';
import { publish } from './xmtp/publish';

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
      listeners.set(
        event,
        (listeners.get(event) ?? []).filter((other) => other !== listener),
      ),
  };
  const emit = (event: string, data: unknown) => {
    for (const listener of listeners.get(event) ?? []) listener(data as never);
  };
  return { provider, frames, emit, listenerCount: (event: string) => listeners.get(event)?.length ?? 0 };
}

const archiving = {
  inboxId: 'ab'.repeat(32),
  createArchive: () => Promise.reject(new Error('not reached: the provider refuses')),
  importArchive: () => Promise.resolve(),
  archiveMetadata: () => Promise.resolve(),
};
const onlyOurs = (error: unknown) => {
  if (error instanceof PrekeyVaultError) throw error;
};
const payload = new Uint8Array([0, 255]);
const envelope = { contentTopic: '/xmtp/0/m-1/proto', timestampNs: 1_700_000_000_000_000_000n, message: payload };
const calls: [
  string,
  (provider: PrekeyVaultProvider) => Promise<unknown>,
  { method: keyof typeof methods; params?: unknown },
][] = [
  [
    'connect',
    (p) => connect(p, { capabilities: ['sign'] }),
    { method: 'vault_connect', params: { capabilities: ['sign'] } },
  ],
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
  [
    'sign',
    (p) => sign(p, { payload, purpose: 'Log in' }),
    { method: 'vault_sign', params: { payload, purpose: 'Log in' } },
  ],
  [
    'sign of text by one account',
    (p) => sign(p, { payload: 'Grüße', purpose: 'Note', account }),
    { method: 'vault_sign', params: { payload: new TextEncoder().encode('Grüße'), purpose: 'Note', account } },
  ],
  ['capabilities', (p) => capabilities(p), { method: 'vault_getCapabilities' }],
  ...Object.keys(methods)
    .filter((name): name is KeystoreMethodName => /^xmtp_(?!v3_|publish$)/.test(name))
    .map((method): (typeof calls)[number] => [
      `callKeystore of ${method}`,
      (p) => callKeystore(p, method, payload, { account }),
      { method, params: { request: payload, account } },
    ]),
  [
    'a signer by one account',
    (p) => vaultXmtpSigner(p, { account }),
    { method: 'xmtp_v3_getIdentifier', params: { account } },
  ],
  [
    'an archive by one account',
    // What the double answers is no key; what a key is used for is tested with a real client.
    (p) => vaultArchive(p, archiving, { account }).save().catch(onlyOurs),
    { method: 'xmtp_v3_getArchiveKey', params: { inboxId: archiving.inboxId, account } },
  ],
  [
    'publish',
    (p) => publish(p, [envelope]),
    { method: 'xmtp_publish', params: { request: encodePublishRequest([envelope]) } },
  ],
  [
    'publish by one account',
    (p) => publish(p, [], { account }),
    { method: 'xmtp_publish', params: { request: new Uint8Array(), account } },
  ],
  [
    'callKeystore without account',
    (p) => callKeystore(p, 'xmtp_getRefreshJob', payload),
    { method: 'xmtp_getRefreshJob', params: { request: payload } },
  ],
];

describe('the wrappers', () => {
  it.each(calls)('%s sends exactly one frame, which the contract accepts', async (_name, run, frame) => {
    const { provider, frames } = recordingProvider(async () => null);
    await run(provider);
    expect(frames).toStrictEqual([frame]);
    expect(v.safeParse(methods[frame.method].params, frame.params).success).toBe(true);
  });

  it('cover every method of the contract', () => {
    // The signer asks for its address first, so its signature stands in a test of its own.
    const sent = [...calls.map(([, , frame]) => frame.method), 'xmtp_v3_signIdentityText'];
    expect(new Set(sent)).toEqual(new Set(Object.keys(methods)));
  });

  it('a signer asks for its address once, and for each signature once', async () => {
    const named = { identifier: `0x${'1'.repeat(40)}`, identifierKind: 0 };
    const { provider, frames } = recordingProvider(async () => named);
    const signer = await vaultXmtpSigner(provider, { account });
    expect([signer.type, signer.getIdentifier(), signer.getIdentifier()]).toEqual(['EOA', named, named]);
    await signer.signMessage('text');
    expect(frames).toStrictEqual([
      { method: 'xmtp_v3_getIdentifier', params: { account } },
      { method: 'xmtp_v3_signIdentityText', params: { text: 'text', account } },
    ]);
  });

  it('a signer refuses an option that it does not know', async () => {
    const { provider, frames } = recordingProvider(async () => null);
    await expect(vaultXmtpSigner(provider, { acount: account } as never)).rejects.toMatchObject({ code: -32602 });
    expect(frames).toEqual([]);
  });

  it('return what the provider answered; disconnect returns nothing', async () => {
    const { answer } = makeAnswer();
    const { provider } = recordingProvider(async () => answer);
    expect(await sign(provider, { payload, purpose: 'x' })).toBe(answer);
    expect(await disconnect(recordingProvider(async () => null).provider)).toBeUndefined();
  });

  it('sign sends a copy of a Buffer too, and refuses what only pretends to be bytes by the name of its field', async () => {
    const { provider, frames } = recordingProvider(async () => null);
    const bytes = Buffer.from([1, 2, 3]);
    await sign(provider, { payload: bytes, purpose: 'x' });
    bytes.fill(9);
    expect([...(frames[0] as { params: { payload: Uint8Array } }).params.payload]).toEqual([1, 2, 3]);
    const refused: unknown = await sign(provider, { payload: new Proxy(payload, {}), purpose: 'x' }).catch(
      (thrown: unknown) => thrown,
    );
    expect(refused).toBeInstanceOf(PrekeyVaultError);
    expect(refused).toMatchObject({ code: -32602, field: 'payload' });
    expect(frames).toHaveLength(1);
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
      const caught = await run(recordingProvider(() => Promise.reject(thrown)).provider).catch(
        (error: unknown) => error,
      );
      expect(caught).toBeInstanceOf(PrekeyVaultError);
      expect(caught).toMatchObject({ code, message: 'words', cause: thrown });
      for (const [own, isThat] of predicates) expect(isThat(caught)).toBe(own === code);
    }
  });

  it.each(['rejected', 'expired', 'superseded', 'interrupted'] satisfies RejectedReason[])(
    'keeps the reason %s of 4001',
    (reason) => {
      expect(toPrekeyVaultError(new ProviderError(4001, { reason })).reason).toBe(reason);
    },
  );

  it('keeps the field of -32602 and nothing of it elsewhere', () => {
    expect(toPrekeyVaultError({ code: -32602, message: '', data: { field: 'purpose' } }).field).toBe('purpose');
    expect(
      toPrekeyVaultError({ code: 4100, message: '', data: { field: 'purpose', reason: 'expired' } }),
    ).toMatchObject({
      field: undefined,
      reason: undefined,
    });
    expect(toPrekeyVaultError({ code: 4001, message: '', data: { reason: 'constructor' } }).reason).toBeUndefined();
  });

  it("keeps the keystore's own code of -32602 and no other value", () => {
    for (const keystoreCode of [0, 1, 2, 3] as const) {
      expect(toPrekeyVaultError(new ProviderError(-32602, { keystoreCode })).keystoreCode).toBe(keystoreCode);
      expect(toPrekeyVaultError({ code: 4100, message: '', data: { keystoreCode } }).keystoreCode).toBeUndefined();
    }
    expect(toPrekeyVaultError({ code: -32602, message: '', data: { keystoreCode: 4 } }).keystoreCode).toBeUndefined();
  });

  it('says what is wrong with the network and what to do, for -32603 alone', () => {
    const words = new Set<string>();
    for (const network of ['none', 'unreachable', 'refused', 'bad-answer', 'changed'] satisfies NetworkTrouble[]) {
      const typed = toPrekeyVaultError(new ProviderError(-32603, { network }));
      expect(typed).toMatchObject({ code: -32603, network });
      expect(typed.message).toMatch(/node/);
      words.add(typed.message);
      expect(toPrekeyVaultError({ code: -32602, message: 'words', data: { network } })).toMatchObject({
        network: undefined,
        message: 'words',
      });
    }
    expect(words.size).toBe(5);
    expect(toPrekeyVaultError({ code: -32603, message: 'words', data: { network: 'toString' } })).toMatchObject({
      network: undefined,
      message: 'words',
    });
  });

  it('a provider that throws at once is caught like one that rejects', async () => {
    const provider = {
      ...recordingProvider(async () => null).provider,
      request: () => {
        throw new TypeError('no');
      },
    };
    await expect(accounts(provider)).rejects.toMatchObject({ name: 'PrekeyVaultError', code: -32603 });
  });

  it('a code that is not of the list becomes -32603, with words of ours and the original as its cause', () => {
    for (const code of [0, 1, 4002, -32000, '4001', null, Number.NaN]) {
      const thrown = { code, message: 'words of somebody else' };
      const typed = toPrekeyVaultError(thrown);
      expect([typed.code, typed.message]).toEqual([
        -32603,
        'Prekey Vault answered with an error that is not in its list.',
      ]);
      expect(typed.cause).toBe(thrown);
    }
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
    const trap = new Proxy(
      {},
      {
        get: () => {
          throw new Error('gotcha');
        },
      },
    );
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

  it('a new prekey arrives with the account it belongs to', () => {
    const { provider, emit } = recordingProvider(async () => null);
    const seen: string[] = [];
    on(provider, 'publicKeyBundleChanged', (changed) => void seen.push(changed.account));
    emit('publicKeyBundleChanged', { account });
    expect(seen).toEqual([account]);
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
