// The calls about archives over the real vault and the demo node: gathered by workers that die after each step, written and read again.
// Promises: what a page would do is done here, call by call; nothing is asked of the vault that a page could not ask.
import 'fake-indexeddb/auto';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { startNode, type TestNode } from '../../../demo/node/node';
import { publish } from '../../../demo/node/node.testkit';
import { blocksIn, type ArchiveEnd, type ArchivePart } from '../../contract/archive-page';
import type { ArchivePiece, NodeStep } from '../../contract/pages/archive';
import type { FileSecret } from '../../contract/pages/backup';
import { bytesToBase64, concatBytes } from '../../protocol/base/bytes';
import { decodeSignedPublicKeyBundle } from '../../protocol/keys/bundles';
import { inviteTopic } from '../../protocol/messages/topics';
import type { GatheredRow } from '../../vault/archive/rows';
import { lineOf, rowV2 } from '../../vault/testkit/archive-rows.testkit';
import { bundleFor, filePassphrase } from '../../vault/testkit/copies.testkit';
import { invitation } from '../../vault/testkit/keystore-requests.testkit';
import { testStartMs } from '../../vault/testkit/memory-host.testkit';
import { createTestWallet } from '../../vault/testkit/vault.testkit';
import { flowBrowser, nextWorker, type FlowBrowser } from '../testkit/flows.testkit';
import { createArchiveHandlers } from './archive-handlers';

vi.mock('@noble/hashes/scrypt.js', () => import('../../protocol/testkit/cheap-scrypt.testkit'));

const peer = bundleFor(createTestWallet(220), 'archive peer');
const fileKey = 'ab'.repeat(32);

const handlersOf = ({ vault, flows, host }: FlowBrowser) =>
  createArchiveHandlers({ vault, node: flows.node, queues: flows.queues, nowMs: host.nowMs });

async function node(): Promise<TestNode> {
  const started = await startNode({ nowMs: () => testStartMs, auth: false });
  onTestFinished(() => started.close());
  return started;
}

/** Rows of so many conversations of the identity with one peer, each with so many messages. */
async function rowsFor(
  { vault, safeId, wallet }: FlowBrowser,
  conversations: number,
  messages: number,
): Promise<GatheredRow[]> {
  const mine = decodeSignedPublicKeyBundle((await vault.keys.publicBundles(safeId)).signedPublicKeyBundle);
  return Array.from({ length: conversations }, (_, n) => {
    const sent = invitation(peer, mine, n, { conversationId: `c${n}`, metadata: new Map() });
    const row = {
      contentTopic: inviteTopic(wallet.account),
      timestampNs: sent.item.timestampNs,
      message: sent.item.payload,
    };
    const said = Array.from({ length: messages }, (_message, at) =>
      rowV2(peer, sent.invitation, `${n} ${at}`, 100 + at),
    );
    return [row, ...said];
  }).flat();
}

async function proofOf({ vault, safeId, wallet }: FlowBrowser) {
  const { text } = await vault.unlock.text({ safeId });
  return { kind: 'wallet', signature: wallet.sign(text) } as const;
}

/** Writes an archive as the page does; the bytes of all pieces. */
async function written(
  browser: FlowBrowser,
  secret: FileSecret | null,
): Promise<{ bytes: Uint8Array; end: ArchiveEnd }> {
  const { safeId } = browser;
  const handlers = handlersOf(browser);
  const proof = await proofOf(browser);
  const { writingId } = await handlers.archive_write({ safeId, proof, head: '<p>', tail: '</p>', secret });
  expect([...proof.signature].every((byte) => byte === 0)).toBe(true);
  const pieces: Uint8Array[] = [];
  for (let at = 0; ; at++) {
    const piece: ArchivePiece = await handlers.archive_piece({ safeId, writingId, at });
    pieces.push(piece.bytes);
    if (piece.end) return { bytes: concatBytes(...pieces), end: piece.end };
  }
}

function textsIn(page: Uint8Array): string[] {
  const text = new TextDecoder().decode(page);
  expect(text.startsWith('<p>') && text.endsWith('</p>')).toBe(true);
  return (blocksIn(text) ?? [])
    .filter(({ name }) => name === 'part')
    .flatMap(({ value }) => (value as ArchivePart).items)
    .map((item) => ('content' in item && item.content.kind === 'text' ? item.content.text : 'unreadable'))
    .toSorted();
}

describe('from a node', () => {
  test('is read step by step by workers that die after each, and has every message once', async () => {
    const net = await node();
    let browser = await flowBrowser(net);
    const rows = await rowsFor(browser, 3, 40);
    for (const { contentTopic, timestampNs, message } of rows)
      await publish(net, { contentTopic, timestampNs: String(timestampNs), message: bytesToBase64(message) });
    const { safeId } = browser;
    const steps: NodeStep[] = [];
    do {
      browser = nextWorker(browser);
      steps.push(await handlersOf(browser).archive_readNode({ safeId, node: net.url, fresh: false }));
    } while (!steps.at(-1)!.isAtEnd);
    expect(steps.map(({ at, seen }) => [at, seen])).toEqual([
      ['invitations', 3],
      ['introductions', 0],
      ['conversations', 100],
      ['conversations', 20],
    ]);
    expect(steps.at(-1)!.topics).toEqual({ done: 3, all: 3 });
    const state = await handlersOf(browser).archive_state({ safeId });
    expect(state).toMatchObject({ rows: 123, invitationsLeft: 0, nodes: { [net.url]: { rows: 123, isAtEnd: true } } });
    // Read anew there is nothing more.
    const again = await handlersOf(browser).archive_readNode({ safeId, node: net.url, fresh: true });
    expect(again).toMatchObject({ at: 'invitations', seen: 3, added: 0 });
    const { bytes, end } = await written(browser, null);
    expect(end).toMatchObject({ messages: 120, conversations: 3, unreadable: {} });
    expect(textsIn(bytes)).toHaveLength(120);
    expect(new Set(textsIn(bytes)).size).toBe(120);
  });

  test('a node that stopped answering in the middle is gone on with where it was', async () => {
    const net = await node();
    const browser = await flowBrowser(net);
    const rows = await rowsFor(browser, 2, 60);
    for (const { contentTopic, timestampNs, message } of rows)
      await publish(net, { contentTopic, timestampNs: String(timestampNs), message: bytesToBase64(message) });
    const { safeId } = browser;
    const handlers = handlersOf(browser);
    const step = () => handlers.archive_readNode({ safeId, node: net.url, fresh: false });
    for (let n = 0; n < 3; n++) await step();
    net.faults.push(() => ({ status: 0, isCut: true }));
    await expect(step()).rejects.toMatchObject({ reason: 'unreachable' });
    net.faults.length = 0;
    expect(await step()).toMatchObject({ at: 'conversations', seen: 20, isAtEnd: true });
    expect((await handlers.archive_state({ safeId })).rows).toBe(122);
    await expect(handlers.archive_readNode({ safeId, node: 'http://127.0.0.1:1', fresh: false })).rejects.toMatchObject(
      {
        reason: 'stopped',
      },
    );
  });
});

describe('from a file', () => {
  test('goes on in the middle of it, counts what is bad once, and a call that is made again changes nothing', async () => {
    const browser = await flowBrowser(await node());
    const { safeId } = browser;
    const lines = (await rowsFor(browser, 1, 3)).map(lineOf);
    const text = [
      ...lines.slice(0, 2),
      'nonsense\n',
      '{"contentTopic":"/xmtp/0/contact-x/proto","timestampNs":"1","message":""}\n',
    ].join('');
    const [first, rest] = [new TextEncoder().encode(text), new TextEncoder().encode(lines.slice(2).join(''))];
    const handlers = handlersOf(browser);
    const one = { safeId, fileKey, at: 0, lines: first, skipped: 1, isLast: false };
    expect(await handlers.archive_fileBegun({ safeId, fileKey })).toBe(0);
    expect(await handlers.archive_readLines(one)).toEqual({ rows: 3, added: 2, badLines: 2, otherRows: 1 });
    const later = handlersOf(nextWorker(browser));
    expect(await later.archive_fileBegun({ safeId, fileKey })).toBe(first.length);
    const two = { safeId, fileKey, at: first.length, lines: rest, skipped: 0, isLast: true };
    expect(await later.archive_readLines(two)).toEqual({ rows: 2, added: 2, badLines: 0, otherRows: 0 });
    expect(await later.archive_readLines(two)).toEqual({ rows: 0, added: 0, badLines: 0, otherRows: 0 });
    expect(await later.archive_state({ safeId })).toMatchObject({ rows: 4, badLines: 2, otherRows: 1 });
    // The whole file once more, from its beginning: it counts as what it is, not twice.
    await later.archive_readLines({ ...one, lines: first });
    expect(await later.archive_state({ safeId })).toMatchObject({ rows: 4, badLines: 2, otherRows: 1 });
  });
});

describe('an archive that is written', () => {
  test('R-B10 needs the identity opened anew, and has a line in the log before anything of it is out', async () => {
    const browser = await flowBrowser(await node());
    const { safeId, vault } = browser;
    const handlers = handlersOf(browser);
    const lines = new TextEncoder().encode((await rowsFor(browser, 1, 1)).map(lineOf).join(''));
    await handlers.archive_readLines({ safeId, fileKey, at: 0, lines, skipped: 0, isLast: true });
    const wanted = { safeId, head: '', tail: '', secret: null };
    const { signature } = await proofOf(browser);
    signature[5]! ^= 1;
    const forged = { kind: 'wallet', signature } as const;
    await expect(handlers.archive_write({ ...wanted, proof: forged })).rejects.toThrow();
    const logged = async () =>
      (await vault.activity.list(safeId, { limit: 50 })).filter(({ method }) => method === 'archive');
    expect(await logged()).toEqual([]);
    await handlers.archive_write({ ...wanted, proof: await proofOf(browser) });
    expect(await logged()).toMatchObject([{ purpose: 'page', outcome: 'done', origin: null }]);
    const weak = { kind: 'passphrase', passphrase: 'password' } as const;
    await expect(
      handlers.archive_write({ ...wanted, proof: await proofOf(browser), secret: weak }),
    ).rejects.toMatchObject({
      reason: 'weak-passphrase',
    });
    await vault.lock(safeId);
    await expect(handlers.archive_state({ safeId })).rejects.toMatchObject({ reason: 'locked' });
  });

  test('begins anew when the worker died in the middle, and nothing that was gathered is lost', async () => {
    const browser = await flowBrowser(await node());
    const { safeId } = browser;
    const handlers = handlersOf(browser);
    const lines = new TextEncoder().encode((await rowsFor(browser, 2, 2)).map(lineOf).join(''));
    await handlers.archive_readLines({ safeId, fileKey, at: 0, lines, skipped: 0, isLast: true });
    const begun = await handlers.archive_write({
      safeId,
      proof: await proofOf(browser),
      head: '',
      tail: '',
      secret: null,
    });
    await handlers.archive_piece({ safeId, writingId: begun.writingId, at: 0 });
    const later = nextWorker(browser);
    await expect(handlersOf(later).archive_piece({ safeId, writingId: begun.writingId, at: 1 })).rejects.toMatchObject({
      reason: 'stale',
    });
    expect(textsIn((await written(later, null)).bytes)).toEqual(['0 0', '0 1', '1 0', '1 1']);
  });

  test('is sealed under a passphrase, and read again by it and by nothing else', async () => {
    const browser = await flowBrowser(await node());
    const { safeId } = browser;
    const handlers = handlersOf(browser);
    const lines = new TextEncoder().encode((await rowsFor(browser, 1, 5)).map(lineOf).join(''));
    await handlers.archive_readLines({ safeId, fileKey, at: 0, lines, skipped: 0, isLast: true });
    const secret = { kind: 'passphrase', passphrase: filePassphrase } as const;
    const { bytes } = await written(browser, secret);
    expect(new TextDecoder().decode(bytes.slice(0, 21))).toBe('age-encryption.org/v1');
    const [first, second] = [bytes.slice(0, 400), bytes.slice(400)];
    const other = { kind: 'passphrase', passphrase: 'another' } as const;
    await expect(handlers.archive_open({ secret: other, first })).rejects.toMatchObject({ reason: 'wrong-passphrase' });
    const begun = await handlers.archive_open({ secret, first });
    const rest = await handlers.archive_openPiece({ readingId: begun.readingId, at: 0, bytes: second, isLast: true });
    expect(textsIn(concatBytes(begun.bytes, rest))).toEqual(['0 0', '0 1', '0 2', '0 3', '0 4']);
    const cut = await handlers.archive_open({ secret, first });
    const piece = { readingId: cut.readingId, at: 0, bytes: second.slice(0, -9), isLast: true };
    await expect(handlers.archive_openPiece(piece)).rejects.toMatchObject({ reason: 'bad-file' });
    await expect(handlers.archive_openPiece({ ...piece, at: 1 })).rejects.toMatchObject({ reason: 'stale' });
  });
});
