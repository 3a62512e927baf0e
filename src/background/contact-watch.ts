// Watching the own contact: another client of the account may publish an older prekey, or somebody another identity (protocol j, 7).
// Promises: the person is told; ours is published again at most once between two starts of the browser, and never over another identity.
// Must not: fight in a loop, or report a node that cannot be reached.
import type { KeyValueArea } from '../vault/host';
import type { Vault } from '../vault/vault';
import type { NodeAccess } from './node-access';
import { accountOf, announceContact, contactOnNode, logAct, tellDatedAhead } from './publishing';
import type { SafeQueues } from './safe-queues';

export interface ContactWatch {
  /** Looks at the contact of an open identity that has something on the network. Never rejects. */
  look(safeId: string): Promise<void>;
  /** The same when the last look is an hour ago: for the start of a worker, which happens often. */
  lookNowAndThen(safeId: string): Promise<void>;
}

const hourMs = 3_600_000;
const lookedKey = 'contact-looked';
const republishedKey = 'contact-republished';

export function createContactWatch(options: {
  vault: Vault;
  node: NodeAccess;
  session: KeyValueArea;
  queues: SafeQueues;
  nowMs: () => number;
}): ContactWatch {
  const { vault, node, session, queues, nowMs } = options;
  const { publication } = vault;

  /** Says whether this is the first time since the browser started. Written down before publishing: a worker that dies does not try again. */
  async function mayRepublish(safeId: string): Promise<boolean> {
    const known = ((await session.get([republishedKey]))[republishedKey] ?? []) as string[];
    if (known.includes(safeId)) return false;
    await session.set({ [republishedKey]: [...known, safeId] });
    return true;
  }

  async function look(safeId: string): Promise<void> {
    const { contactPublishedAtMs, copy } = await publication.facts(safeId);
    // Keys that came from the network have a contact there that this browser did not publish.
    const isPublic = contactPublishedAtMs !== null || copy.state !== 'none';
    if (!isPublic || (await node.environment()) === null) return;
    await node.ask(async (client) => {
      const there = await contactOnNode(client, await accountOf(vault, safeId));
      if (!there) return;
      const verdict = await publication.judgeContact(safeId, there.message);
      if (verdict === 'other-identity') await publication.notice(safeId, 'other-identity-published');
      if (verdict === 'current') {
        const atMs = Number(there.timestampNs / 1_000_000n);
        if (atMs !== contactPublishedAtMs) await tellDatedAhead({ vault, nowMs }, safeId, there.timestampNs);
        await publication.contactPublished(safeId, atMs);
      }
      if (verdict !== 'older-prekey') return;
      await publication.notice(safeId, 'older-prekey-republished');
      // A rotation under way publishes by itself.
      if ((await vault.rotation.state(safeId)).pending !== null || !(await mayRepublish(safeId))) return;
      await announceContact({ vault, client, nowMs }, safeId);
      await logAct({ vault, nowMs }, safeId, 'publish');
    });
  }

  async function lookedAtMs(): Promise<Record<string, number>> {
    return ((await session.get([lookedKey]))[lookedKey] ?? {}) as Record<string, number>;
  }

  const inTurn = (safeId: string, isMeant: () => Promise<boolean>) =>
    queues
      .run(safeId, async () => {
        if (!(await isMeant())) return;
        await session.set({ [lookedKey]: { ...(await lookedAtMs()), [safeId]: nowMs() } });
        await look(safeId);
      })
      .catch(() => undefined);

  return {
    look: (safeId) => inTurn(safeId, async () => true),
    lookNowAndThen: (safeId) => inTurn(safeId, async () => nowMs() - ((await lookedAtMs())[safeId] ?? 0) >= hourMs),
  };
}
