// Every way a request or a check can fail has words of its own.
import { describe, expect, it } from 'vitest';
import { errorCode } from '../../src/contract/errors';
import { PrekeyVaultError, VaultSignatureError, toPrekeyVaultError } from '../../src/sdk/index';
import { chatTroubleOf, durationWords, endWords, refusalWords, shortHex, timeOrDate, troubleOf } from './words';

describe('troubleOf', () => {
  it.each(Object.values(errorCode))('has words of its own for code %i, and shows the code', (code) => {
    const trouble = troubleOf(new PrekeyVaultError(code, 'raw message'));
    expect(trouble.code).toBe(String(code));
    expect(`${trouble.title} ${trouble.advice}`).not.toContain('raw message');
    expect(`${trouble.title} ${trouble.advice}`).not.toMatch(/undefined/);
  });

  it('tells a refusal by the person from one by the clock', () => {
    const [no, late] = (['rejected', 'expired'] as const).map((reason) =>
      troubleOf(toPrekeyVaultError({ code: 4001, message: '', data: { reason } })),
    );
    expect(no).toMatchObject({ title: 'You said no.', code: '4001 · rejected' });
    expect(late!.title).not.toBe(no!.title);
  });

  it('tells the troubles of the network apart', () => {
    const troubles = (['none', 'unreachable', 'refused', 'bad-answer', 'changed'] as const).map((network) =>
      troubleOf(toPrekeyVaultError({ code: -32603, message: '', data: { network } })),
    );
    expect(troubles.map(({ code }) => code)).toEqual([
      '-32603 · none',
      '-32603 · unreachable',
      '-32603 · refused',
      '-32603 · bad-answer',
      '-32603 · changed',
    ]);
    expect(new Set(troubles.map(({ title }) => title)).size).toBe(5);
  });

  it('names the refusal of a signature, and does not blame the vault for a fault of the page', () => {
    expect(troubleOf(new VaultSignatureError('wrong-origin')).advice).toBe(refusalWords['wrong-origin']);
    expect(troubleOf(new TypeError('x')).title).toContain('Quill');
  });
});

describe('chatTroubleOf', () => {
  it.each([
    ['Recipient 0x12 is not on the XMTP network', 'no-contact'],
    ['recipient 0x12 is not registered', 'no-contact'],
    ['self messaging not supported', 'self'],
    ['Address "0x12" is invalid.', 'address'],
    ['Failed to fetch', 'network'],
    ['NetworkError when attempting to fetch resource.', 'network'],
    ['whatever else', 'error'],
  ])('knows what "%s" means', (message, code) => {
    const trouble = chatTroubleOf(new Error(message));
    expect(trouble.code).toBe(code);
    expect(`${trouble.title} ${trouble.advice}`).not.toContain(message);
  });

  it("leaves the vault's refusals their own words", () => {
    const error = new PrekeyVaultError(4001, 'is not registered', { reason: 'rejected' });
    expect(chatTroubleOf(error)).toEqual(troubleOf(error));
  });
});

describe('grants and bytes in words', () => {
  it('says when a grant ends', () => {
    const grant = {
      account: '0x0',
      capabilities: [],
      duration: 'until-locked',
      grantedAtMs: 0,
      expiresAtMs: null,
      scopes: {},
      budgets: {},
    } as const;
    expect(endWords({ ...grant, capabilities: [] })).toBe(`${durationWords['until-locked']}.`);
    expect(endWords({ ...grant, capabilities: [], duration: '1h', expiresAtMs: Date.UTC(2030, 5, 15) })).toContain(
      '2030',
    );
  });

  it('shows the time of today and the date of other days', () => {
    const noon = new Date(2030, 5, 15, 12).getTime();
    expect(timeOrDate(noon, noon + 60_000)).toMatch(/12/);
    expect(timeOrDate(noon, noon + 86_400_000)).toContain('2030');
  });

  it('shortens hex at both ends', () => {
    expect(
      shortHex(
        Uint8Array.from({ length: 65 }, (_, at) => at),
        1,
      ),
    ).toBe('01020304…3d3e3f40');
  });
});
