// The wallet face as a page meets it: what each call of a wallet becomes for the vault, and what comes back.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { account, hex, identifier, refusal, useFace, type Wallet } from './face.testkit';

const page = useFace(() => import('./face.iife'));
const good = { account, capabilities: ['identity', 'xmtp.v3'], grantedAtMs: 5 };
const outcome = (wallet: Wallet, method: string, params?: unknown) =>
  wallet.request({ method, ...(params !== undefined && { params }) }).catch((error: { code: number }) => error.code);
const text = 'XMTP : Authenticate to inbox\n\nInbox ID: ab';
const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('accounts', () => {
  test('R-A9 eth_accounts asks nobody: none without a grant, none while locked, none where the grant is for other things', async () => {
    const wallet = await page.lay();
    expect(await outcome(wallet, 'eth_accounts')).toEqual([]);
    page.vault.grants = [good];
    page.vault.isLocked = true;
    expect(await outcome(wallet, 'eth_accounts')).toEqual([]);
    page.vault.isLocked = false;
    page.vault.grants = [{ ...good, capabilities: ['identity'] }];
    expect(await outcome(wallet, 'eth_accounts')).toEqual([]);
    expect(page.vault.methods()).not.toContain('xmtp_v3_getIdentifier');
    expect(page.vault.methods()).not.toContain('vault_connect');
  });

  test('the account is the identifier of the newest grant that is good for XMTP', async () => {
    const other = '0x0000000000000000000000000000000000000009';
    page.vault.identifiers[other] = `0x${'cd'.repeat(20)}`;
    page.vault.grants = [good, { ...good, account: other, grantedAtMs: 9 }, { ...good, grantedAtMs: 7 }];
    const wallet = await page.lay();
    expect(await outcome(wallet, 'eth_accounts')).toEqual([`0x${'cd'.repeat(20)}`]);
  });

  test('a grant that ends between two questions is none', async () => {
    page.vault.grants = [good];
    page.vault.refuses = { xmtp_v3_getIdentifier: refusal(4100) };
    expect(await outcome(await page.lay(), 'eth_accounts')).toEqual([]);
  });

  test('eth_requestAccounts connects for XMTP and nothing else, and only where that is not so already', async () => {
    const wallet = await page.lay();
    expect(await outcome(wallet, 'eth_requestAccounts')).toEqual([identifier]);
    expect(page.vault.asked.filter(({ method }) => method === 'vault_connect')).toEqual([
      { method: 'vault_connect', params: { capabilities: ['xmtp.v3'], duration: 'until-revoked' } },
    ]);
    expect(await outcome(wallet, 'eth_requestAccounts')).toEqual([identifier]);
    expect(page.vault.methods().filter((method) => method === 'vault_connect')).toHaveLength(1);
  });

  test('what the person or the vault refuses is passed on as it is', async () => {
    const refused = refusal(4001, { reason: 'rejected' });
    page.vault.refuses = { vault_connect: refused };
    const wallet = await page.lay();
    await expect(wallet.request({ method: 'eth_requestAccounts' })).rejects.toBe(refused);
  });
});

describe('personal_sign', () => {
  test('is a signature under an identity text, in either order of its parameters, whatever the capitals of the account', async () => {
    page.vault.grants = [good];
    const wallet = await page.lay();
    const signed = `0x${Array.from({ length: 65 }, (_, at) => at.toString(16).padStart(2, '0')).join('')}`;
    for (const params of [
      [hex(text), identifier],
      [identifier, hex(text)],
      [hex(text), identifier.toUpperCase().replace('0X', '0x')],
    ])
      expect(await outcome(wallet, 'personal_sign', params)).toBe(signed);
    const asked = page.vault.asked.filter(({ method }) => method === 'xmtp_v3_signIdentityText');
    expect(asked).toEqual(
      Array.from({ length: 3 }, () => ({ method: 'xmtp_v3_signIdentityText', params: { text, account } })),
    );
  });

  test('of any other text is 4200, also of one that the vault cannot read, or that is too long for it', async () => {
    page.vault.grants = [good];
    const wallet = await page.lay();
    page.vault.refuses = {
      xmtp_v3_signIdentityText: refusal(-32602, { field: 'text', identityText: 'unreadable' }),
    };
    expect(await outcome(wallet, 'personal_sign', [hex('Sign in to app.example'), identifier])).toBe(4200);
    page.vault.refuses = { xmtp_v3_signIdentityText: refusal(-32602, { field: 'text' }) };
    expect(await outcome(wallet, 'personal_sign', [hex('x'.repeat(2001)), identifier])).toBe(4200);
    page.vault.asked = [];
    expect(await outcome(wallet, 'personal_sign', [hex('Grüße'), identifier])).toBe(4200);
    expect(page.vault.asked).toEqual([]);
  });

  test('of an identity text that the vault refuses is its refusal, with its data', async () => {
    page.vault.grants = [good];
    const wallet = await page.lay();
    for (const refused of [
      refusal(-32602, { field: 'text', identityText: 'date' }),
      refusal(-32602, { field: 'text', identityText: 'not-this-key' }),
      refusal(4001, { reason: 'expired' }),
      refusal(-32005),
    ]) {
      page.vault.refuses = { xmtp_v3_signIdentityText: refused };
      await expect(wallet.request({ method: 'personal_sign', params: [hex(text), identifier] })).rejects.toBe(refused);
    }
  });

  test('for another account, or for none, is not asked of the vault', async () => {
    page.vault.grants = [good];
    const wallet = await page.lay();
    expect(await outcome(wallet, 'personal_sign', [hex(text), account])).toBe(4100);
    for (const params of [
      undefined,
      {},
      [],
      [hex(text)],
      [text, identifier],
      [hex(text), '0x12'],
      [`${hex(text)}0`, identifier],
      [1, identifier],
    ])
      expect(await outcome(wallet, 'personal_sign', params)).toBe(-32602);
    expect(page.vault.methods()).not.toContain('xmtp_v3_signIdentityText');
  });

  test('without a connection is 4100; while locked it waits for the person', async () => {
    const wallet = await page.lay();
    expect(await outcome(wallet, 'personal_sign', [hex(text), identifier])).toBe(4100);
    page.vault.grants = [good];
    page.vault.isLocked = true;
    expect(await outcome(wallet, 'personal_sign', [hex(text), identifier])).toMatch(/^0x/);
  });
});

describe('everything else', () => {
  test.each([
    'wallet_requestPermissions',
    'wallet_revokePermissions',
    'wallet_switchEthereumChain',
    'wallet_addEthereumChain',
    'wallet_sendCalls',
    'eth_sendTransaction',
    'eth_sendRawTransaction',
    'eth_signTransaction',
    'eth_sign',
    'eth_signTypedData',
    'eth_signTypedData_v4',
    'personal_ecRecover',
    'eth_call',
    'eth_getCode',
    'net_version',
    'vault_connect',
    'vault_sign',
    'xmtp_v3_getArchiveKey',
    'toString',
    '__proto__',
    '',
  ])('R-A9 %s is 4200, and the vault hears nothing of it', async (method) => {
    page.vault.grants = [good];
    const wallet = await page.lay();
    expect(await outcome(wallet, method, [{ eth_accounts: {} }])).toBe(4200);
    expect(page.vault.asked).toEqual([]);
  });

  test('what is no request is said to be none, and the chain is always the first', async () => {
    const wallet = await page.lay();
    for (const args of [undefined, null, 7, {}, { method: 7 }, { params: [] }])
      expect(await wallet.request(args as never).catch((error: { code: number }) => error.code)).toBe(-32600);
    expect(await outcome(wallet, 'eth_chainId')).toBe('0x1');
    expect(page.vault.asked).toEqual([]);
  });

  test('errors are plain: a code, a message, no trace of the script', async () => {
    const wallet = await page.lay();
    const error = await wallet.request({ method: 'eth_sign' }).catch((thrown: Error) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code: 4200, message: expect.stringContaining('XMTP only') as string });
    expect((error as Error).stack).toBe(`Error: ${(error as Error).message}`);
  });
});

describe('events', () => {
  test('accountsChanged tells identifiers, once for each change, and none when it ends or is locked', async () => {
    page.vault.grants = [good];
    const wallet = await page.lay();
    const heard: unknown[] = [];
    wallet.on('accountsChanged', (list) => heard.push(list));
    expect(await outcome(wallet, 'eth_accounts')).toEqual([identifier]);
    const change = async (then: () => void) => {
      then();
      page.vault.say('permissionsChanged');
      page.vault.say('permissionsChanged');
      await settle();
    };
    await change(() => undefined);
    await change(() => (page.vault.isLocked = true));
    await change(() => (page.vault.isLocked = false));
    await change(() => (page.vault.grants = []));
    expect(heard).toEqual([[], [identifier], []]);
  });

  test('disconnect is an error of its own when the extension is gone, and connect when it answers again', async () => {
    const wallet = await page.lay();
    const heard: unknown[] = [];
    wallet.on('disconnect', (error) => heard.push((error as { code: number }).code));
    wallet.on('connect', (info) => heard.push({ ...(info as object) }));
    page.vault.say('disconnect', { code: 4900 });
    expect(heard).toEqual([4900]);
    await outcome(wallet, 'eth_accounts');
    expect(heard).toEqual([4900, { chainId: '0x1' }]);
  });

  test('the vault is listened to only while the page listens, and a listener that throws keeps nobody from hearing', async () => {
    const wallet = await page.lay();
    expect(page.vault.listeners()).toBe(0);
    const heard: unknown[] = [];
    const listener = (list: unknown) => void heard.push(list);
    wallet
      .on('accountsChanged', () => {
        throw new Error('mine');
      })
      .on('accountsChanged', listener)
      .on('chainChanged', listener);
    expect(page.vault.listeners()).toBe(2);
    page.vault.say('permissionsChanged');
    await settle();
    expect(heard).toEqual([[]]);
    const other = await page.lay();
    other.removeListener('accountsChanged', listener).removeListener('accountsChanged', listener);
    other.removeListener('chainChanged', listener);
    expect(page.vault.listeners()).toBe(2);
  });
});

describe('how it is found', () => {
  test('it announces itself at once and whenever asked, frozen, under a name that says what it is', async () => {
    const wallet = await page.lay();
    expect(page.announced).toHaveLength(1);
    page.window.dispatchEvent(new Event('eip6963:requestProvider'));
    expect(page.announced).toHaveLength(2);
    const [first, second] = page.announced;
    expect(second).toBe(first);
    expect({ ...first?.info }).toMatchObject({
      name: 'Prekey Vault (XMTP only)',
      rdns: 'app.prekeyvault.xmtp',
      icon: expect.stringMatching(/^data:image\/svg\+xml,/) as string,
      uuid: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/) as string,
    });
    expect([first, first?.info, wallet].every(Object.isFrozen)).toBe(true);
    expect('ethereum' in page.window).toBe(false);
  });

  test('the stand-in is window.ethereum for good: no other wallet takes the place, and assigning is not an error', async () => {
    vi.stubGlobal('__STANDS_IN__', true);
    const wallet = await page.lay();
    page.window.ethereum = 'another wallet';
    expect(page.window.ethereum).toBe(wallet);
    expect(() => Object.defineProperty(page.window, 'ethereum', { value: 1 })).toThrow();
    expect(Reflect.deleteProperty(page.window, 'ethereum')).toBe(false);
  });

  test('a wallet that was first and made itself unchangeable stays, and the face is announced all the same', async () => {
    vi.stubGlobal('__STANDS_IN__', true);
    Object.defineProperty(page.window, 'ethereum', { value: 'first' });
    await page.lay();
    expect(page.window.ethereum).toBe('first');
    expect(page.announced).toHaveLength(1);
  });

  test('a document with an opaque origin gets none, and a vault that is not there is out of reach', async () => {
    vi.stubGlobal('window', Object.assign(page.window, { origin: 'null' }));
    await page.lay();
    expect(page.announced).toEqual([]);
    vi.resetModules();
    const origin = 'https://app.example';
    const alone = Object.assign(new EventTarget(), { origin, location: { origin, port: '' } });
    Object.assign(alone, { Promise, CustomEvent, Error, crypto, document: {} });
    vi.stubGlobal('window', alone);
    let wallet: Wallet | undefined;
    alone.addEventListener('eip6963:announceProvider', (event) => {
      wallet = (event as CustomEvent<{ provider: Wallet }>).detail.provider;
    });
    await page.lay();
    expect(await outcome(wallet!, 'eth_accounts')).toBe(4900);
  });
});

describe('R-A8 a page that replaces the platform', () => {
  const { then, constructor } = Promise.prototype;
  const replace = (name: 'then' | 'constructor', value: unknown) => void Reflect.set(Promise.prototype, name, value);
  const restore = () => {
    replace('then', then);
    replace('constructor', constructor);
  };
  afterEach(restore);

  test('R-A8 neither sees nor changes what passes between the face and the vault', async () => {
    page.vault.grants = [good];
    const wallet = await page.lay();
    // A vault announced later is not the vault.
    const forged = vi.fn();
    page.window.dispatchEvent(
      new CustomEvent('prekeyvault:announceProvider', { detail: { provider: { request: forged } } }),
    );
    const seen: unknown[] = [];
    Object.assign(page.window, { CustomEvent: undefined, Error: undefined, Promise: undefined });
    replace('then', function (this: Promise<unknown>, ...args: unknown[]) {
      seen.push(args);
      return Reflect.apply(then, this, args) as Promise<unknown>;
    });
    replace(
      'constructor',
      class {
        constructor() {
          seen.push('constructed');
          throw new Error('mine');
        }
      },
    );
    const calls = [
      wallet.request({ method: 'eth_accounts' }),
      wallet.request({ method: 'personal_sign', params: [hex(text), identifier] }),
    ];
    const settled: unknown[] = [];
    for (const call of calls) {
      // Taken up as the face does, so that what is seen is of the face.
      void Object.defineProperty(call, 'constructor', { value: constructor });
      settled.push(await call);
    }
    restore();
    expect(settled).toEqual([[identifier], expect.stringMatching(/^0x0001/) as string]);
    expect(seen).toEqual([]);
    expect(forged).not.toHaveBeenCalled();
  });
});
