// The worker dies at every step of an enrolment whose keys come from outside, or that begins with a passphrase (P3, P4, R-I5).
// Promises: labels are collected from full runs; after each death the page goes on, and the identity that comes of it has exactly the
// keys and conversations of its source. Must not: test again what kill.test.ts does with new keys.
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { EnrolmentState } from '../../contract/pages/enrolment';
import { bytesToHex } from '../../protocol/base/bytes';
import { encodePreferenceAction } from '../../protocol/messages/preference-action';
import {
  backupFileOf,
  backupOf,
  bundleFor,
  conversationsOf,
  copyOf,
  copyText,
  filePassphrase,
} from '../testkit/copies.testkit';
import type { EnrolmentPlan } from '../safe/header';
import type { PageMemory, TestBrowser } from '../testkit/vault.testkit';
import {
  createTestBrowser,
  createTestWallet,
  drawnSecrets,
  everythingStored,
  freezeAt,
  holdsSecret,
  inStore,
  signRequest,
  unlockWithWallet,
} from '../testkit/vault.testkit';
import type { Vault } from '../vault';

vi.mock('@noble/hashes/scrypt.js', () => import('../../protocol/testkit/cheap-scrypt.testkit'));

const wallet = createTestWallet();
const bundle = bundleFor(wallet, 'ada', 2);
const conversations = conversationsOf(6);
const v1Peers = conversationsOf(9)
  .slice(6)
  .map(({ reference }) => reference);
const preferences = [{ key: '5', action: encodePreferenceAction({ kind: 'denyAddress', values: ['0x1'] }) }];
const passphrase = 'violet harbour 1938 sextant';
let file = new Uint8Array(0);
const files = backupFileOf(
  backupOf(wallet, bundle, {
    conversations,
    v1Peers,
    preferences,
    settings: { autoLockMinutes: 30, theme: 'dark', rotationDays: 7 },
  }),
);
beforeAll(async () => {
  file = new Uint8Array(await files);
});

async function take(vault: Vault, state: EnrolmentState): Promise<EnrolmentState> {
  const { safeId, step, text, locked } = state;
  const signature = wallet.sign(text ?? '');
  if (step === 'passphrase' || (locked && state.first === 'passphrase'))
    return vault.enrolment.passphrase({ safeId, passphrase });
  if (locked || step === 'unlock-1') return vault.enrolment.unlockSignature({ safeId, signature });
  if (step === 'retrieve')
    return vault.enrolment.retrieve({
      safeId,
      envelopes: [copyOf(wallet, bundle)],
      signature: wallet.sign(copyText()),
    });
  if (step === 'import')
    return vault.enrolment.importFile({
      safeId,
      file: new Uint8Array(await files),
      secret: { kind: 'passphrase', passphrase: filePassphrase },
    });
  if (step === 'identity') return vault.enrolment.identitySignature({ safeId, signature });
  return vault.enrolment.confirmUnlockSignature({ safeId, signature });
}

const begin = (vault: Vault, plan: EnrolmentPlan) =>
  vault.enrolment.begin({ account: wallet.account, wallet: { kind: 'manual' }, name: 'Ada', ...plan });

async function enrolAs(vault: Vault, plan: EnrolmentPlan, memory: PageMemory): Promise<string> {
  let state = await begin(vault, plan);
  while (state.step !== 'code' || state.locked) state = await take(vault, state);
  const { safeId } = state;
  const { code, ask } = await vault.enrolment.createRecoveryCode({ safeId });
  memory.code = code;
  await vault.enrolment.finish({ safeId, code, typed: ask.map((group) => code.split('-')[group] ?? '') });
  return safeId;
}

interface Flow {
  name: string;
  plan: EnrolmentPlan;
  /** What of a full run is looked at. */
  labels: RegExp;
  prepare?(browser: TestBrowser): Promise<void>;
  brings: 'conversations' | 'keys' | 'nothing';
}

const flows: Flow[] = [
  { name: 'retrieve', plan: { source: 'network', first: 'wallet' }, labels: /^enrol\.seal-/, brings: 'keys' },
  {
    name: 'import',
    plan: { source: 'backup', first: 'wallet' },
    labels: /^(enrol\.seal-|import|conversations|peers|preferences|settings)/,
    brings: 'conversations',
  },
  {
    name: 'begin with a passphrase',
    plan: { source: 'network', first: 'passphrase' },
    labels: /^enrol\.(seal-keys|store).*:after$/,
    brings: 'keys',
  },
  {
    name: 'choose the network instead of new keys',
    plan: { source: 'network', first: 'wallet' },
    labels: /^(enrol\.replan|import)/,
    prepare: async (browser) =>
      void (await take(browser.startWorker(), await begin(browser.startWorker(), { source: 'new', first: 'wallet' }))),
    brings: 'keys',
  },
  {
    name: 'choose new keys after a file was half imported',
    plan: { source: 'new', first: 'wallet' },
    labels: /^(enrol\.replan|import)/,
    async prepare(browser) {
      const state = await take(
        browser.startWorker(),
        await begin(browser.startWorker(), { source: 'backup', first: 'wallet' }),
      );
      const { checkpoint, reached } = freezeAt('peers.add:after');
      await Promise.race([reached, take(browser.startWorker({ checkpoint }), state)]);
    },
    brings: 'nothing',
  },
  {
    name: 'begin a locked draft anew',
    plan: { source: 'backup', first: 'wallet' },
    labels: /^enrol\.anew/,
    async prepare(browser) {
      await take(browser.startWorker(), await begin(browser.startWorker(), { source: 'new', first: 'wallet' }));
      await browser.restart();
    },
    brings: 'conversations',
  },
];

async function labelsOf(flow: Flow): Promise<string[]> {
  const browser = createTestBrowser();
  await flow.prepare?.(browser);
  browser.labels.length = 0;
  await enrolAs(browser.startWorker(), flow.plan, {});
  return [...new Set(browser.labels)].filter((label) => flow.labels.test(label));
}

/** The identity has what its source gave, nothing less and nothing more. */
async function expectContent(browser: TestBrowser, vault: Vault, safeId: string, { brings }: Flow): Promise<void> {
  const { identityKeyHex, prekeys: preKeys } = await vault.identity.details({ safeId });
  const isFromOutside = identityKeyHex === bytesToHex(bundle.identityKey.publicKey.publicKey);
  expect(isFromOutside).toBe(brings !== 'nothing');
  expect(preKeys).toHaveLength(brings === 'nothing' ? 1 : 2);
  const entries = (await inStore(browser.host.databaseName, 'entries', (store) => store.getAll())) as {
    list: string;
  }[];
  const counts = (['conversations', 'peers', 'preferences'] as const).map(
    (list) => entries.filter((entry) => entry.list === list).length,
  );
  expect(counts).toEqual(brings === 'conversations' ? [6, 3, 1] : [0, 0, 0]);
  const types = (
    (await inStore(browser.host.databaseName, 'records', (store) => store.getAll())) as { type: string }[]
  ).map(({ type }) => type);
  expect(types.filter((type) => type.startsWith('draft'))).toEqual([]);
  expect(types.includes('origin')).toBe(brings !== 'nothing');
}

for (const flow of flows) {
  for (const label of await labelsOf(flow)) {
    describe(`P3 ${flow.name}, killed at ${label}`, () => {
      // What lies in the stores before a step is what lay there after the step before: so every state meets both deaths.
      const died = label.endsWith(':after') ? 'worker' : 'browser';
      it(`goes on to the whole identity after a restart of the ${died}`, async () => {
        expect(file.length).toBeGreaterThan(0);
        const browser = createTestBrowser();
        await flow.prepare?.(browser);
        const { checkpoint, reached } = freezeAt(label);
        const outcome = await Promise.race([reached, enrolAs(browser.startWorker({ checkpoint }), flow.plan, {})]);
        expect(outcome).toBe('frozen');
        const vault = died === 'worker' ? browser.startWorker() : await browser.restart();
        const { status, identities } = await vault.state();
        expect(['empty', 'enrolling']).toContain(status);
        expect(identities.length).toBeLessThanOrEqual(1);
        const stored = await everythingStored(browser, { session: true });
        const secrets = [bundle.identityKey, ...bundle.preKeys].map(({ privateKey }) => privateKey);
        for (const secret of [
          ...secrets,
          ...conversations.map(({ topicSecret }) => topicSecret),
          ...drawnSecrets(browser, stored),
        ]) {
          expect(holdsSecret(stored, secret)).toBe(false);
        }
        const memory: PageMemory = {};
        const safeId = await enrolAs(vault, flow.plan, memory);
        await expectContent(browser, vault, safeId, flow);
        await vault.lock();
        if (flow.plan.first === 'wallet') await unlockWithWallet(vault, safeId, wallet);
        else await vault.unlock.withPassphrase({ safeId, passphrase });
        await vault.lock();
        await vault.unlock.withRecoveryCode({ safeId, code: memory.code ?? '' });
        await expect(vault.keys.sign(safeId, signRequest)).resolves.toBeDefined();
      });
    });
  }
}

describe('R-I5 until the keys are sealed', () => {
  it('nothing of an import can be used, and another file of the account replaces it as a whole', async () => {
    const browser = createTestBrowser();
    const plan = { source: 'backup', first: 'wallet' } as const;
    const { checkpoint, reached } = freezeAt('preferences.add:after');
    await Promise.race([reached, enrolAs(browser.startWorker({ checkpoint }), plan, {})]);
    const vault = browser.startWorker();
    const { safeId } = await begin(vault, plan);
    await expect(vault.keys.sign(safeId, signRequest)).rejects.toMatchObject({ reason: 'wrong-step' });
    const other = await backupFileOf(backupOf(wallet, bundle, { conversations: conversationsOf(2) }));
    await vault.enrolment.importFile({
      safeId,
      file: other,
      secret: { kind: 'passphrase', passphrase: filePassphrase },
    });
    const entries = (await inStore(browser.host.databaseName, 'entries', (store) => store.getAll())) as {
      list: string;
    }[];
    expect(entries.map(({ list }) => list)).toEqual(['conversations', 'conversations']);
  });
});
