// What it costs a person to begin: presses, fields, wallet prompts and approval windows, counted in the built extension and held against the
// table of README.
// Counted: each press on our pages, in the wallet's own window, in the approval window, and on the two buttons of the site; each field that
// is typed into. A press that a step could be left without is counted all the same ("Later" at the end). Not counted: installing, going to
// another tab, and the browser's own question whether the extension may reach the node, which it asks once for each host.
// Must not: use the keyboard's Enter, or a call of the worker, in place of a press that is counted.
import { readFileSync } from 'node:fs';
import type { Locator, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startNode, type TestNode } from '../demo/node/node';
import { testAccounts } from '../demo/wallet/accounts';
import { launchChromium, walletId, type Chromium } from './kit/chromium';
import type { ControlId } from './kit/controls';
import { approvalWindow, byId, lastPress, serveSite, until, typedGroups, type Site } from './kit/journey';
import { contactOn } from './kit/on-the-node';

interface Cost {
  presses: number;
  fields: number;
  prompts: number;
  windows: number;
}

/** The rows of README's table, by goal. */
function told(): Map<string, Cost> {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, table = ''] = readme.split('| to reach | presses | fields | wallet prompts | approval windows |\n');
  const rows = table.split('\n\n')[0]!.split('\n').slice(1);
  return new Map(
    rows.map((row) => {
      const [goal = '', presses, fields, prompts, windows] = row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
      return [
        goal,
        { presses: Number(presses), fields: Number(fields), prompts: Number(prompts), windows: Number(windows) },
      ];
    }),
  );
}

const { address } = testAccounts()[0]!;
const page = `<!doctype html><title>site</title><button id="connect">Connect</button><button id="sign">Sign</button><p id="said"></p>
<script>
  const say = (answer) => { document.getElementById('said').textContent = answer; };
  const ask = (method, params) => prekeyVault.request({ method, params });
  document.getElementById('connect').onclick = () =>
    ask('vault_connect', { capabilities: ['identity', 'sign'] }).then(() => say('connected'), (error) => say(error.message));
  document.getElementById('sign').onclick = () =>
    ask('vault_sign', { payload: new TextEncoder().encode('hello'), purpose: 'Log in' }).then(() => say('signed'), (error) => say(error.message));
</script>`;

let node: TestNode;
let site: Site;
const browsers: Chromium[] = [];
beforeAll(async () => {
  [node, site] = await Promise.all([startNode(), serveSite({ '/': page })]);
});
afterAll(async () => {
  await Promise.all(browsers.map((browser) => browser.close()));
  await node?.close();
  await site?.close();
});

/** A person in a new browser, whose acts are counted. */
async function person() {
  const browser = await launchChromium();
  browsers.push(browser);
  // The wallet asks in its own window, as MetaMask does, and offers one account.
  await browser.wallet({ auto: false, accountIndex: 0 });
  const cost: Cost = { presses: 0, fields: 0, prompts: 0, windows: 0 };
  // The extension opened it when it was installed.
  const own = await browser.nextPage('/onboarding/');
  const press = async (what: Locator) => {
    cost.presses += 1;
    await lastPress(what.click());
  };
  return {
    browser,
    cost,
    own,
    press,
    pressOwn: (id: ControlId) => press(byId(own, id)),
    async type(field: ControlId, text: string) {
      cost.fields += 1;
      await byId(own, field).fill(text);
    },
    async allowInWallet(times = 1) {
      for (let count = 0; count < times; count++) {
        const prompt = await browser.nextPage(`${walletId}/approval.html`);
        cost.prompts += 1;
        await press(prompt.locator('#approve'));
        await until(() => prompt.isClosed(), 'the wallet has closed its window');
      }
    },
    async approve() {
      const window = await approvalWindow(browser);
      cost.windows += 1;
      await window.bringToFront();
      const button = byId(window, 'approval-approve').and(window.locator('[data-armed="true"]'));
      // A card that is longer than the window is read to its end: the wheel is no press.
      await byId(window, 'approval').hover();
      await until(async () => {
        await window.mouse.wheel(0, 200);
        return (await button.count()) > 0;
      }, 'the card was read and its button counts');
      await press(button);
      await until(() => window.isClosed(), 'the approval window has closed');
    },
  };
}
type Person = Awaited<ReturnType<typeof person>>;

async function chooseNode({ type, pressOwn }: Person): Promise<void> {
  await type('network-address', node.url);
  await pressOwn('network-use');
}

/** Wallet and account; then all signatures after one press. */
async function throughWallet({ own, pressOwn, allowInWallet }: Person, found?: ControlId): Promise<void> {
  await byId(own, `wallet-${walletId}`).and(own.locator(':checked')).waitFor();
  await pressOwn('wallet-continue');
  await allowInWallet();
  await pressOwn('account-continue');
  if (found) await pressOwn(found);
  await pressOwn('wallet-sign');
  await allowInWallet(3);
}

async function throughCode({ own, pressOwn, type }: Person): Promise<void> {
  await byId(own, 'code-groups').locator('li').nth(7).waitFor();
  const shown = await byId(own, 'code-groups').locator('.group').allInnerTexts();
  await pressOwn('code-written');
  for (const [at, group] of (await typedGroups(own)).entries())
    await type(at === 0 ? 'code-typed-1' : 'code-typed-2', shown[group]!);
  await byId(own, 'onboarding-ready').waitFor();
}

/** From the end of onboarding to a signature in the hands of a site. */
async function firstSignature({ browser, press, approve }: Person): Promise<void> {
  const dapp: Page = await browser.context.newPage();
  await dapp.goto(site.origin);
  await dapp.waitForFunction(() => 'prekeyVault' in window);
  await press(dapp.locator('#connect'));
  await approve();
  await dapp.getByText('connected', { exact: true }).waitFor();
  await press(dapp.locator('#sign'));
  await approve();
  await dapp.getByText('signed', { exact: true }).waitFor();
}

describe.sequential('what it costs to begin, as README tells it', () => {
  const costs = told();

  test('README has a row for each goal that is counted here', () => {
    expect([...costs.keys()]).toEqual([
      'a first signature, keys in this browser only',
      'the same, and others can write to you',
      'the same keys in a second browser, from the network copy',
    ]);
  });

  test('a first signature, keys in this browser only: at most 14 presses', async () => {
    const ada = await person();
    await ada.pressOwn('way-alone');
    await throughWallet(ada);
    await throughCode(ada);
    await ada.pressOwn('ready-close');
    await firstSignature(ada);
    expect(ada.cost).toEqual(costs.get('a first signature, keys in this browser only'));
    expect(ada.cost.presses).toBeLessThanOrEqual(14);
  });

  test('the same, and others can write to you: at most 16 presses; a second browser: at most 12', async () => {
    const ada = await person();
    await ada.pressOwn('way-new');
    await chooseNode(ada);
    await throughWallet(ada);
    await throughCode(ada);
    await ada.pressOwn('contact-publish');
    await byId(ada.own, 'contact', { 'data-published': 'true' }).waitFor();
    expect(contactOn(node, address)?.version).toBe(2);
    await ada.pressOwn('ready-close');
    await firstSignature(ada);
    expect(ada.cost).toEqual(costs.get('the same, and others can write to you'));
    expect(ada.cost.presses).toBeLessThanOrEqual(16);

    // The network copy is a wish of its own; it is made here and not counted.
    await ada.browser.wallet({ auto: true });
    const vault = await ada.browser.ownPage('vault');
    for (const id of ['identity-network', 'copy-begin', 'copy-agree', 'copy-continue', 'wallet-sign'] as const)
      await byId(vault, id).first().click();
    await byId(vault, 'network-copy', { 'data-stage': 'prove' }).waitFor();
    await byId(vault, 'wallet-sign').click();
    await byId(vault, 'network-copy', { 'data-stage': 'saved' }).waitFor();

    const away = await person();
    await away.pressOwn('way-network');
    await chooseNode(away);
    await throughWallet(away, 'found-bring');
    await throughCode(away);
    await away.pressOwn('ready-close');
    expect(away.cost).toEqual(costs.get('the same keys in a second browser, from the network copy'));
    expect(away.cost.presses).toBeLessThanOrEqual(12);
  });
});
