// Old messages in a real browser: keys of another client brought in from several files, messages gathered from files and from a node, saved as a page and
// sealed, and both read again.
// Promises: the page of an archive is opened from the disk with every request it makes recorded; what strangers wrote in it would break out of a page that
// let it. The person has a keyboard. Must not: look at words of a page, but for those that the test itself gave.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Download, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startNode, type TestNode } from '../demo/node/node';
import { publish } from '../demo/node/node.testkit';
import { testAccounts } from '../demo/wallet/accounts';
import { bytesToBase64 } from '../src/protocol/base/bytes';
import { encodePrivateKeyBundle } from '../src/protocol/keys/bundles';
import type { EncodedContent } from '../src/protocol/messages/content';
import type { GatheredRow } from '../src/vault/archive/rows';
import { accountIn, conversationRow, lineOf, rowsV1, rowV2 } from '../src/vault/testkit/archive-rows.testkit';
import { bundleFor } from '../src/vault/testkit/copies.testkit';
import { createTestWallet } from '../src/vault/testkit/vault.testkit';
import { expectAccessible } from './kit/axe';
import { extensionId, launchChromium, type Chromium } from './kit/chromium';
import { enrolBy, goodPassphrase, personOf, setNode } from './kit/flows';
import { internalClient } from './kit/internal';
import { byId, until } from './kit/journey';
import { pressOn, tabTo, typeInto } from './kit/keyboard';

const person = personOf(testAccounts()[0]!);
const me = bundleFor({ account: person.account.address, sign: (text) => person.sign(text) }, 'old keys');
const bob = bundleFor(createTestWallet(2), 'old Bob');
const eve = bundleFor(createTestWallet(3), 'old Eve');
const keyFile = Buffer.from(encodePrivateKeyBundle({ version: 1, bundle: me }));

/** Each would do something in a page that took it for more than text. */
const hostile = [
  '</script><script>window.hit = 1</script>',
  '<img src="http://127.0.0.1:9/x" onerror="window.hit = 2">',
  '<svg onload="window.hit = 3"><a href="javascript:window.hit = 4">x</a></svg>',
  '--><style>@import "http://127.0.0.1:9/y"</style>',
  '<script type="application/json" data-archive="end">{}</script>',
  '\u202eevil\u202c \u2028 \0 ]]>',
];
const attachment: EncodedContent = {
  type: { authorityId: 'xmtp.org', typeId: 'attachment', versionMajor: 1, versionMinor: 0 },
  parameters: new Map([
    ['filename', '../<b>boat</b>.png'],
    ['mimeType', 'image/png"><script>window.hit = 5</script>'],
  ]),
  content: Uint8Array.of(1, 2, 3),
};

let browser: Chromium;
let node: TestNode;
let safeId: string;
let code: string;
let folder: string;
let rows: GatheredRow[];

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'archive-'));
  [browser, node] = await Promise.all([launchChromium(), startNode({ auth: false })]);
  const { row, invitation } = conversationRow(bob, me, 1, '<b>talk</b>');
  rows = [
    row,
    ...hostile.map((text, at) => rowV2(bob, invitation, text, 10 + at)),
    rowV2(me, invitation, 'what I wrote to Bob', 30),
    rowV2(bob, invitation, attachment, 31),
    rowsV1(eve, me, 'from Eve, long ago', 2).own,
    rowsV1(me, eve, 'and back', 3).own,
  ];
});
afterAll(async () => {
  await browser?.close();
  await node?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function atArchive(): Promise<Page> {
  const page = await browser.context.newPage();
  await page.goto(`chrome-extension://${extensionId}/src/ui/vault/index.html#identities/${safeId}/archive`);
  await byId(page, 'archive-topic').waitFor();
  return page;
}

/** Opens a saved file from the disk, and tells every request that its page makes and what its policy refused. */
async function fromDisk(
  download: Download,
  name: string,
): Promise<{ page: Page; requests: string[]; refused: string[] }> {
  const file = path.join(folder, name);
  copyFileSync(await download.path(), file);
  const page = await browser.context.newPage();
  const [requests, refused]: [string[], string[]] = [[], []];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => refused.push(message.text()));
  page.on('pageerror', (error) => refused.push(error.message));
  await page.goto(`file://${file}`);
  return { page, requests: requests.filter((url) => url !== `file://${file}`), refused };
}

/** The identity is opened once more with the recovery code, by keys alone. */
async function openAgain(page: Page): Promise<void> {
  await pressOn(page, 'secret-way-recovery-code');
  await typeInto(page, 'recovery-code', code);
  await pressOn(page, 'secret-submit');
}

describe.sequential('old XMTP keys', () => {
  test('several files are looked at together, dropped or chosen, and one is opened after the other', async () => {
    const page = await browser.ownPage('onboarding');
    await pressOn(page, 'way-old-keys');
    const files = [
      { name: 'keys.bin', mimeType: '', buffer: keyFile },
      {
        name: 'bob.txt',
        mimeType: '',
        buffer: Buffer.from(bytesToBase64(encodePrivateKeyBundle({ version: 1, bundle: bob }))),
      },
      { name: 'notes.txt', mimeType: '', buffer: Buffer.from('nothing of the kind') },
    ];
    await byId(page, 'file-choose').setInputFiles(files);
    const kinds = () =>
      byId(page, 'many-files-row').evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset['kind']));
    await until(async () => (await kinds()).join() === 'keys,keys,unusable', 'each file is looked at');
    await pressOn(page, 'many-files-back');
    // The same by dropping.
    await byId(page, 'file-choose').waitFor({ state: 'attached' });
    const dropped = await page.evaluateHandle(
      (given) => {
        const transfer = new DataTransfer();
        for (const { name, bytes } of given) transfer.items.add(new File([Uint8Array.from(bytes)], name));
        return transfer;
      },
      files.map(({ name, buffer }) => ({ name, bytes: [...buffer] })),
    );
    await page.locator('label:has([data-testid="file-choose"])').dispatchEvent('drop', { dataTransfer: dropped });
    await until(async () => (await kinds()).join() === 'keys,keys,unusable', 'each file is looked at');
    await expectAccessible(page, 'several files');
    await pressOn(page, 'many-files-open');
    await pressOn(page, 'file-submit');
    await byId(page, 'file-preview', { 'data-account': person.account.address }).waitFor();
    await page.close();
    const onboarding = await internalClient(browser, 'onboarding');
    const file = Uint8Array.from(keyFile);
    ({ safeId, code } = await enrolBy(onboarding, person, { source: 'backup', file, secret: { kind: 'none' } }));
    await onboarding.page.close();
  });

  test('R-B10 R-J7 messages in files become a page that is read from the disk: no request, no markup, by keyboard alone', async () => {
    const vault = await atArchive();
    const lines = rows.map(lineOf);
    await byId(vault, 'gather-files').setInputFiles([
      { name: 'one.jsonl', mimeType: '', buffer: Buffer.from(lines.slice(0, 4).join('')) },
      { name: 'two.jsonl', mimeType: '', buffer: Buffer.from(`${lines.slice(4).join('')}nonsense\n`) },
    ]);
    await byId(vault, 'gather', { 'data-phase': 'done', 'data-rows': String(rows.length), 'data-bad': '1' }).waitFor();
    await expectAccessible(vault, 'old messages');
    await pressOn(vault, 'archive-write');
    await tabTo(vault, 'archive-sealed');
    await vault.keyboard.press('ArrowDown');
    await byId(vault, 'archive-warning').waitFor();
    await expectAccessible(vault, 'what kind of archive');
    // Nothing goes on before the person says that they know.
    await pressOn(vault, 'archive-continue');
    expect(await byId(vault, 'archive-task').getAttribute('data-step')).toBe('1');
    await pressOn(vault, 'archive-knows', 'Space');
    await pressOn(vault, 'archive-continue');
    const download = vault.waitForEvent('download');
    await openAgain(vault);
    const saved = await download;
    expect(saved.suggestedFilename()).toMatch(/^prekey-vault-messages-0x[0-9a-f]{8}-\d{4}-\d\d-\d\d\.html$/);
    await byId(vault, 'archive-written', {
      'data-messages': String(rows.length - 1),
      'data-unreadable': '0',
    }).waitFor();
    await pressOn(vault, 'archive-done');
    await vault.close();

    const { page, requests, refused } = await fromDisk(saved, 'messages.html');
    await byId(page, 'reader', { 'data-messages': String(rows.length - 1), 'data-whole': 'true' }).waitFor();
    await expectAccessible(page, 'the page of an archive');
    expect(await byId(page, 'reader-conversation').count()).toBe(2);
    await pressOn(page, 'reader-conversation');
    await until(
      async () => (await byId(page, 'reader-message').count()) === hostile.length + 2,
      'every message is shown',
    );
    expect(await byId(page, 'reader-more').isVisible(), 'there is nothing more').toBe(false);
    const shown = await byId(page, 'reader-message').allInnerTexts();
    for (const text of hostile.slice(0, 5)) expect(shown.some((one) => one.includes(text))).toBe(true);
    await expectAccessible(page, 'a conversation of an archive');
    await typeInto(page, 'reader-search', 'eve, LONG');
    await byId(page, 'reader-results', { 'data-count': '1' }).waitFor();
    await pressOn(page, 'reader-found');
    await until(async () => (await byId(page, 'reader-message').count()) === 2, 'the conversation is shown');
    await pressOn(page, 'reader-show-attachments');
    await byId(page, 'reader-attachments', { 'data-count': '1' }).waitFor();
    await expectAccessible(page, 'attachments of an archive');
    const file = page.waitForEvent('download');
    await pressOn(page, 'reader-save-attachment');
    expect((await file).suggestedFilename()).toBe('__b_boat__b_.png');
    // Nothing was asked for, nothing ran that is not ours, and nothing of a stranger became an element.
    expect(requests.filter((url) => !url.startsWith('blob:'))).toEqual([]);
    expect(refused).toEqual([]);
    const found = await page.evaluate(() => ({
      hit: (window as { hit?: number }).hit,
      scripts: document.querySelectorAll('script:not([type="application/json"])').length,
      foreign: document.querySelectorAll('#archive :is(script, style, img, svg, iframe, object, embed, link, form, a)')
        .length,
    }));
    expect(found).toEqual({ hit: undefined, scripts: 1, foreign: 0 });
    // The policy is what stops a script that got in: one that is put there by hand does not run.
    const ran = await page.evaluate(() => {
      const script = document.createElement('script');
      try {
        script.textContent = 'window.hit = 9';
      } catch {
        return 'refused';
      }
      document.body.append(script);
      return (window as { hit?: number }).hit ?? 'did not run';
    });
    expect(['refused', 'did not run']).toContain(ran);
    await page.close();
  });

  test('messages of a node are gathered by workers that die, sealed, and read again on our own page', async () => {
    const vaultPort = await internalClient(browser, 'vault');
    await setNode(vaultPort, node.url);
    await vaultPort.page.close();
    const { row, invitation } = conversationRow(eve, me, 40);
    const later = [row, ...Array.from({ length: 205 }, (_, at) => rowV2(eve, invitation, `number ${at}`, 100 + at))];
    for (const { contentTopic, timestampNs, message } of later)
      await publish(node, { contentTopic, timestampNs: String(timestampNs), message: bytesToBase64(message) });
    let queries = 0;
    node.faults.push(async (request) => {
      // In the middle of a conversation the worker dies; the page asks again.
      if (request.call === 'query' && ++queries === 4) await browser.killWorker();
      return undefined;
    });
    const vault = await atArchive();
    await pressOn(vault, 'gather-node');
    await byId(vault, 'gather', { 'data-phase': 'done', 'data-rows': String(rows.length + later.length) }).waitFor();
    expect(queries).toBeGreaterThanOrEqual(5);
    await pressOn(vault, 'archive-write');
    await pressOn(vault, 'archive-continue');
    await openAgain(vault);
    await typeInto(vault, 'passphrase-new', goodPassphrase);
    await typeInto(vault, 'passphrase-again', goodPassphrase);
    const download = vault.waitForEvent('download');
    await pressOn(vault, 'backup-protect');
    const saved = await download;
    const file = path.join(folder, 'messages.age');
    copyFileSync(await saved.path(), file);
    await pressOn(vault, 'archive-done');
    await pressOn(vault, 'archive-open');
    await byId(vault, 'archive-file').setInputFiles(file);
    await typeInto(vault, 'passphrase', goodPassphrase);
    await pressOn(vault, 'archive-open-submit');
    await byId(vault, 'reader', {
      'data-messages': String(rows.length + later.length - 2),
      'data-whole': 'true',
    }).waitFor();
    await expectAccessible(vault, 'an archive on our page');
    await typeInto(vault, 'reader-search', 'number 14');
    await byId(vault, 'reader-results', { 'data-count': '11' }).waitFor();
    expect(await byId(vault, 'reader-more').isVisible(), 'there is nothing more').toBe(false);
    for (let at = 0; at < ' 14'.length; at++) await vault.keyboard.press('Backspace');
    await byId(vault, 'reader-results', { 'data-count': '205' }).waitFor();
    expect(await byId(vault, 'reader-found').count()).toBe(200);
    await byId(vault, 'reader-more').press('Enter');
    await until(async () => (await byId(vault, 'reader-found').count()) === 205, 'the rest is shown');
    expect(await byId(vault, 'reader-more').isVisible(), 'there is nothing more').toBe(false);
    expect(await vault.evaluate(() => (window as { hit?: number }).hit)).toBeUndefined();
    await pressOn(vault, 'archive-close');
    await pressOn(vault, 'archive-remove');
    await pressOn(vault, 'archive-remove-confirm');
    await byId(vault, 'gather', { 'data-rows': '0' }).waitFor();
    expect(accountIn(me)).toBe(person.account.address);
    await vault.close();
  });
});
