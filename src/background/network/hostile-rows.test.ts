// R-I3 R-I4 law: under any rows that others put on our topics, before a flow or in the middle of it, each flow ends: done, done after the
// person was asked, or taken back. Nobody is stuck, no private key goes, and what others see instead of ours was told.
import 'fake-indexeddb/auto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startNode, type TestNode } from '../../../demo/node/node';
import { publish } from '../../../demo/node/node.testkit';
import { VaultError } from '../../contract/errors';
import type { NetworkLook, NetworkState } from '../../contract/pages/network';
import type { RotationState } from '../../contract/pages/rotation';
import { currentContact } from '../../protocol/keys/contact-bundle';
import { hexToBytes } from '../../protocol/base/bytes';
import { encodeEncryptedPrivateKeyBundle } from '../../protocol/keys/encrypted-bundle';
import { sealWith } from '../../protocol/keys/seal';
import { ownTopics } from '../../vault/publication/contacts';
import { testStartMs } from '../../vault/testkit/memory-host.testkit';
import { unlockWithWallet } from '../../vault/testkit/vault.testkit';
import { flowBrowser, flowsOf, publishAll, swapNode, type FlowBrowser } from '../testkit/flows.testkit';
import { rowsCases, type RowKnowledge, type RowsCase } from '../testkit/hostile-rows.testkit';

const SEED = 8;
const CASES = 24;

let first: TestNode;
let owner: FlowBrowser;
let known: Pick<RowKnowledge, 'contacts' | 'copies'>;

beforeAll(async () => {
  first = await startNode({ nowMs: () => testStartMs, auth: false });
  owner = await flowBrowser(first);
  await publishAll(owner);
  owner.clock.nowMs += 1000;
  await owner.flows.handlers.rotation_run({ safeId: owner.safeId });
  const topics = ownTopics(owner.wallet.account);
  const stored = (topic: string) => first.stored(topic).map(({ message }) => message);
  const [ours, ourCopies] = [stored(topics.contact), stored(topics.copy)];
  const other = await flowBrowser(await startNodeOfOther(), owner.wallet);
  await publishAll(other);
  const forged = encodeEncryptedPrivateKeyBundle({
    walletPreKey: hexToBytes(await copyIdOf()),
    ciphertext: sealWith(
      new Uint8Array(200),
      new Uint8Array(65).fill(9),
      undefined,
      new Uint8Array(32),
      new Uint8Array(12),
    ),
  });
  const theirs = otherNode!.stored(topics.contact).map(({ message }) => message);
  const theirCopies = otherNode!.stored(topics.copy).map(({ message }) => message);
  known = { contacts: [...ours, ...theirs], copies: [...ourCopies, ...theirCopies, forged] };
}, 120_000);

let otherNode: TestNode | undefined;
async function startNodeOfOther(): Promise<TestNode> {
  otherNode = await startNode({ nowMs: () => testStartMs, auth: false });
  return otherNode;
}

afterAll(() => Promise.all([first.close(), otherNode?.close()]));

const copyTextOf = async () =>
  ((await owner.flows.handlers.network_copyText({ safeId: owner.safeId })) as { text: string }).text;
const copyIdOf = async () => /[0-9a-f]{64}/.exec(await copyTextOf())?.[0] ?? '';
const stateOf = () => owner.flows.handlers.network_state({ safeId: owner.safeId }) as Promise<NetworkState>;
const keysOf = async () =>
  (await owner.vault.identity.details({ safeId: owner.safeId })).prekeys.map(({ publicKeyHex }) => publicKeyHex);

/** What is asked for again with the confirmation when it wants one; no other reason counts. */
async function confirmed<T>(act: (typed?: string) => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof VaultError && error.reason === 'needs-confirmation')) throw error;
    return await act(owner.wallet.account);
  }
}

/** What the person presses, to its end. `choice`: which way out of a rotation that stopped. Resolves with 'public' when it is about what others find now. */
const flows: Record<string, (choice: number) => Promise<unknown>> = {
  async 'publish the contact'() {
    await confirmed((typed) =>
      owner.flows.handlers.network_publishContact({ safeId: owner.safeId, ...(typed !== undefined && { typed }) }),
    );
    return 'public';
  },
  async 'publish the copy'() {
    const { handlers } = owner.flows;
    const text = await copyTextOf();
    await confirmed((typed) =>
      handlers.network_publishCopy({
        safeId: owner.safeId,
        signature: owner.wallet.sign(text),
        ...(typed !== undefined && { typed }),
      }),
    );
    expect(
      await handlers.network_confirmCopy({ safeId: owner.safeId, signature: owner.wallet.sign(text) }),
    ).toMatchObject({ copy: { state: 'saved' } });
  },
  async rotate(choice) {
    const { handlers } = owner.flows;
    const { safeId } = owner;
    const before = await keysOf();
    let expected = before.length + 1;
    try {
      await handlers.rotation_run({ safeId });
    } catch (error) {
      if (!(error instanceof VaultError && error.reason === 'needs-confirmation')) throw error;
      const { pending } = (await handlers.rotation_get({ safeId })) as RotationState;
      expect(pending?.reason).toBe('needs-confirmation');
      if (choice === 0) await handlers.rotation_run({ safeId, typed: owner.wallet.account });
      else if (choice === 1 && pending?.canCancel) {
        await handlers.rotation_cancel({ safeId });
        expected--;
      } else await handlers.rotation_finishHere({ safeId });
    }
    expect(((await handlers.rotation_get({ safeId })) as RotationState).pending).toBeNull();
    expect((await keysOf()).slice(expected - before.length)).toEqual(before);
    return expected > before.length ? 'public' : 'taken back';
  },
  async watch() {
    await owner.flows.watch.look(owner.safeId);
  },
  async 'find the keys'() {
    const copyId = await copyIdOf();
    let from: string | null = null;
    for (;;) {
      const look = (await owner.flows.handlers.network_look({ account: owner.wallet.account, from })) as NetworkLook;
      if (look.copies.some((copy) => copy.copyId === copyId)) return;
      expect(look.more, 'the copy is on the topic').not.toBeNull();
      from = look.more;
    }
  },
};

async function runCase(flow: string, hostile: RowsCase & { before: number }, choice: number): Promise<void> {
  const net = await startNode({ nowMs: () => testStartMs, auth: false });
  try {
    await unlockWithWallet(owner.vault, owner.safeId, owner.wallet);
    owner.sessionItems.delete('contact-republished');
    owner.sessionItems.delete('contact-told');
    await swapNode(owner, net.url);
    owner.flows = flowsOf(owner, owner.vault);
    await publishAll(owner);
    await owner.flows.handlers.network_dismissNotice({ safeId: owner.safeId });
    owner.clock.nowMs += 1000;
    const topics = ownTopics(owner.wallet.account);
    const knowledge: RowKnowledge = {
      ...known,
      topics,
      newestNs: (topic) => net.stored(topic).at(-1)!.timestampNs,
      nowNs: BigInt(owner.clock.nowMs) * 1_000_000n,
    };
    let requests = 0;
    if (hostile.before === 0) await publish(net, ...hostile.rows(knowledge));
    else
      net.faults.push(async () => {
        if (++requests === hostile.before) await publish(net, ...hostile.rows(knowledge));
        return undefined;
      });
    const outcome = await flows[flow]!(choice);
    net.faults.length = 0;
    if (outcome === 'public') await expectOursOrTold(net);
  } finally {
    await net.close();
  }
}

/** What a stock client finds first is ours as it is now, or the person was told that it is not. */
async function expectOursOrTold(net: TestNode): Promise<void> {
  const { contact } = ownTopics(owner.wallet.account);
  const { notice } = await stateOf();
  const newestFirst = net
    .stored(contact)
    .toReversed()
    .map(({ message }) => message);
  const counting = newestFirst.find((message) => currentContact(owner.wallet.account, [message]) !== undefined);
  const verdict = counting && (await owner.vault.publication.classifyContact(owner.safeId, counting));
  const isFirst = verdict === 'current' && counting === newestFirst[0];
  expect(isFirst || notice !== null, `${verdict}, told ${notice}`).toBe(true);
}

const cases = fc.sample(fc.tuple(fc.constantFrom(...Object.keys(flows)), rowsCases, fc.nat(2)), {
  seed: SEED,
  numRuns: CASES,
});

test(
  'R-I3 R-I4 law: whatever rows others put on our topics, each flow ends, and it is told',
  { timeout: 600_000 },
  async () => {
    for (const [at, [flow, hostile, choice]] of cases.entries()) {
      try {
        await runCase(flow, hostile, choice);
      } catch (error) {
        throw new Error(`case ${at}: ${flow} (${choice}), ${hostile.title}`, { cause: error });
      }
    }
  },
);
