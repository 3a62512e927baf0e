// The main journeys of a person and a dapp, in Chromium, on the built extension: enrol, connect, sign, verify, reject, narrow, revoke,
// lock, unlock, second identity, forget.
import type { SiteGrant } from '../src/contract/pages/sites';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright';
import { verifyVaultSignature } from '../src/sdk/verify/index';
import type { VaultSignature } from '../src/contract/dapp/methods';
import { launchChromium, type Chromium } from './kit/chromium';
import {
  answerOf,
  approvalWindow,
  approve,
  byId,
  bytes,
  call,
  connect,
  enrol,
  reject,
  revived,
  serveSite,
  start,
  type Site,
  ownCall,
} from './kit/journey';

const first = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
const second = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';

let browser: Chromium;
let site: Site;
let page: Page;
let recoveryCode: string;

beforeAll(async () => {
  browser = await launchChromium();
  site = await serveSite();
  page = await browser.context.newPage();
  await page.goto(site.origin);
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

const sign = { payload: bytes('hello, this is a text'), purpose: 'Prove it is you' };

describe.sequential('journeys', () => {
  test('a stranger learns nothing before there is an identity', async () => {
    expect(await call(page, 'vault_accounts')).toEqual({ result: [] });
    expect((await call(page, 'vault_sign', sign)).error?.code).toBe(4100);
    expect((await call(page, 'vault_getPublicKeyBundle')).error?.code).toBe(4100);
  });

  test('enrol with the wallet: three signatures, then the recovery code', async () => {
    ({ code: recoveryCode } = await enrol(browser));
    expect(recoveryCode).toMatch(/^([0-9A-Z]{4}-){7}[0-9A-Z]{4}$/);
    const signatures = (await browser.walletLog()).filter(({ method }) => method === 'personal_sign');
    expect(signatures).toHaveLength(3);
  });

  test('P2 connect asks a person, who sees the origin', async () => {
    await page.evaluate(() => {
      const heard = ((window as any).heard = [] as unknown[]);
      for (const name of ['accountsChanged', 'permissionsChanged'])
        (window as any).prekeyVault.on(name, (data: unknown) => heard.push([name, data]));
    });
    await start(page, 'connect', 'vault_connect', { capabilities: ['identity', 'sign'] });
    const window = await approvalWindow(browser);
    const shown = (await byId(window, 'approval-origin').innerText()).replaceAll(/\s/g, '');
    expect(shown).toContain(new URL(site.origin).host);
    await approve(window);
    const answer = await answerOf(page, 'connect');
    expect(answer.result).toMatchObject({ account: first, capabilities: ['identity', 'sign'] });
    expect(await call(page, 'vault_accounts')).toEqual({ result: [first] });
    await expect.poll(() => page.evaluate(() => (window as any).heard)).toContainEqual(['accountsChanged', [first]]);
  });

  test('P1 P2 sign asks a person, and the signature verifies back to the account offline', async () => {
    await start(page, 'sign', 'vault_sign', sign);
    const window = await approvalWindow(browser);
    expect(await byId(window, 'approval-payload').innerText()).toContain('hello, this is a text');
    expect(await byId(window, 'approval-purpose').innerText()).toContain('Prove it is you');
    await approve(window);
    const answer = await answerOf(page, 'sign');
    const result = revived<VaultSignature>(answer.result);
    const chain = verifyVaultSignature(result, { account: first, origin: site.origin });
    expect(chain.account).toBe(first);
    expect(() => verifyVaultSignature(result, { account: second, origin: site.origin })).toThrow();
    expect(() => verifyVaultSignature(result, { account: first, origin: 'https://other.example' })).toThrow();
  });

  test('what computes on the curve is the core, or noble where the package has none', async () => {
    const expected = process.env.PREKEY_VAULT_CURVE === 'noble' ? 'noble' : 'core';
    await expect.poll(async () => (await browser.session())['test:curve']).toBe(expected);
  });

  test('reject: 4001 with its reason, and the next request asks again', async () => {
    await start(page, 'no', 'vault_sign', sign);
    await reject(await approvalWindow(browser));
    expect(await answerOf(page, 'no')).toMatchObject({ error: { code: 4001, data: { reason: 'rejected' } } });
    await start(page, 'again', 'vault_sign', sign);
    await reject(await approvalWindow(browser));
    expect((await answerOf(page, 'again')).error?.code).toBe(4001);
  });

  test('a remembered decision signs without asking', async () => {
    await start(page, 'sign', 'vault_sign', sign);
    const window = await approvalWindow(browser);
    await byId(window, 'approval-remember').selectOption('1h');
    await approve(window);
    expect((await answerOf(page, 'sign')).result).toBeDefined();
    const answer = await call(page, 'vault_sign', { ...sign, purpose: 'Another purpose' });
    expect(
      verifyVaultSignature(revived<VaultSignature>(answer.result), { account: first, origin: site.origin }).account,
    ).toBe(first);
  });

  test('revoke in the vault page: the next call is 4100 and accountsChanged [] fires', async () => {
    await page.evaluate(() => ((window as any).heard.length = 0));
    const vault = await browser.ownPage('vault');
    await byId(vault, 'vault-nav-sites').click();
    await byId(vault, 'site-revoke').first().click();
    await expect.poll(() => page.evaluate(() => (window as any).heard)).toContainEqual(['accountsChanged', []]);
    expect((await call(page, 'vault_sign', sign)).error?.code).toBe(4100);
    await vault.close();
  });

  test('narrow the grant: what was unticked is not given', async () => {
    await start(page, 'connect', 'vault_connect', { capabilities: ['identity', 'sign'] });
    const window = await approvalWindow(browser);
    await byId(window, 'approval-capability-sign').click();
    await approve(window);
    expect((await answerOf(page, 'connect')).result).toMatchObject({ capabilities: ['identity'] });
    expect((await call(page, 'vault_sign', sign)).error?.code).toBe(4100);
    expect((await call(page, 'vault_getPublicKeyBundle')).result).toMatchObject({ account: first });
  });

  test('R-C9 lock from the popup: a request while locked reaches no wallet; unlock with the wallet; the request goes on', async () => {
    await call(page, 'vault_disconnect');
    await connect(browser, page);
    const popup = await browser.ownPage('popup');
    await byId(popup, 'popup-lock-now').click();
    await expect.poll(async () => (await call(page, 'vault_accounts')).result).toEqual([]);
    const before = (await browser.walletLog()).length;
    await start(page, 'late', 'vault_sign', sign);
    const unlock = await browser.nextPage('/unlock/');
    expect((await browser.walletLog()).length).toBe(before);
    await byId(unlock, 'wallet-sign').click();
    await approve(await approvalWindow(browser));
    const answer = await answerOf(page, 'late');
    expect(
      verifyVaultSignature(revived<VaultSignature>(answer.result), { account: first, origin: site.origin }).account,
    ).toBe(first);
    await popup.close();
  });

  test('unlock with the recovery code', async () => {
    const popup = await browser.ownPage('popup');
    await byId(popup, 'popup-lock-now').click();
    await byId(popup, 'popup-unlock').click();
    const unlock = await browser.nextPage('/unlock/');
    await byId(unlock, 'unlock-way-code').click();
    await byId(unlock, 'unlock-code').fill(recoveryCode.toLowerCase().replaceAll('-', ' '));
    await byId(unlock, 'unlock-code-submit').click();
    await expect.poll(async () => (await call(page, 'vault_accounts')).result).toEqual([first]);
    await popup.close();
  });

  test('what the site has already is given again without a card, until the person wants to be asked', async () => {
    const before = (await call(page, 'vault_getPermissions')).result;
    expect((await call(page, 'vault_connect', { capabilities: ['identity'] })).result).toEqual(
      (before as unknown[])[0],
    );
    expect(browser.pagesWith('/approval/')).toEqual([]);
    const vault = await browser.ownPage('vault');
    await byId(vault, 'vault-nav-sites').click();
    await byId(vault, 'site-asks-to-connect').first().check();
    // The box shows the wish at once; the worker's word is what counts.
    await expect
      .poll(async () => (await ownCall<SiteGrant[]>(vault, 'grants_list', {})).some((grant) => grant.asksToConnect))
      .toBe(true);
    await start(page, 'again', 'vault_connect', { capabilities: ['identity', 'sign'] });
    const window = await approvalWindow(browser);
    await byId(window, 'approval-news').first().waitFor();
    expect(
      await byId(window, 'approval-news').evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset['new'])),
    ).toEqual(['false', 'false']);
    await approve(window);
    expect((await answerOf(page, 'again')).result).toMatchObject({ capabilities: ['identity', 'sign'] });
    await vault.close();
  });

  test('a second identity lives beside the first', async () => {
    await enrol(browser, { accountIndex: 1, name: 'Grace' });
    await start(page, 'connect', 'vault_connect', { capabilities: ['identity'] });
    const window = await approvalWindow(browser);
    await byId(window, 'approval-identity').nth(1).click();
    await approve(window);
    const { result } = await answerOf(page, 'connect');
    expect(result).toMatchObject({ account: second });
    expect(new Set((await call(page, 'vault_accounts')).result as string[])).toEqual(new Set([first, second]));
  });

  test('forget offers a backup first, needs the typed confirmation, and takes every grant with it', async () => {
    const vault = await browser.ownPage('vault');
    await byId(vault, 'identity-forget').nth(1).click();
    await byId(vault, 'forget-backup-save').click();
    await byId(vault, 'backup', { 'data-reminder': 'none' }).waitFor();
    await byId(vault, 'identity-back').click();
    await byId(vault, 'identity-forget').nth(1).click();
    await byId(vault, 'forget-typed').fill('nope');
    await byId(vault, 'forget-confirm')
      .click({ force: true })
      .catch(() => undefined);
    expect(new Set((await call(page, 'vault_accounts')).result as string[])).toEqual(new Set([first, second]));
    await byId(vault, 'forget-typed').fill(second.slice(-4));
    await byId(vault, 'forget-confirm').click();
    await expect.poll(async () => (await call(page, 'vault_accounts')).result).toEqual([first]);
  });

  test('nothing was written to a console and nothing was uncaught', () => {
    const ours = browser.console.filter(({ source }) => source.includes('jfkejlafegjmjjkmmjbnjcmgabhbejlm'));
    expect(ours.filter(({ text }) => /uncaught/i.test(text))).toEqual([]);
  });
});
