// R-I3, R-I4 a hostile node, 2,000 times when it runs whole: whatever it answers, the safe keeps its bytes, the person is told one reason, and nothing goes on for ever.
// The flows, the vault, the client and the node are the real ones; only the limits of time and size are shorter.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TestNode } from '../../../demo/node/node';
import { startNode } from '../../../demo/node/node';
import { publish } from '../../../demo/node/node.testkit';
import { VaultError } from '../../contract/errors';
import { copyDefects } from '../../contract/choices';
import type { HistoryPage, NetworkLook, NetworkState } from '../../contract/pages/network';
import type { RotationState } from '../../contract/pages/rotation';
import type { EnrolmentState } from '../../contract/pages/enrolment';
import { decodeSignedPublicKeyBundle, encodePrivateKeyBundle } from '../../protocol/keys/bundles';
import { bytesToHex, hexToBytes } from '../../protocol/base/bytes';
import { encodeContactBundle } from '../../protocol/keys/contact-bundle';
import { encodeEncryptedPrivateKeyBundle } from '../../protocol/keys/encrypted-bundle';
import { sealWith } from '../../protocol/keys/seal';
import { inviteTopic } from '../../protocol/messages/topics';
import { ownTopics } from '../../vault/publication/contacts';
import { bundleFor, copyOf } from '../../vault/testkit/copies.testkit';
import { invitation } from '../../vault/testkit/keystore-requests.testkit';
import { testStartMs } from '../../vault/testkit/memory-host.testkit';
import { createTestBrowser, createTestWallet, inStore, type TestBrowser } from '../../vault/testkit/vault.testkit';
import type { Vault } from '../../vault/vault';
import { note, seedOf, sizeOf } from '../../../scripts/campaign/size';
import {
  flowBrowser,
  flowsOf,
  freshWallet,
  publishAll,
  setEnvironment,
  type FlowBrowser,
  type Flows,
} from '../testkit/flows.testkit';
import { hostileCases, type HostileKnowledge } from '../testkit/hostile-node.testkit';

const CASES = sizeOf('hostile-node', 'cases');
/** Cases that one world lives through. */
const CASES_OF_WORLD = 100;
const WORLDS = CASES / CASES_OF_WORLD;
const ANSWER_BYTES = 256 * 1024;
/** What lies in the buffers between the two when the client leaves. */
const BUFFERED_BYTES = 16 * 1024 * 1024;
const INVITATIONS = 12;
const limits = { requestMs: 150, answerBytes: ANSWER_BYTES, attempts: 2 } as const;
/** The reasons a person may be given for what a node did; each has its sentence. */
const reasons = ['unreachable', 'refused-by-node', 'bad-answer', 'unusable-copy', 'stale', 'needs-confirmation'];

/** A second browser of the same account that is about to take its keys from the network. */
interface Draft {
  readonly browser: TestBrowser;
  readonly vault: Vault;
  readonly flows: Flows;
  readonly state: EnrolmentState;
}

interface World {
  readonly net: TestNode;
  readonly owner: FlowBrowser;
  /** The owner's flows with the limits of every day: a node that is honest again is not late on a slow machine. */
  readonly patient: Flows;
  readonly identityKeyHex: string;
  readonly knowledge: HostileKnowledge;
  draft: Draft;
  endlessBytes: number;
}

const flowNames = [
  'check',
  'look',
  'look',
  'retrieve',
  'retrieve',
  'retrieve',
  'publishContact',
  'publishCopy',
  'confirmCopy',
  'history',
  'history',
  'watch',
  'watch',
  'rotate',
] as const;
type FlowName = (typeof flowNames)[number];

const cases = fc.sample(fc.tuple(fc.constantFrom(...flowNames), hostileCases), { seed: seedOf(4), numRuns: CASES });

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.net.close());

describe('R-I3 R-I4 a hostile node', () => {
  it.each(Array.from({ length: WORLDS }, (_, at) => at))(
    'leaves the safe as it was and says why: part %i',
    async (part) => {
      const first = part * CASES_OF_WORLD;
      for (const [at, [flow, hostile]] of cases.slice(first, first + CASES_OF_WORLD).entries()) {
        world.net.faults.splice(0, Infinity, hostile.arm(world.knowledge));
        try {
          await flows[flow](world);
        } catch (error) {
          throw new Error(`case ${first + at}: ${flow}, node ${hostile.title}`, { cause: error });
        }
      }
      world.net.faults.length = 0;
      await expectEverythingIsThere(world);
      note('hostile-node', 'cases', CASES_OF_WORLD);
    },
  );

  it('holds no memory: what was sent without an end is read up to the bound, and all of it is gone afterwards', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const endlessly = fc
      .sample(hostileCases, { seed: 5, numRuns: 3000 })
      .filter(({ title }) => /never end|without an end|too large|rows/.test(title))
      .slice(0, 60);
    expect(endlessly.length).toBe(60);
    collect();
    const beforeBytes = process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
    for (const hostile of endlessly) {
      world.net.faults.splice(0, Infinity, hostile.arm(world.knowledge));
      world.endlessBytes = 0;
      await flows.look(world);
      expect(world.endlessBytes).toBeLessThan(BUFFERED_BYTES);
    }
    collect();
    expect(process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers - beforeBytes).toBeLessThan(
      32 * 1024 * 1024,
    );
  });
});

const flows: Record<FlowName, (world: World) => Promise<void>> = {
  async check({ owner, net }) {
    await unchanged(owner, () => owner.flows.handlers.network_check({ name: 'custom', url: net.url }));
  },

  async look({ draft, owner, identityKeyHex }) {
    const look = await unchanged(
      draft.browser,
      () => draft.flows.handlers.network_look({ account: owner.wallet.account }) as Promise<NetworkLook>,
      'always',
    );
    // Only what the account itself has signed counts.
    if (look?.contact) expect(look.contact.identityKeyHex).toBe(identityKeyHex);
    for (const copy of look?.copies ?? [])
      expect(copy.text).toMatch(
        /^XMTP : Enable Identity\n[0-9a-f]{64}\n\nFor more info: https:\/\/xmtp.org\/signatures\/$/,
      );
  },

  async retrieve(here) {
    const { draft, owner, identityKeyHex } = here;
    const { safeId } = draft.state;
    const { copyId, text } = await ownCopy(owner);
    const signature = owner.wallet.sign(text);
    const state = await unchanged(
      draft.browser,
      () => draft.flows.handlers.enrol_retrieve({ safeId, copyId, signature }) as Promise<EnrolmentState>,
    );
    expect(signature.every((byte) => byte === 0)).toBe(true);
    if (!state) {
      // The same step, with nothing new to sign: the page asks when the person does.
      expect(await draft.vault.enrolment.get({ safeId })).toEqual(draft.state);
      return;
    }
    expect(state.step).toBe('unlock-2');
    const taken = await finished(draft, owner);
    expect(taken.identityKeyHex).toBe(identityKeyHex);
    const owned = (await owner.vault.identity.details({ safeId: owner.safeId })).prekeys.map(
      ({ publicKeyHex }) => publicKeyHex,
    );
    for (const { publicKeyHex } of taken.prekeys) expect(owned).toContain(publicKeyHex);
    here.draft = await createDraft(here.net, owner);
  },

  async publishContact({ owner }) {
    await keysStay(owner, () => owner.flows.handlers.network_publishContact({ safeId: owner.safeId }));
  },

  async publishCopy({ owner, net }) {
    const { text } = (await owner.flows.handlers.network_copyText({ safeId: owner.safeId })) as { text: string };
    const state = await keysStay(
      owner,
      () =>
        owner.flows.handlers.network_publishCopy({
          safeId: owner.safeId,
          signature: owner.wallet.sign(text),
        }) as Promise<NetworkState>,
    );
    if (state) expect(state.copy.state).toMatch(/^(?:published|saved)$/);
    expect(net.stored(ownTopics(owner.wallet.account).copy).length).toBeGreaterThan(0);
  },

  async confirmCopy({ owner }) {
    const { text } = (await owner.flows.handlers.network_copyText({ safeId: owner.safeId })) as { text: string };
    await keysStay(owner, () =>
      owner.flows.handlers.network_confirmCopy({ safeId: owner.safeId, signature: owner.wallet.sign(text) }),
    );
  },

  async history({ owner }) {
    const page = await unchanged(
      owner,
      () => owner.flows.handlers.network_readHistory({ safeId: owner.safeId, cursor: null }) as Promise<HistoryPage>,
    );
    if (page) expect(page.added).toBeLessThanOrEqual(INVITATIONS);
    if (page?.cursor) expect(page.cursor.length).toBeLessThanOrEqual(400);
  },

  async watch({ owner }) {
    await keysStay(owner, () => owner.flows.watch.look(owner.safeId));
    const { notice } = (await owner.flows.handlers.network_state({ safeId: owner.safeId })) as NetworkState;
    // No other identity of this account exists, so that a node cannot make one up; nor was a rotation left behind.
    expect([
      null,
      'older-prekey-republished',
      'dated-ahead',
      'foreign-rows',
      'not-newest',
      'other-copy-published',
    ]).toContain(notice);
  },

  async rotate({ owner, patient, net }) {
    const { safeId } = owner;
    // A copy is dated in milliseconds: two rotations within one could not be told apart by who reads them.
    owner.clock.nowMs += 1000;
    const before = (await owner.vault.identity.details({ safeId })).prekeys;
    const reason = await reasonOf(owner.flows.handlers.rotation_run({ safeId }));
    const { pending } = (await owner.flows.handlers.rotation_get({ safeId })) as RotationState;
    if (reason === undefined) expect(pending).toBeNull();
    else expect(pending?.reason).toBe(reason);
    net.faults.length = 0;
    // The same node in a better mood, an hour later: the rotation that was begun is the one that ends.
    owner.clock.nowMs += 1000;
    if (reason !== undefined) await patient.handlers.rotation_run({ safeId });
    const after = (await owner.vault.identity.details({ safeId })).prekeys;
    expect(after.slice(1).map(({ publicKeyHex }) => publicKeyHex)).toEqual(
      before.map(({ publicKeyHex }) => publicKeyHex),
    );
  },
};

/** Runs the act. When it is refused, for a reason with a sentence, not one stored byte has changed; undefined then. `always`: nor when it is not. */
async function unchanged<T>(
  browser: TestBrowser,
  act: () => Promise<T>,
  when: 'refused' | 'always' = 'refused',
): Promise<T | undefined> {
  const before = await storedBytes(browser);
  let result: T | undefined;
  const reason = await reasonOf(act().then((value) => (result = value)));
  if (reason !== undefined || when === 'always') expect(await storedBytes(browser)).toEqual(before);
  return result;
}

/** The same for acts that may note what the network has: the keys and everything else keep their bytes, whatever comes of it. */
async function keysStay<T>(browser: FlowBrowser, act: () => Promise<T>): Promise<T | undefined> {
  const before = (await storedBytes(browser)).filter(isKept);
  const details = await browser.vault.identity.details({ safeId: browser.safeId });
  let result: T | undefined;
  await reasonOf(act().then((value) => (result = value)));
  expect((await storedBytes(browser)).filter(isKept)).toEqual(before);
  expect(await browser.vault.identity.details({ safeId: browser.safeId })).toEqual(details);
  return result;
}

/** The header counts every write, what was published is logged, and the record of what the network has is what the act writes. */
function isKept(row: string): boolean {
  return (
    !row.startsWith('headers ') &&
    !row.startsWith('mirror ') &&
    !row.startsWith('activity ') &&
    !row.includes('"type":"network"')
  );
}

async function reasonOf(act: Promise<unknown>): Promise<string | undefined> {
  try {
    await act;
    return undefined;
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    expect(reasons).toContain(error.reason);
    if (error.reason === 'unusable-copy') expect(copyDefects).toContain(error.detail);
    if (error.reason === 'refused-by-node' && error.detail !== undefined) expect(error.detail).toMatch(/^\d{1,2}$/);
    return error.reason;
  }
}

/** Every row at rest, one text each. */
async function storedBytes({ host, mirrorItems }: TestBrowser): Promise<string[]> {
  const rows: string[] = [...mirrorItems].map(([key, value]) => `mirror ${key} ${value}`);
  for (const store of ['headers', 'records', 'grants', 'activity', 'entries', 'segments', 'jobs', 'settings']) {
    for (const row of await inStore(host.databaseName, store, (one) => one.getAll())) {
      rows.push(
        `${store} ${JSON.stringify(row, (_, value: unknown) => (value instanceof Uint8Array ? bytesToHex(value) : value))}`,
      );
    }
  }
  return rows;
}

/** The candidate that is the owner's own copy, as an honest look shows it. */
async function ownCopy(owner: FlowBrowser): Promise<{ copyId: string; text: string }> {
  const { text } = (await owner.flows.handlers.network_copyText({ safeId: owner.safeId })) as { text: string };
  return { text, copyId: text.split('\n')[1] as string };
}

async function finished(
  { vault, state: { safeId } }: Draft,
  owner: FlowBrowser,
): ReturnType<Vault['identity']['details']> {
  const { text } = await vault.enrolment.get({ safeId });
  await vault.enrolment.confirmUnlockSignature({ safeId, signature: owner.wallet.sign(text ?? '') });
  const { code, ask } = await vault.enrolment.createRecoveryCode({ safeId });
  await vault.enrolment.finish({ safeId, code, typed: ask.map((group) => code.split('-')[group] ?? '') });
  return vault.identity.details({ safeId });
}

async function createDraft(net: TestNode, { wallet }: FlowBrowser): Promise<Draft> {
  const browser = createTestBrowser();
  const vault = browser.startWorker();
  await setEnvironment(vault, { name: 'custom', url: net.url });
  const { safeId, text } = await vault.enrolment.begin({
    account: wallet.account,
    wallet: { kind: 'manual' },
    name: 'Ada',
    source: 'network',
  });
  const state = await vault.enrolment.unlockSignature({ safeId, signature: wallet.sign(text ?? '') });
  expect(state.step).toBe('retrieve');
  return { browser, vault, flows: flowsOf(browser, vault, { limits }), state };
}

/** An identity that was published, rotated once and invited twelve times, and a node that knows more than it should. */
async function createWorld(): Promise<World> {
  const net = await startNode({ nowMs: () => testStartMs, auth: false });
  const wallet = freshWallet();
  const made = await flowBrowser(net, wallet);
  await publishAll(made);
  made.clock.nowMs += 1000;
  await made.flows.handlers.rotation_run({ safeId: made.safeId });
  const owner: FlowBrowser = { ...made, flows: flowsOf(made, made.vault, { limits }) };
  const { vault, safeId } = owner;
  const { identityKeyHex } = await vault.identity.details({ safeId });
  const mine = decodeSignedPublicKeyBundle((await vault.keys.publicBundles(safeId)).signedPublicKeyBundle);
  for (let n = 0; n < INVITATIONS; n++) {
    const { item } = invitation(bundleFor(createTestWallet(200), 'peer'), mine, n, {
      conversationId: `c${n}`,
      metadata: new Map(),
    });
    await publish(net, {
      contentTopic: inviteTopic(wallet.account),
      timestampNs: String(item.timestampNs),
      message: Buffer.from(item.payload).toString('base64'),
    });
  }
  const foreign = await foreignMessages(net, owner);
  const created: World = {
    net,
    owner,
    patient: made.flows,
    identityKeyHex,
    knowledge: { url: net.url, ...foreign, onEndlessBytes: (count) => void (created.endlessBytes += count) },
    draft: await createDraft(net, owner),
    endlessBytes: 0,
  };
  return created;
}

/** Contacts and copies that are not the owner's, among them contacts made of parts of it, and copies that the owner's own signature opens. */
async function foreignMessages(
  net: TestNode,
  owner: FlowBrowser,
): Promise<{ contacts: Uint8Array[]; copies: Uint8Array[] }> {
  const { wallet } = owner;
  const { copyId, text } = await ownCopy(owner);
  const stranger = await flowBrowser(net);
  await publishAll(stranger);
  const [own, theirs] = [ownTopics(wallet.account), ownTopics(stranger.wallet.account)];
  const stored = (topic: string): Uint8Array[] => net.stored(topic).map(({ message }) => message);
  const bundleOf = async ({ vault, safeId }: FlowBrowser) =>
    decodeSignedPublicKeyBundle((await vault.keys.publicBundles(safeId)).signedPublicKeyBundle);
  const [mine, other] = [await bundleOf(owner), await bundleOf(stranger)];
  const contact = (identityKey: typeof mine.identityKey, preKey: typeof mine.preKey): Uint8Array =>
    encodeContactBundle({ version: 2, bundle: { identityKey, preKey } });
  const foreign = bundleFor(stranger.wallet, 'stranger');
  const another = bundleFor(wallet, 'another');
  const signature = wallet.sign(text);
  const sealed = (plain: Uint8Array, secret: Uint8Array = signature): Uint8Array =>
    encodeEncryptedPrivateKeyBundle({
      walletPreKey: hexToBytes(copyId),
      ciphertext: sealWith(plain, secret, undefined, new Uint8Array(32).fill(1), new Uint8Array(12).fill(2)),
    });
  const sealedBundle = (bundle: typeof foreign, secret?: Uint8Array): Uint8Array =>
    sealed(encodePrivateKeyBundle({ version: 1, bundle }), secret);
  return {
    contacts: [
      ...stored(theirs.contact),
      contact(mine.identityKey, other.preKey),
      contact(other.identityKey, mine.preKey),
      contact(mine.preKey, mine.identityKey),
      ...stored(own.copy),
    ],
    copies: [
      ...stored(theirs.copy),
      ...stored(own.contact),
      copyOf(stranger.wallet, foreign).message,
      sealedBundle(foreign),
      sealedBundle({ identityKey: another.identityKey, preKeys: foreign.preKeys }),
      sealedBundle({ ...another, preKeys: [] }),
      sealed(new Uint8Array(100).fill(7)),
      sealedBundle(another, wallet.sign(text, 'other-account')),
    ],
  };
}

/** An honest look, retrieval and history bring everything to a browser that has nothing. */
async function expectEverythingIsThere(here: World): Promise<void> {
  const { owner, net } = here;
  const made = await createDraft(net, owner);
  // The limits of every day: an honest node on a busy machine is not hostile.
  const draft = { ...made, flows: flowsOf(made.browser, made.vault) };
  const { safeId } = draft.state;
  const look = (await draft.flows.handlers.network_look({ account: owner.wallet.account })) as NetworkLook;
  const { copyId, text } = await ownCopy(owner);
  expect(look.copies.map((copy) => copy.copyId)).toContain(copyId);
  await draft.flows.handlers.enrol_retrieve({ safeId, copyId, signature: owner.wallet.sign(text) });
  const [taken, owned] = [await finished(draft, owner), await owner.vault.identity.details({ safeId: owner.safeId })];
  expect([taken.identityKeyHex, taken.prekeys.map(({ publicKeyHex }) => publicKeyHex)]).toEqual([
    owned.identityKeyHex,
    owned.prekeys.map(({ publicKeyHex }) => publicKeyHex),
  ]);
  const page = (await draft.flows.handlers.network_readHistory({ safeId, cursor: null })) as HistoryPage;
  expect(page).toEqual({ seen: INVITATIONS, added: INVITATIONS, cursor: null });
}
