// R-I3, R-I4 a hostile node before the built extension: looks, retrievals, publications, rotations, an unlock, and the pages themselves.
// Promises: every refusal is one reason that has words; bytes at rest stay the same; the wallet is asked once for each press and never
// by itself. The limits are the real ones. The thousands of cases are in src/background/network/hostile-node.test.ts. Must not: look at words.
import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import * as faults from '../demo/node/faults';
import { startNode, type TestNode } from '../demo/node/node';
import { testAccounts } from '../demo/wallet/accounts';
import type { NetworkLook, NetworkState } from '../src/contract/pages/network';
import type { RotationState } from '../src/contract/pages/rotation';
import type { EnrolmentState } from '../src/contract/pages/enrolment';
import { launchChromium, type Chromium } from './kit/chromium';
import type { ControlId } from './kit/controls';
import { detailsOf, enrolBy, personOf, publishAll, setNode } from './kit/flows';
import { internalClient, Refusal, stateThrough, testWallet, unlockThrough, type Internal } from './kit/internal';
import { byId, finishWithCode, until } from './kit/journey';
import { stockClientOf } from './kit/messaging';
import { contactTopic, copyTopic } from './kit/on-the-node';
import { everythingStored } from './kit/stores';

/** Ada's keys are on the node, made by the stock client; here she has a draft that is about to take them. Ben's keys are here and there. */
const [ada, ben] = [personOf(testAccounts()[0]!), personOf(testAccounts()[1]!)];
let node: TestNode;
/** Where redirects lead: nobody may come. */
let elsewhere: TestNode;
let visits = 0;
let browser: Chromium;
let onboarding: Internal;
let vault: Internal;
let draft: EnrolmentState;
let honest: NetworkLook;
let benId: string;

beforeAll(async () => {
  [node, elsewhere, browser] = await Promise.all([startNode(), startNode(), launchChromium()]);
  elsewhere.faults.push(() => void visits++);
  [onboarding, vault] = [await internalClient(browser, 'onboarding'), await internalClient(browser, 'vault')];
  await setNode(vault, node.url);
  await stockClientOf(ada, node.url);
  benId = (await enrolBy(onboarding, ben)).safeId;
  await publishAll(vault, ben, benId);
  const { safeId, text } = await onboarding.call<EnrolmentState>('enrol_begin', {
    account: ada.account.address,
    wallet: testWallet,
    name: 'Ada',
    source: 'network',
    first: 'wallet',
  });
  draft = await onboarding.call<EnrolmentState>('enrol_unlockSignature', { safeId, signature: ada.sign(text!) });
  expect(draft.step).toBe('retrieve');
  honest = await onboarding.call<NetworkLook>('network_look', { account: ada.account.address });
  expect(honest.copies).toHaveLength(1);
});
afterEach(() => {
  node.faults.length = 0;
});
afterAll(async () => {
  await browser?.close();
  await Promise.all([node?.close(), elsewhere?.close()]);
});

const stored = async () => {
  const { database, local } = await everythingStored(browser, vault.page);
  return { database, local };
};
const prompts = async () => (await browser.walletLog()).filter(({ method }) => method === 'personal_sign').length;
const newestOf = (topic: string) => node.stored(topic).at(-1)!.message;
const lookForAda = () => onboarding.call<NetworkLook>('network_look', { account: ada.account.address });
const retrieve = () =>
  onboarding.call<EnrolmentState>('enrol_retrieve', {
    safeId: draft.safeId,
    copyId: honest.copies[0]!.copyId,
    signature: ada.sign(honest.copies[0]!.text),
  });

async function reasonOf(act: Promise<unknown>): Promise<string> {
  try {
    await act;
    return 'none';
  } catch (error) {
    if (error instanceof Refusal) return error.reason;
    throw error;
  }
}

/** Runs it; nothing at rest may differ afterwards, and no wallet may have been asked. */
async function changesNothing<T>(act: () => Promise<T>): Promise<T> {
  const [before, asked] = [await stored(), await prompts()];
  const result = await act();
  expect(await stored()).toEqual(before);
  expect(await prompts()).toBe(asked);
  return result;
}

const onReads = (fault: faults.Fault) => faults.onCalls(['query', 'batch-query'], fault);
const flip = (topicStart: string) =>
  faults.rewriteQueries(({ envelopes }) => {
    for (const row of envelopes) {
      const bytes = Buffer.from(row.message, 'base64');
      if (row.contentTopic.startsWith(topicStart)) bytes[bytes.length - 1]! ^= 1;
      row.message = bytes.toString('base64');
    }
  });

/** What the node does, and the reasons a look and a retrieval are refused for. */
const cases: [string, () => faults.Fault, string, string][] = [
  ['garbage', () => faults.answerGarbage(Uint8Array.of(0xff, 0, 0x7b)), 'bad-answer', 'bad-answer'],
  [
    'a page of HTML',
    () => faults.answerGarbage('<!doctype html><script>alert(1)</script>'),
    'bad-answer',
    'bad-answer',
  ],
  [
    'JSON of another shape',
    () => faults.answerGarbage('{"envelopes":[{"contentTopic":{},"timestampNs":1}]}'),
    'bad-answer',
    'bad-answer',
  ],
  ['an answer that breaks off', () => faults.truncateAfter(60), 'unreachable', 'unreachable'],
  [
    'an answer that ends too soon',
    () => async (request) => ({ body: (await request.honest())!.body.slice(0, 60) }),
    'bad-answer',
    'bad-answer',
  ],
  ['a connection that is cut', () => faults.hangUp(), 'unreachable', 'unreachable'],
  [
    'a body without an end',
    () => faults.answerEndlessly('{"envelopes":[', ' '.repeat(65_536)),
    'bad-answer',
    'bad-answer',
  ],
  ...(
    [
      [400, 3],
      [401, 16],
      [403, 7],
      [404, 5],
      [429, 8],
      [500, 13],
      [503, 14],
    ] as const
  ).map(([status, code]): [string, () => faults.Fault, string, string] => [
    `a status ${status}`,
    () => faults.failWith(status, code),
    'refused-by-node',
    'refused-by-node',
  ]),
  ['a redirect', () => faults.redirectTo(`${elsewhere.url}/message/v1/query`), 'bad-answer', 'bad-answer'],
  [
    'a permanent redirect',
    () => faults.redirectTo(`${elsewhere.url}/message/v1/query`, 308),
    'bad-answer',
    'bad-answer',
  ],
  ['a cursor that goes nowhere', () => faults.lieAboutCursors(), 'bad-answer', 'bad-answer'],
  [
    'rows of another topic',
    () =>
      faults.rewriteQueries(({ envelopes }) =>
        envelopes.forEach((row) => (row.contentTopic = copyTopic(ben.account.address))),
      ),
    'bad-answer',
    'bad-answer',
  ],
  [
    'times beyond all numbers',
    () => faults.rewriteQueries(({ envelopes }) => envelopes.forEach((row) => (row.timestampNs = String(2n ** 64n)))),
    'bad-answer',
    'bad-answer',
  ],
  [
    "another account's bundle",
    () => faults.replacePayloads('/xmtp/0/privatestore-', newestOf(copyTopic(ben.account.address))),
    'none',
    'stale',
  ],
  ['a bundle with one bit changed', () => flip('/xmtp/0/privatestore-'), 'none', 'unusable-copy'],
  [
    'a bundle that is cut',
    () => faults.replacePayloads('/xmtp/0/privatestore-', newestOf(copyTopic(ada.account.address)).slice(0, 90)),
    'none',
    'stale',
  ],
  [
    'nothing at all',
    () => faults.rewriteQueries((response) => ((response.envelopes = []), (response.pagingInfo.cursor = null))),
    'none',
    'stale',
  ],
];

describe.sequential('R-I3 a hostile node', () => {
  test.each(cases)(
    '%s: the person is told, nothing is changed, nobody is asked to sign',
    async (_, fault, lookReason, retrieveReason) => {
      node.faults.push(onReads(fault()));
      expect(await changesNothing(() => reasonOf(lookForAda()))).toBe(lookReason);
      expect(await changesNothing(() => reasonOf(retrieve()))).toBe(retrieveReason);
      expect(await onboarding.call('enrol_get', { safeId: draft.safeId })).toEqual(draft);
      expect(visits).toBe(0);
      node.faults.length = 0;
      expect(await lookForAda()).toEqual(honest);
    },
  );

  test('one that answers a byte at a time is left', async () => {
    node.faults.push(onReads(faults.dripSlowly(1, 250)));
    expect(await changesNothing(() => reasonOf(lookForAda()))).toBe('unreachable');
  });

  test('a contact of another account does not count, envelopes sent twice and dates of the future are no copies more', async () => {
    node.faults.push(faults.replacePayloads('/xmtp/0/contact-', newestOf(contactTopic(ben.account.address))));
    expect(await changesNothing(lookForAda)).toEqual({ ...honest, contact: null });
    node.faults.splice(0, 1, faults.duplicateEnvelopes(), faults.futureDate('/xmtp/0/', 10n ** 18n));
    const look = await changesNothing(lookForAda);
    expect(look.copies.map(({ copyId }) => copyId)).toEqual(honest.copies.map(({ copyId }) => copyId));
  });

  test('R-I4 what publishing cannot see it does not replace, and what it replaces it dates later', async () => {
    const details = await detailsOf(vault, benId);
    const before = node.publishCount();
    for (const fault of [
      faults.answerGarbage('{}'),
      faults.lieAboutCursors(),
      faults.failWith(503, 14),
      faults.hangUp(),
    ]) {
      node.faults.splice(0, Infinity, onReads(fault));
      expect(await changesNothing(() => reasonOf(vault.call('network_publishContact', { safeId: benId })))).not.toBe(
        'none',
      );
    }
    expect(node.publishCount()).toBe(before);
    node.faults.splice(
      0,
      Infinity,
      faults.onCalls(['publish'], faults.redirectTo(`${elsewhere.url}/message/v1/publish`)),
      faults.rewriteQueries(({ envelopes }) => void envelopes.splice(0)),
    );
    expect(await changesNothing(() => reasonOf(vault.call('network_publishContact', { safeId: benId })))).toBe(
      'bad-answer',
    );
    expect([node.publishCount(), visits]).toEqual([before, 0]);
    expect(await detailsOf(vault, benId)).toEqual(details);
  });

  test.each<[string, () => faults.Fault, string]>([
    ['takes nothing', () => faults.onCalls(['publish'], faults.answerGarbage('{}')), 'bad-answer'],
    ['refuses', () => faults.onCalls(['publish'], faults.failWith(403, 7)), 'refused-by-node'],
    ['forgets what it had', () => faults.rewriteQueries((response) => void response.envelopes.splice(0)), 'bad-answer'],
    ['has an older copy only', () => faults.withholdNewest('/xmtp/0/privatestore-'), 'bad-answer'],
    [
      'has the copy of another account',
      () => faults.replacePayloads('/xmtp/0/privatestore-', newestOf(copyTopic(ada.account.address))),
      'needs-confirmation',
    ],
  ])(
    'a rotation at a node that %s stays pending with its reason, and ends at an honest one',
    async (_, fault, reason) => {
      const known = (await detailsOf(vault, benId)).prekeys.map(({ publicKeyHex }) => publicKeyHex);
      node.faults.push(fault());
      expect(await reasonOf(vault.call('rotation_run', { safeId: benId }))).toBe(reason);
      expect((await vault.call<RotationState>('rotation_get', { safeId: benId })).pending).toMatchObject({ reason });
      node.faults.length = 0;
      expect((await vault.call<RotationState>('rotation_run', { safeId: benId })).pending).toBeNull();
      expect((await detailsOf(vault, benId)).prekeys.slice(1).map(({ publicKeyHex }) => publicKeyHex)).toEqual(known);
      expect(await prompts()).toBe(0);
    },
  );

  test('an unlock before a hostile node opens the identity, and says nothing that is not so', async () => {
    const unlock = await internalClient(browser, 'unlock');
    let asked = 0;
    node.faults.push((request) => {
      asked++;
      return faults.replacePayloads('/xmtp/0/contact-', newestOf(contactTopic(ada.account.address)))(request);
    });
    await vault.call('lock_now', { safeId: benId });
    const published = node.publishCount();
    await unlockThrough(unlock, benId);
    await until(() => asked > 0, 'the look at the own contact');
    // What is read for one identity is saved in turn: behind the look.
    await vault.call('network_readHistory', { safeId: benId, cursor: null });
    expect((await stateThrough(vault)).identities.find(({ safeId }) => safeId === benId)?.status).toBe('unlocked');
    expect((await vault.call<NetworkState>('network_state', { safeId: benId })).notice).toBeNull();
    expect([node.publishCount(), await prompts()]).toEqual([published, 0]);
  });
});

describe.sequential('R-I3 the pages before a hostile node', () => {
  let page: Page;
  const failure = (reason: string) => byId(page, 'failure', { 'data-reason': reason }).first();
  const press = (id: ControlId) => byId(page, id).first().click();
  async function openDraft(): Promise<void> {
    for (const open of browser.pagesWith('/onboarding/')) await open.close();
    page = await browser.ownPage('onboarding');
    await press('onboarding-continue');
    await byId(page, 'onboarding', { 'data-step': 'retrieve' }).waitFor();
  }

  test('say what failed, each time it is tried again, without asking the wallet', async () => {
    await browser.wallet({ accountIndex: 0 });
    node.faults.push(onReads(faults.answerGarbage('garbage')));
    await openDraft();
    await failure('bad-answer').waitFor();
    node.faults.splice(0, 1, onReads(faults.failWith(403, 7)));
    await press('failure-retry');
    await failure('refused-by-node').waitFor();
    node.faults.splice(0, 1, onReads(faults.hangUp()));
    await press('failure-retry');
    await failure('unreachable').waitFor();
    expect(await prompts()).toBe(0);
  });

  test('ask the wallet once for each press, say that the copy cannot be used, and take it when it can', async () => {
    await openDraft();
    await byId(page, 'wallet-sign').waitFor();
    node.faults.push(flip('/xmtp/0/privatestore-'));
    for (const count of [1, 2]) {
      const before = await stored();
      await press('wallet-sign');
      await failure('unusable-copy').waitFor();
      expect(await prompts()).toBe(count);
      expect(await stored()).toEqual(before);
    }
    // Neither a new worker nor a new page asks by itself.
    await browser.killWorker();
    await openDraft();
    await byId(page, 'wallet-sign').waitFor();
    expect(await prompts()).toBe(2);
    node.faults.length = 0;
    await press('wallet-sign');
    // The second signature of the unlock text follows by itself, then the code.
    await byId(page, 'code-groups').waitFor();
    await finishWithCode(page);
    expect(await prompts()).toBe(4);
    const { safeId } = (await stateThrough(vault)).identities.find(({ account }) => account === ada.account.address)!;
    expect((await detailsOf(vault, safeId)).identityKeyHex).toBe(honest.contact!.identityKeyHex);
  });

  test('nothing was uncaught, and nobody went where a redirect led', () => {
    expect(browser.console.filter(({ text }) => /uncaught/i.test(text))).toEqual([]);
    expect(visits).toBe(0);
  });
});
