// Rotating the prekey over the network, in the order of protocol (j): sealed and read back, copy published and opened, contact V1 and V2
// published, only then current.
// Promises: each step looks first at what is there, so that a rotation that was cut off anywhere goes on where it stood; what fails
// leaves it pending with its reason; it runs only while the identity is open, by itself not before an hour after a failure.
// Must not: replace anything of another identity, or loop.
import { VaultError } from '../contract/errors';
import type { RotationState } from '../contract/flows';
import type { NodeClient } from '../network/node-client';
import type { KeyValueArea } from '../vault/host';
import type { Vault } from '../vault/vault';
import type { NodeAccess } from './node-access';
import { accountOf, announceContact, contactOnNode, newestCopy, placeCopy } from './publishing';
import type { SafeQueues } from './safe-queues';

export interface RotationFlow {
  state(safeId: string): Promise<RotationState>;
  /** Begins a rotation or goes on with one, to its end. Throws why it stopped; it stays pending then. */
  run(safeId: string): Promise<RotationState>;
  /** At unlock: goes on with what is pending, however short ago it failed, and begins what is due. Never rejects. */
  resume(safeId: string): Promise<void>;
  /** At the start of a worker: goes on with what its predecessor was doing when it died. Never rejects. */
  resumeInterrupted(safeId: string): Promise<void>;
  /** Takes a rotation back of which nothing was sent. Throws 'wrong-step' otherwise. */
  cancel(safeId: string): Promise<RotationState>;
  /** Starts what is due now, in the background, and says when to ask again, in milliseconds since 1970. */
  startDue(): Promise<number | undefined>;
}

const hourMs = 3_600_000;
/** As long as the page whose worker died takes to ask again. */
const repeatedWithinMs = 60_000;
const askedKey = (safeId: string) => `rotation-asked:${safeId}`;

export function createRotationFlow(options: {
  vault: Vault;
  node: NodeAccess;
  session: KeyValueArea;
  queues: SafeQueues;
  nowMs: () => number;
  /** A rotation is complete: connected pages are told. */
  onRotated: (account: string) => Promise<void>;
  /** One that ran by itself has ended: there is another time to wait for. */
  onEnd: () => void;
}): RotationFlow {
  const { vault, node, session, queues, nowMs, onRotated, onEnd } = options;
  const { rotation, publication } = vault;
  /** When one may run by itself again, in case its failure could not be written down. */
  const notBeforeMs = new Map<string, number>();

  /** The copy goes first: it must hold the new private prekey before anybody learns the public one. */
  async function renewCopy(client: NodeClient, safeId: string): Promise<void> {
    const { copy } = await publication.facts(safeId);
    const there = await newestCopy(client, await accountOf(vault, safeId));
    const isOurs = there !== undefined && (await opens(safeId, there.message)) !== 'not-ours';
    // Never sent, or somebody else's took its place before it was called ours.
    if (copy.state === 'none' && !isOurs) return;
    // Somebody else's, or one that nobody here can open: a rotation never decides about that (R-I4).
    if (there && !isOurs) throw new VaultError('needs-confirmation');
    // From here on the new prekey belongs to what is compared: a copy without it is an older one.
    const message = await publication.resealCopy(safeId);
    if (!message || (there && (await opens(safeId, there.message)) === 'same')) return;
    await placeCopy({ vault, client, nowMs }, safeId, { message });
  }

  async function opens(safeId: string, message: Uint8Array): Promise<'same' | 'older' | 'not-ours'> {
    const found = await publication.opensCopy(safeId, message);
    return found === 'same' || found === 'older' ? found : 'not-ours';
  }

  async function renewContact(client: NodeClient, safeId: string): Promise<void> {
    // Looked at before anything is called sent, so that a node that cannot be reached leaves a rotation that can be taken back.
    const there = await contactOnNode(client, await accountOf(vault, safeId));
    const verdict = there && (await publication.judgeContact(safeId, there.message));
    const { contactPublishedAtMs } = await publication.facts(safeId);
    // Peers were never told of this identity, neither from here nor by another client of the account.
    if (contactPublishedAtMs === null && (verdict === undefined || verdict === 'other-identity')) return;
    if (verdict === 'other-identity') throw new VaultError('needs-confirmation');
    await rotation.mark(safeId, 'copied');
    if (there?.version === 2 && verdict === 'pending') await publication.contactPublished(safeId, Number(there.timestampNs / 1_000_000n));
    else await announceContact({ vault, client, nowMs }, safeId);
  }

  async function steps(safeId: string): Promise<void> {
    const stage = await rotation.begin(safeId);
    const { publishes } = await rotation.state(safeId);
    const { copy } = await publication.facts(safeId);
    const isSet = (await node.environment()) !== null;
    // Without a node, an identity whose copy is on one waits: its copy would lack the new prekey.
    const isCopyMeant = stage === 'sealed' && publishes && (isSet || copy.state !== 'none');
    const isContactMeant = stage !== 'announced' && publishes && isSet;
    if (isCopyMeant || isContactMeant)
      // Both with one client: the person may set another node meanwhile.
      await node.ask(async (client) => {
        if (isCopyMeant) await renewCopy(client, safeId);
        if (isContactMeant) await renewContact(client, safeId);
      });
    await rotation.mark(safeId, 'copied');
    await rotation.mark(safeId, 'announced');
    await rotation.complete(safeId);
  }

  /** One try. */
  async function attempt(safeId: string): Promise<void> {
    try {
      await steps(safeId);
    } catch (error) {
      const reason = error instanceof VaultError ? error.reason : 'internal';
      // Locked in the middle: there is nothing to write it to, and the next unlock goes on.
      await rotation.failed(safeId, reason).catch(() => undefined);
      notBeforeMs.set(safeId, nowMs() + hourMs);
      throw error;
    }
    notBeforeMs.delete(safeId);
    await onRotated(await accountOf(vault, safeId));
  }

  /** A call of a page is repeated when its worker died: then what was finished since must not be begun anew. */
  async function isDone(safeId: string): Promise<boolean> {
    const key = askedKey(safeId);
    const asked = (await session.get([key]))[key] as { atMs: number; sinceMs: number } | undefined;
    const { pending, lastAtMs } = await rotation.state(safeId);
    return asked !== undefined && nowMs() - asked.atMs < repeatedWithinMs && pending === null && (lastAtMs ?? 0) >= asked.sinceMs;
  }

  async function run(safeId: string): Promise<RotationState> {
    const { lastAtMs: beforeMs } = await rotation.state(safeId);
    return await queues.run(safeId, async () => {
      const key = askedKey(safeId);
      // One that was asked for while another ran is that other.
      const { pending: left, lastAtMs } = await rotation.state(safeId);
      const wasAnother = left === null && lastAtMs !== beforeMs;
      if (!wasAnother && !(await isDone(safeId))) {
        // A rotation counts from when it was begun, which may be long ago.
        const { pending } = await rotation.state(safeId);
        await session.set({ [key]: { atMs: nowMs(), sinceMs: pending?.startedAtMs ?? nowMs() } });
        await attempt(safeId).catch(async (error: unknown) => {
          await session.remove([key]);
          throw error;
        });
      }
      await session.remove([key]);
      return rotation.state(safeId);
    });
  }

  const runIf = (safeId: string, isWanted: () => Promise<boolean>): Promise<void> =>
    queues
      .run(safeId, async () => {
        if (await isWanted()) await attempt(safeId).finally(onEnd);
      })
      .catch(() => undefined);

  const isDue = async (safeId: string) => (await rotation.due(nowMs())).includes(safeId);

  return {
    state: rotation.state,
    run,
    resume: (safeId) => runIf(safeId, async () => (await rotation.state(safeId)).pending !== null || (await isDue(safeId))),
    resumeInterrupted: (safeId) =>
      runIf(safeId, async () => {
        const { pending } = await rotation.state(safeId);
        return pending !== null && pending.reason === null;
      }),
    cancel: (safeId) =>
      queues.run(safeId, async () => {
        await rotation.cancel(safeId);
        return rotation.state(safeId);
      }),
    async startDue() {
      const isOver = (safeId: string) => (notBeforeMs.get(safeId) ?? 0) <= nowMs();
      const due = (await rotation.due(nowMs())).filter(isOver);
      for (const safeId of due) void runIf(safeId, async () => isOver(safeId) && (await isDue(safeId)));
      let next = Infinity;
      for (const { safeId, status } of (await vault.state()).identities) {
        if (status !== 'unlocked' || due.includes(safeId)) continue;
        const atMs = Math.max((await rotation.nextAtMs(safeId)) ?? Infinity, notBeforeMs.get(safeId) ?? 0);
        if (atMs > nowMs()) next = Math.min(next, atMs);
      }
      return next === Infinity ? undefined : next;
    },
  };
}
