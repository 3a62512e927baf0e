// Passkeys as a page asks for them: what is asked, what is refused, and what is wiped. The authenticator here is a double; e2e/vault-pages.test.ts has a real browser.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { askPasskey, canUsePasskeys, giveUpPasskey, makePasskey } from './passkeys';

const verified = 0x05;
const unverified = 0x01;
const credentialId = new Uint8Array(20).fill(9);
const prfInput = new Uint8Array(32).fill(7);

class Credential {
  constructor(
    readonly rawId: ArrayBuffer,
    readonly response: object,
    private readonly prf: object | undefined,
  ) {}
  getClientExtensionResults() {
    return this.prf ? { prf: this.prf } : {};
  }
}

const data = (flags: number) => Uint8Array.from({ length: 37 }, (_, at) => (at === 32 ? flags : 0)).buffer;
const made = (prf: object | undefined, flags = verified) =>
  new Credential(credentialId.slice().buffer, { getAuthenticatorData: () => data(flags) }, prf);
const given = (prf: object | undefined, flags = verified, id = credentialId) =>
  new Credential(id.slice().buffer, { authenticatorData: data(flags) }, prf);

const credentials = { create: vi.fn(), get: vi.fn() };
const signalUnknownCredential = vi.fn(async () => undefined);
const capabilities = vi.fn(async (): Promise<Record<string, boolean>> => ({ 'extension:prf': true }));
const signal = () => new AbortController().signal;

beforeEach(() => {
  vi.stubGlobal('location', { host: 'abcdefgh' });
  vi.stubGlobal('navigator', { credentials });
  vi.stubGlobal(
    'PublicKeyCredential',
    Object.assign(Credential, { getClientCapabilities: capabilities, signalUnknownCredential }),
  );
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.clearAllMocks();
});

describe('R-E7 a passkey', () => {
  test('is offered where the browser has a PRF, and nowhere else', async () => {
    expect(await canUsePasskeys()).toBe(true);
    capabilities.mockResolvedValueOnce({ 'extension:prf': false });
    expect(await canUsePasskeys()).toBe(false);
    capabilities.mockRejectedValueOnce(new Error('no'));
    expect(await canUsePasskeys()).toBe(false);
    vi.stubGlobal('PublicKeyCredential', undefined);
    expect(await canUsePasskeys()).toBe(false);
  });

  test('is made for this extension alone, with the person verified and a PRF', async () => {
    credentials.create.mockResolvedValueOnce(made({ enabled: true }));
    const passkey = await makePasskey('Prekey Vault, 0x1234', signal());
    expect(passkey.credentialId).toEqual(credentialId);
    expect(passkey.prfInput).toHaveLength(32);
    const { publicKey } = credentials.create.mock.calls[0]![0] as { publicKey: PublicKeyCredentialCreationOptions };
    expect(Object.hasOwn(publicKey.rp, 'id')).toBe(false);
    expect(publicKey.user).toEqual({
      id: expect.objectContaining({ length: 32 }),
      name: 'Prekey Vault, 0x1234',
      displayName: 'Prekey Vault, 0x1234',
    });
    expect(publicKey).toMatchObject({
      authenticatorSelection: { userVerification: 'required' },
      attestation: 'none',
      extensions: { prf: {} },
    });
    expect(signalUnknownCredential).not.toHaveBeenCalled();
  });

  test.each([
    ['no PRF', made(undefined)],
    ['a PRF that is off', made({ enabled: false })],
    ['nobody verified', made({ enabled: true }, unverified)],
  ])('with %s is refused and given up', async (_, credential) => {
    credentials.create.mockResolvedValueOnce(credential);
    await expect(makePasskey('Prekey Vault', signal())).rejects.toMatchObject({ reason: 'passkey-unfit' });
    expect(signalUnknownCredential).toHaveBeenCalledWith({
      rpId: 'abcdefgh',
      credentialId: 'CQkJCQkJCQkJCQkJCQkJCQkJCQk',
    });
  });

  test('gives what its PRF makes of the input', async () => {
    credentials.get.mockResolvedValueOnce(given({ results: { first: new Uint8Array(32).fill(5).buffer } }));
    expect(await askPasskey({ credentialId, prfInput }, signal())).toEqual(new Uint8Array(32).fill(5));
    const { publicKey } = credentials.get.mock.calls[0]![0] as { publicKey: PublicKeyCredentialRequestOptions };
    expect(publicKey).toMatchObject({
      allowCredentials: [{ id: credentialId }],
      userVerification: 'required',
      extensions: { prf: { eval: { first: prfInput } } },
    });
  });

  test.each([
    ['another one', 'passkey-other', verified, new Uint8Array(20).fill(8)],
    ['one whose id is longer', 'passkey-other', verified, new Uint8Array(21).fill(9)],
    ['one that verified nobody', 'passkey-unfit', unverified, credentialId],
  ] as const)('%s is refused, and what it gave is wiped', async (_, reason, flags, id) => {
    const first = new Uint8Array(32).fill(5);
    credentials.get.mockResolvedValueOnce(given({ results: { first: first.buffer } }, flags, id));
    await expect(askPasskey({ credentialId, prfInput }, signal())).rejects.toMatchObject({ reason });
    expect(first).toEqual(new Uint8Array(32));
  });

  test('that gives nothing is refused', async () => {
    for (const prf of [undefined, {}, { results: {} }]) {
      credentials.get.mockResolvedValueOnce(given(prf));
      await expect(askPasskey({ credentialId, prfInput }, signal())).rejects.toMatchObject({ reason: 'passkey-unfit' });
    }
  });

  test.each([
    ['NotAllowedError', 'passkey-not-made', 'passkey-refused'],
    ['OperationError', 'passkey-not-made', 'passkey-refused'],
    ['ConstraintError', 'passkey-unfit', 'passkey-unfit'],
    ['NotSupportedError', 'passkey-unsupported', 'passkey-unsupported'],
    ['SecurityError', 'passkey-unsupported', 'passkey-unsupported'],
  ])('%s of the browser has a reason of its own', async (name, making, asking) => {
    const error = new DOMException('a text of the browser', name);
    credentials.create.mockRejectedValueOnce(error);
    await expect(makePasskey('Prekey Vault', signal())).rejects.toMatchObject({ reason: making, message: making });
    credentials.get.mockRejectedValueOnce(error);
    await expect(askPasskey({ credentialId, prfInput }, signal())).rejects.toMatchObject({ reason: asking });
  });

  test('no answer at all is a refusal, and a press on Cancel is neither', async () => {
    credentials.get.mockResolvedValueOnce(null);
    await expect(askPasskey({ credentialId, prfInput }, signal())).rejects.toMatchObject({ reason: 'passkey-refused' });
    const abort = new AbortController();
    credentials.get.mockImplementationOnce(() => {
      abort.abort('stopped here');
      return Promise.reject(new DOMException('aborted', 'AbortError'));
    });
    await expect(askPasskey({ credentialId, prfInput }, abort.signal)).rejects.toBe('stopped here');
  });

  test('giving one up never fails', async () => {
    signalUnknownCredential.mockRejectedValueOnce(new Error('no'));
    await giveUpPasskey({ credentialId });
    vi.stubGlobal('PublicKeyCredential', class {});
    await giveUpPasskey({ credentialId });
  });
});
