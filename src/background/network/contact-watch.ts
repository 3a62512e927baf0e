// Watching the own contact: another client of the account may publish an older prekey, or somebody another identity (protocol j, 7), or
// put rows above it that nobody can use.
// Promises: the person is told; ours is published again at most once between two starts of the browser, and never over another identity.
// Must not: fight in a loop, or report a node that cannot be reached.
import type { KeyValueArea } from '../../vault/store/host';
import type { Vault } from '../../vault/vault';
import { isFirstTime } from './first-time';
import type { NodeAccess } from './node-access';
import { contactRows } from './node-rows';
import { accountOf, announceContact, asFlow, atMsOf, logAct, tellPlace } from './publishing';
import type { SafeQueues } from './identity-queues';

export interface ContactWatch {
  /** Looks at the contact of an open identity that has something on the network. Never rejects. */
  look(safeId: string): Promise<void>;
  /** The same when the last look is an hour ago: for the start of a worker, which happens often. */
  lookNowAndThen(safeId: string): Promise<void>;
}

const hourMs = 3_600_000;
const lookedKey = 'contact-looked';
const republishedKey = 'contact-republished';
const toldKey = 'contact-told';

export function createContactWatch(options: {
  vault: Vault;
  node: NodeAccess;
  session: KeyValueArea;
  queues: SafeQueues;
  nowMs: () => number;
}): ContactWatch {
  const { vault, node, session, queues, nowMs } = options;

  async function look(safeId: string, signal: AbortSignal): Promise<void> {
    if ((await node.environment()) === null) return;
    await asFlow(options, { signal }, async (flow) => {
      const { client, publication } = flow;
      const { contactPublishedAtMs, copy } = await publication.facts(safeId);
      // Keys that came from the network have a contact there that this browser did not publish.
      if (contactPublishedAtMs === null && copy.state === 'none') return;
      const { contact: there, above, canBeTopped, isCut } = await contactRows(client, await accountOf(vault, safeId));
      // Filled by somebody, so that readers give up as we do. Where ours alone is missing, only the node can know why.
      if (isCut && (await isFirstTime(session, toldKey, safeId))) await publication.notice(safeId, 'foreign-rows');
      const verdict = there && (await publication.classifyContact(safeId, there.message));
      if (verdict === 'other-identity') return await publication.notice(safeId, 'other-identity-published');
      if (there && verdict === 'current') {
        const atMs = atMsOf(there);
        if (atMs !== contactPublishedAtMs) await tellPlace(flow, safeId, { ...there, isNewest: true });
        await publication.contactPublished(safeId, atMs);
      }
      const isBuried = verdict === 'current' && above > 0;
      if (verdict !== 'older-prekey' && !isBuried) return undefined;
      if (!canBeTopped) {
        // Nothing that is published would be found first: it is said once, and not fought.
        if (await isFirstTime(session, toldKey, safeId)) await publication.notice(safeId, 'not-newest');
        return undefined;
      }
      // The one that a rotation left behind is ours, published from here.
      const isLeftBehind = there !== undefined && atMsOf(there) === contactPublishedAtMs;
      if (verdict === 'older-prekey' && !isLeftBehind) await publication.notice(safeId, 'older-prekey-republished');
      // A rotation under way publishes by itself.
      if (
        (await vault.rotation.state(safeId)).pending !== null ||
        !(await isFirstTime(session, republishedKey, safeId))
      )
        return undefined;
      await announceContact(flow, safeId, verdict === 'older-prekey' ? 0 : above);
      await logAct(options, safeId, 'publish');
      return undefined;
    });
  }

  async function lookedAtMs(): Promise<Record<string, number>> {
    return ((await session.get([lookedKey]))[lookedKey] ?? {}) as Record<string, number>;
  }

  const inTurn = (safeId: string, isMeant: () => Promise<boolean>) =>
    queues
      .run(safeId, async (signal) => {
        if (!(await isMeant())) return;
        await session.set({ [lookedKey]: { ...(await lookedAtMs()), [safeId]: nowMs() } });
        await look(safeId, signal);
      })
      .catch(() => undefined);

  return {
    look: (safeId) => inTurn(safeId, async () => true),
    lookNowAndThen: (safeId) => inTurn(safeId, async () => nowMs() - ((await lookedAtMs())[safeId] ?? 0) >= hourMs),
  };
}
