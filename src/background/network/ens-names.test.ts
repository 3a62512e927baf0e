// Names of ENS as our pages get them: nothing without a node, what could not be read told as that, remembered for a while, and forgotten with the node.
import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mostEnsAccounts } from '../../contract/limits';
import { startEnsNode, type EnsTestNode } from '../../network/ens-node.testkit';
import { createTestBrowser } from '../../vault/testkit/vault.testkit';
import { VaultError } from '../../contract/errors';
import type { Vault } from '../../vault/vault';
import { createHandlers } from '../pages/handlers';
import { createEnsNames, type EnsNames } from './ens-names';

const bob = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
const cem = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC';
let node: EnsTestNode;
let vault: Vault;
let mayReach: boolean;
let nowMs: number;
let ens: EnsNames;
let handlers: ReturnType<typeof createHandlers>;
let givenBack: string[];

beforeEach(async () => {
  node = await startEnsNode();
  node.book.set(bob, { name: 'bob.eth', leadsTo: bob });
  vault = createTestBrowser().startWorker();
  [mayReach, nowMs, givenBack] = [true, 1_000, []];
  ens = createEnsNames({ vault, mayReach: async () => mayReach, nowMs: () => nowMs });
  handlers = createHandlers({
    vault,
    ensNames: ens,
    node: { leftFor: () => undefined },
    inboxNode: { leftFor: () => undefined },
    hosts: { giveBack: async (address: string) => void givenBack.push(address) },
    flows: {},
    nowMs: () => nowMs,
  } as unknown as Parameters<typeof createHandlers>[0]);
});
afterEach(() => node.close());

const setNode = async (ensNode: string | null) => handlers.settings_set({ ...(await vault.settings.get()), ensNode });
const reasonOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof VaultError ? [error.reason, error.detail].filter(Boolean).join(' ') : error),
  );

describe('names of ENS', () => {
  test('R-J2 none is asked for without a node, or without the permission for its host', async () => {
    expect(await handlers.ens_names({ accounts: [bob, cem] })).toEqual([]);
    await setNode(node.url);
    mayReach = false;
    expect(await reasonOf(ens.names([bob]))).toBe('no-network');
    expect(node.asked).toEqual([]);
    mayReach = true;
    await setNode(null);
    expect(await ens.names([bob])).toEqual([]);
    expect(node.asked).toEqual([]);
    expect(givenBack).toEqual([node.url]);
  });

  test('are told in the order of the accounts, and remembered for ten minutes', async () => {
    await setNode(node.url);
    const all = [
      { account: cem, is: 'none' },
      { account: bob, is: 'named', name: 'bob.eth' },
    ];
    expect(await ens.names([cem, bob])).toEqual(all);
    const asked = node.asked.length;
    expect(await ens.names([cem, bob])).toEqual(all);
    expect(node.asked).toHaveLength(asked);
    nowMs += 600_000;
    await ens.names([cem, bob]);
    expect(node.asked).toHaveLength(2 * asked);
  });

  test('an address that cannot be read is not known, never without a name, and is asked again', async () => {
    await setNode(node.url);
    node.fault = (response) => (response.destroy(), true);
    expect(await ens.names([bob, cem])).toEqual([
      { account: bob, is: 'unknown' },
      { account: cem, is: 'unknown' },
    ]);
    node.fault = undefined;
    expect(await ens.names([bob])).toEqual([{ account: bob, is: 'named', name: 'bob.eth' }]);
  });

  test('R-J2 another node ends what is under way with the one before, and knows nothing of it', async () => {
    await setNode(node.url);
    const other = await startEnsNode();
    const isAsked = new Promise<void>((resolve) => {
      node.fault = () => (resolve(), true);
    });
    const underWay = ens.names([bob]);
    await isAsked;
    await setNode(other.url);
    // The one that was under way is cut; whoever would have been asked next is asked nothing.
    expect(await reasonOf(underWay)).toBe('done');
    expect(await underWay).toEqual([{ account: bob, is: 'unknown' }]);
    node.fault = undefined;
    expect(await ens.names([bob])).toEqual([{ account: bob, is: 'none' }]);
    await setNode(node.url);
    expect(await ens.names([bob])).toEqual([{ account: bob, is: 'named', name: 'bob.eth' }]);
    await other.close();
  });

  test('are asked for a bounded number of accounts, each once', async () => {
    await setNode(node.url);
    const many = Array.from({ length: mostEnsAccounts + 5 }, () => bob);
    expect(await ens.names(many)).toHaveLength(mostEnsAccounts);
    expect(node.asked).toHaveLength(4);
  });

  test('a node is taken when it is one of Ethereum, at any path, and no other address', async () => {
    expect(await reasonOf(ens.check(node.url))).toBe('done');
    node.chain = '0xa';
    expect(await reasonOf(ens.check(node.url))).toBe('bad-answer other-chain');
    node.fault = (response) => (response.writeHead(500).end(), true);
    expect(await reasonOf(ens.check(node.url))).toBe('refused-by-node 13');
    for (const bad of [
      'http://node.example/',
      'https://ada@node.example/',
      'https://node.example/#x',
      'node',
      'ftp://a/',
    ])
      expect(await reasonOf(ens.check(bad)), bad).toBe('invalid-input');
  });
});
