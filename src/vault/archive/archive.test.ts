// Archives: rows in any order become messages of the right people in a page, and what cannot be read is counted with its reason.
// Promises: peers are made by the protocol room from whole bundles; the page is read back by the reader of its format.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blocksIn, type ArchivedItem, type ArchiveEnd, type ArchivePart } from '../../contract/archive-page';
import { inviteTopic } from '../../protocol/messages/topics';
import { accountIn, conversationRow, rowsV1, rowV2 } from '../testkit/archive-rows.testkit';
import { bundleFor } from '../testkit/copies.testkit';
import { createTestKeystore, type TestKeystore } from '../testkit/keystore.testkit';
import { random, timeMs } from '../testkit/keystore-requests.testkit';
import { createTestWallet } from '../testkit/vault.testkit';
import { createHistory } from '../publication/history';
import { inStore } from '../testkit/vault.testkit';
import { createGathering } from './gathering';
import { createArchiveRows, type GatheredRow } from './rows';
import { createArchiveWriting } from './writing';

const me = bundleFor(createTestWallet(1), 'archive me', 2);
const bob = bundleFor(createTestWallet(2), 'archive bob');
const eve = bundleFor(createTestWallet(3), 'archive eve');

function archiveOf(kit: TestKeystore) {
  const { host, db, open, safes, keystore, conversations, safeId } = kit;
  const rows = createArchiveRows({ db, host, open });
  const people = { named: async () => [{ account: accountIn(bob), name: 'Bob of the boats', namedAtMs: 1 }] };
  const history = createHistory({ db, host, keystore });
  const gathering = createGathering({
    rows,
    history,
    keystore,
    conversations,
    accountOf: open.account,
    nowMs: host.nowMs,
  });
  const slots = { prove: async () => undefined } as never;
  const writing = createArchiveWriting({ host, safes, open, slots, rows, keystore, conversations, people });
  const gather = (given: readonly GatheredRow[], source = 'file a', badLines = 0) =>
    gathering.add(safeId, { source, next: null, rows: given, badLines, isFirst: true });
  async function page(): Promise<string> {
    const proof = { kind: 'passphrase', passphrase: '' } as const;
    const { writingId } = await writing.begin({
      safeId,
      proof,
      head: '<!doctype html>',
      tail: '</html>',
      secret: null,
    });
    let text = '';
    for (let at = 0; ; at++) {
      const { bytes, end } = await writing.piece({ safeId, writingId, at });
      text += new TextDecoder().decode(bytes);
      if (end) return text;
    }
  }
  async function read() {
    const blocks = blocksIn(await page()) ?? [];
    const parts = blocks.filter(({ name }) => name === 'part').map(({ value }) => value as ArchivePart);
    return {
      head: blocks[0]?.value as { account: string },
      conversations: parts.flatMap((part) => part.conversations),
      items: parts.flatMap((part) => part.items),
      end: blocks.at(-1)?.value as ArchiveEnd,
    };
  }
  return { rows, gathering, writing, gather, page, read };
}

const said = (items: readonly ArchivedItem[]) =>
  items.map((item) =>
    'unreadable' in item
      ? item.unreadable
      : `${item.by}: ${item.content.kind === 'text' ? item.content.text : item.content.kind}`,
  );

describe('an archive', () => {
  it('has what both said, V1 and V2, whatever the order of the rows, once each', async () => {
    const kit = await createTestKeystore(me);
    const { gather, read } = archiveOf(kit);
    const { row, invitation } = conversationRow(bob, me, 1, 'example.org/talk');
    const first = rowsV1(eve, me, 'hello, old friend', 2);
    const given = [
      // Before the invitation that brings its key.
      rowV2(bob, invitation, 'from Bob', 3),
      rowV2(me, invitation, 'from me', 4),
      first.own,
      first.intro,
      row,
      rowsV1(me, eve, 'and to you', 5).own,
    ];
    expect(await gather(given)).toEqual({ added: 6 });
    // A second source has the same rows again.
    expect(await gather(given, 'file b')).toEqual({ added: 0 });
    const archive = await read();
    expect(archive.head.account).toBe(accountIn(me));
    expect(said(archive.items)).toEqual(['peer: from Bob', 'me: from me', 'peer: hello, old friend', 'me: and to you']);
    expect(archive.conversations.map(({ version, peer, name, about }) => [version, peer, name, about])).toEqual([
      [2, accountIn(bob), 'Bob of the boats', 'example.org/talk'],
      [1, accountIn(eve), '', ''],
    ]);
    expect(archive.end).toEqual({
      messages: 4,
      conversations: 2,
      repeated: 1,
      unreadable: {},
      attachmentsLeft: 0,
      damaged: 0,
      badLines: 0,
      otherRows: 0,
    });
    expect(archive.items[0]).toMatchObject({ atMs: Number(timeMs(3)), in: 0 });
    // What came with it is in the safe.
    expect([...(await kit.conversations.list(kit.safeId))]).toHaveLength(1);
    expect([...(await kit.conversations.listPeers(kit.safeId))]).toHaveLength(1);
  });

  it('law: whatever the order of rows, their pieces and repetitions, it says the same', async () => {
    const [one, two] = [conversationRow(bob, me, 1), conversationRow(me, eve, 2)];
    const ofEve = { ...two.row, contentTopic: inviteTopic(accountIn(me)) };
    const first = rowsV1(eve, me, 'first', 3);
    const all = [
      one.row,
      ofEve,
      first.own,
      first.intro,
      ...[4, 5].map((n) => rowV2(bob, one.invitation, `bob ${n}`, n)),
      rowV2(me, two.invitation, 'to eve', 6),
    ];
    const wanted = ['bob 4', 'bob 5', 'first', 'to eve'];
    const order = fc.shuffledSubarray(
      [...all.keys()].flatMap((at) => [at, at]),
      { minLength: 2 * all.length, maxLength: 2 * all.length },
    );
    await fc.assert(
      fc.asyncProperty(order, fc.integer({ min: 1, max: 6 }), async (indices, size) => {
        const kit = await createTestKeystore(me);
        const { gather, read } = archiveOf(kit);
        for (let at = 0; at < indices.length; at += size)
          await gather(
            indices.slice(at, at + size).map((index) => all[index]!),
            `file ${at}`,
          );
        const { items, end } = await read();
        const texts = items.map((item) =>
          'content' in item && item.content.kind === 'text' ? item.content.text : '?',
        );
        expect(texts.toSorted()).toEqual(wanted);
        expect(end).toMatchObject({ messages: 4, conversations: 3, repeated: 1, unreadable: {} });
      }),
      { numRuns: 12 },
    );
  });

  it('counts what it cannot read, each with its reason, and leaves nothing out', async () => {
    const kit = await createTestKeystore(me);
    const { gather, read } = archiveOf(kit);
    const known = conversationRow(bob, me, 1);
    const unknown = conversationRow(bob, eve, 2);
    const good = rowV2(bob, known.invitation, 'good', 3);
    const inOther = { ...rowV2(bob, known.invitation, 'moved', 4), contentTopic: '/xmtp/0/m-elsewhere/proto' };
    const forged = rowV2(bob, known.invitation, 'x', 5);
    forged.message[forged.message.length - 30]! ^= 1;
    await gather(
      [
        known.row,
        // Sealed for somebody else, on our topic.
        { ...unknown.row, contentTopic: inviteTopic(accountIn(me)) },
        good,
        inOther,
        forged,
        rowV2(bob, unknown.invitation, 'no key of mine', 6),
        { contentTopic: known.invitation.topic, timestampNs: 7n, message: random(50) },
        // Of no account of ours, and of no messages at all.
        unknown.row,
        { contentTopic: '/xmtp/0/userpreferences-x/proto', timestampNs: 8n, message: random(5) },
      ],
      'file a',
      3,
    );
    const { items, end } = await read();
    expect(said(items)).toEqual(['peer: good', 'not-genuine', 'does-not-open', 'no-key', 'not-a-message']);
    expect(end).toMatchObject({
      messages: 1,
      unreadable: { 'not-genuine': 1, 'does-not-open': 1, 'no-key': 1, 'not-a-message': 1, invitation: 1 },
      badLines: 3,
      otherRows: 2,
    });
  });

  it('says of a third who had the key of a conversation that it is neither side, and of a forged sender that it is not genuine', async () => {
    const kit = await createTestKeystore(me);
    const { gather, read } = archiveOf(kit);
    const { row, invitation } = conversationRow(bob, me, 1);
    await gather([row, rowV2(eve, invitation, 'I have the key too', 2)]);
    expect(said((await read()).items)).toEqual([`${accountIn(eve)}: I have the key too`]);
  });

  it('goes on where it was: rows and how far they were read are of one write', async () => {
    const kit = await createTestKeystore(me);
    const first = archiveOf(kit);
    const { row, invitation } = conversationRow(bob, me, 1);
    await first.gathering.add(kit.safeId, { source: 'file a', next: '70', rows: [row], badLines: 1, isFirst: true });
    // Another worker over the same disk.
    const second = archiveOf(kit);
    expect((await second.rows.state(kit.safeId)).sources['file a']).toEqual({
      next: '70',
      rows: 1,
      badLines: 1,
      otherRows: 0,
    });
    const more = [row, rowV2(bob, invitation, 'later', 2)];
    const step = { source: 'file a', next: null, rows: more, badLines: 1, isFirst: false };
    expect(await second.gathering.add(kit.safeId, step)).toEqual({ added: 1 });
    expect((await second.rows.state(kit.safeId)).sources['file a']).toMatchObject({ next: null, rows: 3, badLines: 2 });
    expect(said((await second.read()).items)).toEqual(['peer: later']);
  });

  it('R-H4 says how many rows the disk does not give back', async () => {
    const kit = await createTestKeystore(me);
    const { gather, read } = archiveOf(kit);
    const { row, invitation } = conversationRow(bob, me, 1);
    await gather([row]);
    await gather([rowV2(bob, invitation, 'lost', 2), rowV2(bob, invitation, 'lost too', 3)], 'file b');
    await gather([rowV2(bob, invitation, 'kept', 4)], 'file c');
    const place = [kit.safeId, 'archive', 2];
    const stored = (await inStore(kit.host.databaseName, 'segments', (store) => store.get(place))) as {
      bytes: Uint8Array;
    };
    stored.bytes[90]! ^= 1;
    await inStore(kit.host.databaseName, 'segments', (store) => store.put(stored));
    const { items, end } = await read();
    expect(said(items)).toEqual(['peer: kept']);
    expect(end).toMatchObject({ messages: 1, damaged: 2 });
  });

  it('R-B10 R-F3 a lock ends the writing, and what memory held of the rows', async () => {
    const kit = await createTestKeystore(me);
    const { gather, writing } = archiveOf(kit);
    await gather([conversationRow(bob, me, 1).row]);
    const proof = { kind: 'passphrase', passphrase: '' } as const;
    const wanted = { safeId: kit.safeId, proof, head: '', tail: '', secret: null };
    const { writingId } = await writing.begin(wanted);
    await writing.piece({ safeId: kit.safeId, writingId, at: 0 });
    await kit.sessions.lock(kit.safeId);
    await expect(writing.piece({ safeId: kit.safeId, writingId, at: 1 })).rejects.toMatchObject({ reason: 'locked' });
    await kit.unlock();
    await expect(writing.piece({ safeId: kit.safeId, writingId, at: 1 })).rejects.toMatchObject({ reason: 'stale' });
  });

  it('gives the last piece once more, and no piece twice or out of turn', async () => {
    const kit = await createTestKeystore(me);
    const { gather, writing } = archiveOf(kit);
    const { row, invitation } = conversationRow(bob, me, 1);
    await gather([row, rowV2(bob, invitation, 'once', 2)]);
    const { safeId } = kit;
    const proof = { kind: 'passphrase', passphrase: '' } as const;
    const { writingId } = await writing.begin({ safeId, proof, head: 'h', tail: 't', secret: null });
    const zero = await writing.piece({ safeId, writingId, at: 0 });
    expect(await writing.piece({ safeId, writingId, at: 0 })).toBe(zero);
    await expect(writing.piece({ safeId, writingId, at: 2 })).rejects.toMatchObject({ reason: 'stale' });
    const one = await writing.piece({ safeId, writingId, at: 1 });
    expect(new TextDecoder().decode(one.bytes)).toContain('once');
    await expect(writing.piece({ safeId, writingId, at: 0 })).rejects.toMatchObject({ reason: 'stale' });
  });

  it('leaves no topic and no peer on the disk in clear', async () => {
    const kit = await createTestKeystore(me);
    const { gather } = archiveOf(kit);
    const { row, invitation } = conversationRow(bob, me, 1);
    await gather([row, rowV2(bob, invitation, 'secret', 2), rowsV1(bob, me, 'secret too', 3).own]);
    const stored = await inStore(kit.host.databaseName, 'segments', (store) => store.getAll());
    const text = JSON.stringify(stored, (_key, value: unknown) =>
      value instanceof Uint8Array ? String.fromCharCode(...value) : value,
    );
    expect(text).toContain('archive-names');
    for (const word of [invitation.topic, accountIn(bob), 'secret']) expect(text.includes(word)).toBe(false);
  });

  it('refuses more rows than there is room for, and keeps what it has', async () => {
    const kit = await createTestKeystore(me);
    const { rows, gather } = archiveOf(kit);
    const { row, invitation } = conversationRow(bob, me, 1);
    await gather([row]);
    const full = rows.add(kit.safeId, [rowV2(bob, invitation, 'one more', 2)], (state) => (state.bytes += 2 ** 40));
    await expect(full).rejects.toMatchObject({ reason: 'limit' });
    expect(await rows.state(kit.safeId)).toMatchObject({ rows: 1 });
    await rows.clear(kit.safeId);
    expect(await rows.state(kit.safeId)).toMatchObject({ rows: 0, bytes: 0, sources: {} });
  });
});
