// Rotating the prekey over the network, in the order of protocol (j): sealed and read back, copy published and opened, contact V1 and V2
// published, only then current.
// Promises: each step looks first at what is there, so that a rotation that was cut off anywhere goes on where it stood; what fails
// leaves it pending with its reason, to go on with, to finish here only, or to take back while nothing was sent; it runs only while the identity is open, by itself not before an hour after a failure; all of one
// try is with one node, and taking it back waits for none.
// Must not: replace anything of another identity, or loop.
import { VaultError } from '../../contract/errors';
import type { RotationState } from '../../contract/pages/rotation';
import type { KeyValueArea } from '../../vault/store/host';
import type { Publication } from '../../vault/publication/publication';
import type { Vault } from '../../vault/vault';
import type { NodeAccess } from './node-access';
import { contactRows, copyRows, needsPlacing } from './node-rows';
import { accountOf, announceContact, asFlow, atMsOf, mustBeConfirmed, placeCopy, type Flow } from './publishing';
import type { SafeQueues } from './identity-queues';

export interface RotationFlow {
  state(safeId: string): Promise<RotationState>;
  /**
   * Begins a rotation, or goes on with the pending rotation, to its end. `typed`: the account or its last four characters, so that ours replaces what is
   * not. Throws why it stopped; it stays pending then. 'not-confirmed' for anything else that was typed.
   */
  run(safeId: string, typed?: string): Promise<RotationState>;
  /**
   * Finishes one here, whatever the node has or says; it asks none, and waits for none. What is on nodes stays behind: a copy there is no
   * longer called ours, and the person is told. Without a rotation it does nothing.
   */
  finishHere(safeId: string): Promise<RotationState>;
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
  const { rotation } = vault;
  /** When one may run by itself again, in case its failure could not be written down. */
  const notBeforeMs = new Map<string, number>();

  /** The copy goes first: it must hold the new private prekey before anybody learns the public one. */
  async function renewCopy(flow: Flow, safeId: string, isConfirmed: boolean): Promise<void> {
    const { client, publication } = flow;
    const { copy } = await publication.facts(safeId);
    const there = await copyRows(client, publication, safeId, await accountOf(vault, safeId));
    // Never sent, or somebody else's took its place before it was called ours.
    if (copy.state === 'none' && !there.same && !there.older) return;
    // Somebody else's copy, or a copy that nobody here can open: a rotation never decides about that (R-I4).
    if (there.top === 'other' && !isConfirmed) {
      await publication.notice(safeId, 'other-copy-published');
      throw new VaultError('needs-confirmation');
    }
    const message = await publication.resealCopy(safeId);
    if (!message) return;
    await withdraw(publication, safeId);
    if (needsPlacing(there)) await placeCopy(flow, safeId, { message, above: there.above });
    else if (there.top !== 'same' || there.above > 0) await publication.notice(safeId, 'not-newest');
  }

  /** The notice about what a rotation waited for, when it waits no longer. */
  async function withdraw(publication: Publication, safeId: string): Promise<void> {
    if ((await publication.facts(safeId)).notice === 'other-copy-published') await publication.notice(safeId, null);
  }

  async function renewContact(flow: Flow, safeId: string, isConfirmed: boolean): Promise<void> {
    const { client, publication } = flow;
    // Looked at before anything is called sent, so that a node that cannot be reached leaves a rotation that can be taken back.
    const { contact: there, above, canBeTopped } = await contactRows(client, await accountOf(vault, safeId));
    const verdict = there && (await publication.classifyContact(safeId, there.message));
    const { contactPublishedAtMs } = await publication.facts(safeId);
    // Peers were never told of this identity, neither from here nor by another client of the account.
    if (contactPublishedAtMs === null && (verdict === undefined || verdict === 'other-identity')) return;
    if (verdict === 'other-identity' && !isConfirmed) {
      await publication.notice(safeId, 'other-identity-published');
      throw new VaultError('needs-confirmation');
    }
    if (verdict === 'other-identity') await publication.notice(safeId, null);
    await rotation.mark(safeId, 'copied');
    if (there?.version === 2 && verdict === 'pending' && (above === 0 || !canBeTopped))
      await publication.contactPublished(safeId, atMsOf(there));
    else await announceContact(flow, safeId, above);
  }

  async function steps(safeId: string, signal: AbortSignal, isConfirmed: boolean): Promise<void> {
    const at = (await node.environment())?.url;
    const isSet = at !== undefined;
    const stage = await rotation.begin(safeId);
    const { publishes } = await rotation.state(safeId);
    const { copy } = await vault.publication.facts(safeId);
    // Without a node, an identity whose copy is on one waits: its copy would lack the new prekey.
    const isCopyMeant = stage === 'sealed' && publishes && (isSet || copy.state !== 'none');
    const isContactMeant = stage !== 'announced' && publishes && isSet;
    if (isCopyMeant || isContactMeant)
      await asFlow(options, { at, signal }, async (flow) => {
        if (isCopyMeant) await renewCopy(flow, safeId, isConfirmed);
        if (isContactMeant) await renewContact(flow, safeId, isConfirmed);
      });
    await rotation.mark(safeId, 'copied');
    await rotation.mark(safeId, 'announced');
    await rotation.complete(safeId, at);
  }

  /** One try. */
  async function attempt(safeId: string, signal: AbortSignal, isConfirmed = false): Promise<void> {
    try {
      await steps(safeId, signal, isConfirmed);
    } catch (error) {
      const reason = error instanceof VaultError ? error.reason : 'internal';
      // Nothing has failed: it goes on like a rotation whose worker died.
      if (reason === 'stopped') throw error;
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
    return (
      asked !== undefined &&
      nowMs() - asked.atMs < repeatedWithinMs &&
      pending === null &&
      (lastAtMs ?? 0) >= asked.sinceMs
    );
  }

  async function run(safeId: string, typed?: string): Promise<RotationState> {
    if (typed !== undefined) mustBeConfirmed(await accountOf(vault, safeId), typed);
    const { lastAtMs: beforeMs } = await rotation.state(safeId);
    return await queues.run(safeId, async (signal) => {
      const key = askedKey(safeId);
      // One that was asked for while another ran is that other.
      const { pending: left, lastAtMs } = await rotation.state(safeId);
      const wasAnother = left === null && lastAtMs !== beforeMs;
      if (!wasAnother && !(await isDone(safeId))) {
        // A rotation counts from when it was begun, which may be long ago.
        const { pending } = await rotation.state(safeId);
        await session.set({ [key]: { atMs: nowMs(), sinceMs: pending?.startedAtMs ?? nowMs() } });
        await attempt(safeId, signal, typed !== undefined).catch(async (error: unknown) => {
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
      .run(safeId, async (signal) => {
        if (await isWanted()) await attempt(safeId, signal).finally(onEnd);
      })
      .catch(() => undefined);

  const isDue = async (safeId: string) => (await rotation.due(nowMs())).includes(safeId);

  return {
    state: rotation.state,
    run,
    resume: (safeId) =>
      runIf(safeId, async () => (await rotation.state(safeId)).pending !== null || (await isDue(safeId))),
    resumeInterrupted: (safeId) =>
      runIf(safeId, async () => {
        const { pending } = await rotation.state(safeId);
        return pending !== null && pending.reason === null;
      }),
    async finishHere(safeId) {
      queues.stop(safeId);
      return await queues.run(safeId, async () => {
        if ((await rotation.state(safeId)).pending === null) return rotation.state(safeId);
        const isPublic =
          (await vault.publication.facts(safeId)).contactPublishedAtMs !== null ||
          (await rotation.state(safeId)).publishes;
        await rotation.mark(safeId, 'copied');
        await rotation.mark(safeId, 'announced');
        if (isPublic) await vault.publication.notice(safeId, 'left-behind');
        await rotation.complete(safeId, null);
        notBeforeMs.delete(safeId);
        await onRotated(await accountOf(vault, safeId));
        return rotation.state(safeId);
      });
    },
    async cancel(safeId) {
      // Also of a person who no longer waits for a node that does not answer.
      queues.stop(safeId);
      return await queues.run(safeId, async () => {
        await rotation.cancel(safeId);
        await withdraw(vault.publication, safeId);
        return rotation.state(safeId);
      });
    },
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
