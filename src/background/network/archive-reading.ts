// Gathering an account's messages from a node, step by step: invitations, first messages of V1, then every conversation that is known by then.
// Promises: each step is one page of the node and is written down with how far it came, so that a dead worker or a closed page goes on there; conversations
// that became known meanwhile are read before it is done. Any node that answers reads will do: no token, nothing is published.
// Must not: open anything; the vault does, when an archive is written.
import type { NodeStep } from '../../contract/pages/archive';
import { readOldestFirst } from '../../network/account-topics';
import { firstTopics } from '../../vault/archive/gathering';
import type { Vault } from '../../vault/vault';
import type { NodeAccess, NodeUse } from './node-access';

/** Topics that are asked for together: a node merges them into one order, and gives one cursor for all. */
const topicsAtOnce = 50;

/** Where reading a node is. */
interface Place {
  at: NodeStep['at'];
  cursor: string | null;
  /** The last topic, in their order, of those that were read to their end; empty for none. */
  after: string;
  done: number;
}

const start: Place = { at: 'invitations', cursor: null, after: '', done: 0 };

export const nodeSource = (url: string): string => `node ${url}`;

export interface ArchiveFromNode {
  step(input: { safeId: string; account: string; isFresh: boolean }, use: NodeUse): Promise<NodeStep>;
}

export function createArchiveFromNode({
  vault,
  node,
}: {
  vault: Pick<Vault, 'archive'>;
  node: NodeAccess;
}): ArchiveFromNode {
  /** The topics of one identity, listed once for each pass: there may be a hundred thousand. */
  let listed: { safeId: string; topics: string[] } | undefined;

  async function topicsOf(safeId: string, isAnew: boolean): Promise<string[]> {
    if (isAnew || listed?.safeId !== safeId) listed = { safeId, topics: await vault.archive.topics(safeId) };
    return listed.topics;
  }

  return {
    step: ({ safeId, account, isFresh }, use) =>
      node.ask(async (client, url) => {
        const known = (await vault.archive.state(safeId)).sources[nodeSource(url)];
        const isFirst = isFresh || !known || known.next === null;
        const place = isFirst ? start : (JSON.parse(known.next as string) as Place);
        const { at, cursor, after } = place;
        const isInConversations = at === 'conversations';
        const all = isInConversations ? await topicsOf(safeId, after === '' && cursor === null) : [];
        const group = isInConversations ? groupAfter(all, after) : [firstTopics(account)[at]];
        const page =
          group.length === 0 ? { envelopes: [], cursor: null } : await readOldestFirst(client, group, cursor);
        // A page without a row that points at itself is the last one.
        const isStill = page.envelopes.length === 0 && page.cursor === cursor;
        const next =
          isStill || page.cursor === null ? await placeAfter(safeId, place, group) : { ...place, cursor: page.cursor };
        const { added } = await vault.archive.add(safeId, {
          source: nodeSource(url),
          next: next && JSON.stringify(next),
          rows: page.envelopes,
          badLines: 0,
          isFirst,
        });
        const topics = isInConversations
          ? { done: next?.done ?? all.length, all: Math.max(all.length, next?.done ?? 0) }
          : null;
        return { at, seen: page.envelopes.length, added, topics, isAtEnd: next === null };
      }, use),
  };

  /** Where it goes on when these topics were read to their end; null when everything was. */
  async function placeAfter(safeId: string, { at, done }: Place, group: readonly string[]): Promise<Place | null> {
    if (at === 'invitations') return { ...start, at: 'introductions' };
    if (at === 'introductions') return { ...start, at: 'conversations' };
    const read = { at, cursor: null, after: group.at(-1) ?? '', done: done + group.length };
    const last = group.at(-1) ?? '';
    if (groupAfter(await topicsOf(safeId, false), last).length > 0 && group.length > 0) return read;
    // Those that came meanwhile may stand before what was read.
    const now = await topicsOf(safeId, true);
    return now.length > read.done ? { ...start, at } : null;
  }
}

function groupAfter(topics: readonly string[], after: string): string[] {
  const from = topics.findIndex((topic) => topic > after);
  return from < 0 ? [] : topics.slice(from, from + topicsAtOnce);
}
