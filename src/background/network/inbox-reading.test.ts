// Reading an inbox from the node of V3 that a person set: the real vault, the demo node, and the gate of our pages between them.
import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { livedIn, messageByHand, type LogByHand } from '../../../demo/node-v3/inbox-log.testkit';
import { startNodeV3, type TestNodeV3 } from '../../../demo/node-v3/node';
import { publish } from '../../../demo/node-v3/node-v3.testkit';
import { VaultError } from '../../contract/errors';
import { enrolledBrowser } from '../../vault/testkit/vault.testkit';
import { createHandlers } from '../pages/handlers';
import { createInboxNode, type InboxNode } from './inbox-reading';

vi.mock('@noble/hashes/scrypt.js', () => import('../../protocol/testkit/cheap-scrypt.testkit'));

const life = livedIn('an inbox that is read');
const path = '/xmtp.identity.api.v1.IdentityApi/GetIdentityUpdates';
let setting: Awaited<ReturnType<typeof enrolledBrowser>>;
let node: TestNodeV3;
let mayReach: boolean;
let asked: string[];
let inboxNode: InboxNode;
let handlers: ReturnType<typeof createHandlers>;
let givenBack: string[];
let answer: ((inboxId: string, signal?: AbortSignal) => Promise<Uint8Array[]>) | undefined;

beforeEach(async () => {
  [setting, node] = await Promise.all([enrolledBrowser(), startNodeV3({ port: 0 })]);
  [mayReach, asked, givenBack, answer] = [true, [], [], undefined];
  const { createInboxNodeClient } = await import('../../network/inbox-node');
  inboxNode = createInboxNode({
    vault: setting.vault,
    nowMs: setting.host.nowMs,
    mayReach: async (pattern) => (asked.push(pattern), mayReach),
    createClient: (url) => (answer ? { updatesOf: answer } : createInboxNodeClient({ url })),
  });
  handlers = createHandlers({
    vault: setting.vault,
    node: { leftFor: () => undefined },
    inboxNode,
    ensNames: { leftFor: () => undefined },
    hosts: { giveBack: async (address: string) => void givenBack.push(address) },
    flows: {},
    nowMs: setting.host.nowMs,
  } as unknown as Parameters<typeof createHandlers>[0]);
  await setting.vault.inboxes.name({ safeId: setting.safeId, inboxId: life.inboxId, name: 'theirs' });
});
afterEach(() => node.close());

const setNode = async (url: string | null) => handlers.settings_set({ inboxNode: url });
const read = (inboxId = life.inboxId, from?: string) =>
  handlers.inbox_readState({ safeId: setting.safeId, inboxId, node: from });
const reasonOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof VaultError ? [error.reason, error.detail].filter(Boolean).join(' ') : error),
  );
const callsOf = (of: TestNodeV3) => of.calls.get(path) ?? 0;

async function publishLife({ inboxId }: LogByHand): Promise<number> {
  const taken = life.lists.filter((actions) => actions.length === 1 || actions[0]?.kind === 'create');
  for (const [at, actions] of taken.entries())
    expect(await publish(node, messageByHand(inboxId, at, actions))).toBe('taken');
  return taken.length;
}

describe('reading an inbox', () => {
  test('asks the node that is set, and keeps what it showed with its address and the time', async () => {
    const count = await publishLife(life);
    await setNode(node.url);
    const { inboxes } = await read();
    expect(inboxes[0]).toMatchObject({
      inboxId: life.inboxId,
      isRead: true,
      updates: count,
      read: { nodeUrl: node.url, atMs: setting.clock.nowMs, listed: count, checked: count, recovery: life.wallet.id },
    });
    expect(callsOf(node)).toBe(2);
    expect([...node.unknownCalls]).toEqual([]);
  });

  test('R-J2 without a node, or without the permission for its host, nothing is fetched', async () => {
    expect(await reasonOf(read())).toBe('no-network');
    await setNode(node.url);
    mayReach = false;
    expect(await reasonOf(read())).toBe('no-network');
    expect(await reasonOf(handlers.inbox_checkNode({ url: node.url }))).toBe('no-network');
    expect(asked).toEqual(['http://127.0.0.1/*', 'http://127.0.0.1/*']);
    expect(callsOf(node)).toBe(0);
  });

  test('R-J2 asks for no inbox that is not on the list, nor of a node that the page did not show', async () => {
    await setNode(node.url);
    expect(await reasonOf(read('ab'.repeat(32)))).toBe('not-found');
    expect(await reasonOf(read(life.inboxId, 'https://other.example'))).toBe('stopped node');
    expect(callsOf(node)).toBe(0);
    await setting.vault.lock();
    expect(await reasonOf(read())).toBe('locked');
    expect(callsOf(node)).toBe(0);
  });

  test('an address that no node can be at is not set and not asked', async () => {
    for (const url of ['http://node.example', 'https://node.example/path', 'https://me@node.example', 'nonsense', ''])
      expect(await reasonOf(setNode(url))).toBe('invalid-input');
    expect(await reasonOf(handlers.inbox_checkNode({ url: 'http://node.example' }))).toBe('invalid-input');
    expect((await setting.vault.settings.get()).inboxNode).toBeNull();
    expect(await reasonOf(handlers.inbox_checkNode({ url: node.url }))).toBe('done');
    expect(callsOf(node)).toBe(1);
  });

  test('ends at once when the node is left, and gives its host back; another setting leaves it alone', async () => {
    let began: () => void;
    const beginning = new Promise<void>((resolve) => (began = resolve));
    answer = (_, signal) =>
      new Promise((_resolve, reject) => {
        began();
        signal?.addEventListener('abort', () => reject(new VaultError('stopped')));
      });
    await setNode('https://node.example');
    const reading = reasonOf(read());
    await beginning;
    await handlers.settings_set({ theme: 'dark' });
    expect(await Promise.race([reading, new Promise((resolve) => setTimeout(resolve, 50, 'under way'))])).toBe(
      'under way',
    );
    expect(givenBack).toEqual([]);
    await setNode(null);
    expect(await reading).toBe('stopped');
    expect(givenBack).toEqual(['https://node.example']);
    expect((await setting.vault.inboxes.list({ safeId: setting.safeId })).inboxes[0]?.read).toBeNull();
  });

  test('R-I6 from a hostile node changes nothing, and is told', async () => {
    await publishLife(life);
    await setNode(node.url);
    const before = await read();
    const updates = [...life.updates];
    const shown: [Uint8Array[], string][] = [
      [[], 'bad-answer older-log'],
      [updates.slice(0, 1), 'bad-answer older-log'],
      [[Uint8Array.of(7)], 'bad-answer older-log'],
      [updates.toReversed(), 'bad-answer older-log'],
    ];
    for (const [log, reason] of shown) {
      answer = async () => log;
      expect(await reasonOf(read())).toBe(reason);
    }
    expect((await setting.vault.inboxes.list({ safeId: setting.safeId })).inboxes).toEqual(before.inboxes);
  });
});
