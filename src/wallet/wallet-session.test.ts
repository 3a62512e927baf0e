// The session against a scripted wallet behind a fake port: each way a wallet can answer, and each way it can fail to.
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { WalletError } from './wallet-error';
import type { PortAnswer, PortRequest } from './wallet-port.testkit';
import { installFakeWallet } from './wallet-port.testkit';
import { connectWallet } from './wallet-session';

const extensionId = 'abcdefghijklmnopabcdefghijklmnop';
const account = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
const signatureHex = `0x${'ab'.repeat(64)}1b`;

/** A wallet that allows one account and signs, where `signing` does not say otherwise. */
function wallet(signing: (nthSigning: number) => PortAnswer = () => ({ result: signatureHex })) {
  let signings = 0;
  return (request: PortRequest): PortAnswer => {
    if (request.method === 'eth_chainId') return { result: '0x1' };
    if (request.method === 'eth_requestAccounts') return { result: [account] };
    if (request.method === 'wallet_requestPermissions') return { result: [] };
    if (request.method === 'personal_sign') return signing(++signings);
    return { error: { code: -32601, message: 'unknown method' } };
  };
}

function failure(reason: string) {
  return expect.objectContaining({ name: 'WalletError', reason });
}

const methodsOf = (requests: readonly PortRequest[]) => requests.map(({ method }) => method);

beforeAll(() => {
  // The library prints each connection it loses, some of them after the test is over.
  for (const level of ['warn', 'error', 'debug'] as const) vi.spyOn(console, level).mockImplementation(() => {});
});
afterEach(() => void Reflect.deleteProperty(globalThis, 'chrome'));

describe('connectWallet', () => {
  test('R-E4 asks whether the wallet is awake before it asks for accounts', async () => {
    const fake = installFakeWallet(wallet());
    const session = await connectWallet({ extensionId });
    expect(session.accounts).toEqual([account]);
    expect(methodsOf(fake.requests)).toEqual(['eth_chainId', 'eth_requestAccounts']);
  });

  test('lets the person choose accounts again when told to', async () => {
    const fake = installFakeWallet(wallet());
    await connectWallet({ extensionId, chooseAccounts: true });
    expect(methodsOf(fake.requests)).toEqual(['eth_chainId', 'wallet_requestPermissions', 'eth_requestAccounts']);
    expect(fake.requests[1]?.params).toEqual([{ eth_accounts: {} }]);
  });

  test('says absent when nothing is behind the id', async () => {
    installFakeWallet(wallet(), { absent: true });
    await expect(connectWallet({ extensionId })).rejects.toEqual(failure('absent'));
  });

  test.each(['stable', 'constructor', '', 'https://wallet.example'])(
    'R-E4 takes %j for no extension id',
    async (id) => {
      const fake = installFakeWallet(wallet());
      await expect(connectWallet({ extensionId: id })).rejects.toEqual(failure('absent'));
      expect(fake.ports.opened).toBe(0);
    },
  );

  test('says timeout when the wallet sleeps, without having made it prompt', async () => {
    const fake = installFakeWallet(() => 'hang');
    await expect(connectWallet({ extensionId, timeoutMs: 20 })).rejects.toEqual(failure('timeout'));
    expect(methodsOf(fake.requests)).toEqual(['eth_chainId']);
    expect(fake.ports).toEqual({ opened: 1, closedByUs: 1 });
  });

  test('R-E4 asks a wallet that is just waking again until it answers, and then asks it once for what a person sees', async () => {
    const answers = wallet();
    const wokenAtMs = Date.now() + 1200;
    const fake = installFakeWallet((request) => (Date.now() < wokenAtMs ? 'hang' : answers(request)));
    const session = await connectWallet({ extensionId });
    expect(session.accounts).toEqual([account]);
    const methods = methodsOf(fake.requests);
    expect(methods.filter((method) => method === 'eth_chainId').length).toBeGreaterThan(1);
    expect(methods.filter((method) => method === 'eth_requestAccounts')).toHaveLength(1);
    const count = fake.requests.length;
    await session.signText(account, 'text');
    expect(methodsOf(fake.requests.slice(count))).toEqual(['eth_chainId', 'personal_sign']);
    expect(fake.ports.opened).toBe(1);
  });

  test('says nothing in the console of what the wallet tells on other streams', async () => {
    const fake = installFakeWallet(wallet());
    await connectWallet({ extensionId });
    // oxlint-disable-next-line no-console -- the library's way to complain is what is looked at.
    const warned = vi.mocked(console.warn).mockClear();
    fake.talk('publicConfig', { isUnlocked: true });
    fake.talk('phishing', {});
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(warned.mock.calls).toEqual([]);
  });

  test('takes an error for a sign of life', async () => {
    const answers = wallet();
    installFakeWallet((request) =>
      request.method === 'eth_chainId' ? { error: { code: -32603, message: 'no network' } } : answers(request),
    );
    await expect(connectWallet({ extensionId })).resolves.toMatchObject({ accounts: [account] });
  });

  test.each([
    [[], 'unauthorized-account'],
    [['not an address'], 'failed'],
    ['0x', 'failed'],
  ])('refuses the account list %j as %s', async (result, reason) => {
    const answers = wallet();
    installFakeWallet((request) => (request.method === 'eth_requestAccounts' ? { result } : answers(request)));
    await expect(connectWallet({ extensionId })).rejects.toEqual(failure(reason));
  });

  test('says rejected when the person refuses to connect', async () => {
    const answers = wallet();
    const refusal = { error: { code: 4001, message: 'no' } };
    const fake = installFakeWallet((request) =>
      request.method === 'eth_requestAccounts' ? refusal : answers(request),
    );
    await expect(connectWallet({ extensionId })).rejects.toEqual(failure('rejected'));
    expect(fake.ports.closedByUs).toBe(1);
  });

  test('leaves chrome.runtime.connect as it was', async () => {
    installFakeWallet(wallet());
    const before = Reflect.get(chrome.runtime, 'connect') as unknown;
    await connectWallet({ extensionId });
    expect(Reflect.get(chrome.runtime, 'connect')).toBe(before);
  });
});

describe('signText', () => {
  test('R-E5 gives the signature as bytes and sends the text as UTF-8 in hex, then the account', async () => {
    const fake = installFakeWallet(wallet());
    const session = await connectWallet({ extensionId });
    const signature = await session.signText(account, 'grüß\n');
    expect(signature).toEqual(new Uint8Array([...Array<number>(64).fill(0xab), 0x1b]));
    expect(methodsOf(fake.requests).slice(2)).toEqual(['eth_chainId', 'personal_sign']);
    expect(fake.requests.at(-1)?.params).toEqual(['0x6772c3bcc39f0a', account]);
  });

  test.each([
    [4001, 'rejected'],
    [4100, 'unauthorized-account'],
    [4900, 'disconnected'],
    [-32002, 'failed'],
  ])('turns error %i into %s, without the words of the wallet', async (code, reason) => {
    installFakeWallet(wallet(() => ({ error: { code, message: 'words of the wallet' } })));
    const session = await connectWallet({ extensionId });
    const error = await session.signText(account, 'text').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WalletError);
    expect(error).toMatchObject({ reason, code });
    expect(String(error)).not.toContain('words of the wallet');
  });

  test.each([[null], ['0x1234'], [`0x${'zz'.repeat(65)}`], [`0x${'ab'.repeat(97)}`]])(
    'R-E2 refuses the answer %j as bad-signature',
    async (result) => {
      installFakeWallet(wallet(() => ({ result })));
      const session = await connectWallet({ extensionId });
      await expect(session.signText(account, 'text')).rejects.toEqual(failure('bad-signature'));
    },
  );

  test('R-E4 ends a hanging request as timeout, closes that port, and can be retried', async () => {
    const fake = installFakeWallet(wallet((nth) => (nth === 1 ? 'hang' : { result: signatureHex })));
    const session = await connectWallet({ extensionId });
    await expect(session.signText(account, 'text', { timeoutMs: 20 })).rejects.toEqual(failure('timeout'));
    expect(fake.ports).toEqual({ opened: 1, closedByUs: 1 });
    await expect(session.signText(account, 'text')).resolves.toHaveLength(65);
    expect(fake.ports.opened).toBe(2);
  });

  test('R-E4 rejects when the wallet dies in the middle, prompts nothing again, and reconnects at the next call', async () => {
    const fake = installFakeWallet(wallet((nth) => (nth === 1 ? 'die' : { result: signatureHex })));
    const session = await connectWallet({ extensionId });
    const lost = vi.fn();
    session.onDisconnect(lost);
    await expect(session.signText(account, 'text')).rejects.toEqual(failure('disconnected'));
    expect(lost).toHaveBeenCalledTimes(1);
    expect(methodsOf(fake.requests).filter((method) => method === 'personal_sign')).toHaveLength(1);
    await expect(session.signText(account, 'text')).resolves.toHaveLength(65);
    expect(fake.ports.opened).toBe(2);
  });

  test('R-E4 replaces a connection that dies while the wallet is pinged', async () => {
    const answers = wallet();
    let pings = 0;
    const fake = installFakeWallet((request) =>
      request.method === 'eth_chainId' && ++pings === 2 ? 'die' : answers(request),
    );
    const session = await connectWallet({ extensionId });
    await expect(session.signText(account, 'text')).resolves.toHaveLength(65);
    expect(fake.ports.opened).toBe(2);
  });

  test('an abort rejects with the reason of the signal and closes the port', async () => {
    const controller = new AbortController();
    const fake = installFakeWallet(
      wallet(() => {
        setTimeout(() => controller.abort());
        return 'hang';
      }),
    );
    const session = await connectWallet({ extensionId });
    const signing = session.signText(account, 'text', { signal: controller.signal });
    await expect(signing).rejects.toMatchObject({ name: 'AbortError' });
    expect(fake.ports.closedByUs).toBe(1);
  });

  test('an aborted signal sends nothing', async () => {
    const fake = installFakeWallet(wallet());
    const session = await connectWallet({ extensionId });
    const before = fake.requests.length;
    const signing = session.signText(account, 'text', { signal: AbortSignal.abort() });
    await expect(signing).rejects.toMatchObject({ name: 'AbortError' });
    expect(fake.requests).toHaveLength(before);
  });

  test('a wallet without a network still signs', async () => {
    const fake = installFakeWallet(wallet());
    const session = await connectWallet({ extensionId });
    const lost = vi.fn();
    session.onDisconnect(lost);
    fake.notify('metamask_chainChanged', { chainId: '0x1', networkVersion: '1', isConnected: false });
    await expect(session.signText(account, 'text')).resolves.toHaveLength(65);
    expect(lost).not.toHaveBeenCalled();
  });
});

describe('the end of a session', () => {
  test('close ends an open request and every later one', async () => {
    const fake = installFakeWallet(wallet(() => 'hang'));
    const session = await connectWallet({ extensionId });
    const signing = session.signText(account, 'text');
    await expect.poll(() => methodsOf(fake.requests)).toContain('personal_sign');
    session.close();
    await expect(signing).rejects.toEqual(failure('disconnected'));
    await expect(session.signText(account, 'text')).rejects.toEqual(failure('disconnected'));
    expect(fake.ports).toEqual({ opened: 1, closedByUs: 1 });
  });

  test('an unsubscribed listener hears nothing, another one hears once', async () => {
    const fake = installFakeWallet(wallet());
    const session = await connectWallet({ extensionId });
    const quiet = vi.fn();
    const listening = vi.fn();
    session.onDisconnect(listening);
    session.onDisconnect(quiet)();
    fake.die();
    await expect.poll(() => listening.mock.calls.length).toBe(1);
    expect(quiet).not.toHaveBeenCalled();
  });
});
