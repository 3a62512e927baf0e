// Rotating the prekey over the network, in the order of protocol (j): sealed and read back, copy published and opened, contact V1 and V2
// published, only then current.
// Promises: each step looks first at what is there, so that a rotation that was cut off anywhere goes on where it stood; what fails
// leaves it pending with its reason; it runs only while the identity is open, by itself at most every few hours after a failure.
// Must not: replace anything of another identity, or loop.
import { VaultError } from '../contract/errors';
import type { RotationState } from '../contract/flows';
import type { NodeClient } from '../network/node-client';
import type { KeyValueArea } from '../vault/host';
import type { FlowVault } from './flow-vault';
import type { NodeAccess } from './node-access';
import { accountOf, announceContact, contactOnNode, newestCopy, placeCopy } from './publishing';
import type { SafeQueues } from './safe-queues';

export interface RotationFlow {
  state(safeId: string): Promise<RotationState>;
  /** Begins a rotation or goes on with one, to its end. Throws why it stopped; it stays pending then. */
  run(safeId: string): Promise<RotationState>;
  /** At unlock: goes on with what is pending, whatever the back-off says, and begins what is due. Never rejects. */
  resume(safeId: string): Promise<void>;
  /** Takes a rotation back of which nothing is on the node. Throws 'wrong-step' otherwise, network reasons when that cannot be told. */
  cancel(safeId: string): Promise<RotationState>;
  /** Starts what is due now, in the background, and says when to ask again, in milliseconds since 1970. */
  startDue(): Promise<number | undefined>;
}

const hourMs = 3_600_000;
const retryKey = 'rotation-retry';
/** Hours from one failure to the next try by itself; the last goes on. */
const retryHours = [1, 2, 4, 8, 24];

/** As long as the page whose worker died takes to ask again. */
const repeatedWithinMs = 60_000;
const askedKey = (safeId: string) => `rotation-asked:${safeId}`;

type Retries = Record<string, { failures: number; notBeforeMs: number }>;

export function createRotationFlow(options: {
  vault: FlowVault;
  node: NodeAccess;
  session: KeyValueArea;
  queues: SafeQueues;
  nowMs: () => number;
  /** A rotation is complete: connected pages are told. */
  onRotated: (account: string) => Promise<void>;
}): RotationFlow {
  const { vault, node, session, queues, nowMs, onRotated } = options;
  const { rotation, publication } = vault;

  async function state(safeId: string): Promise<RotationState> {
    const [facts, { copy, contactPublishedAtMs }, environment] = await Promise.all([rotation.state(safeId), publication.facts(safeId), node.environment()]);
    return { ...facts, publishes: copy.state !== 'none' || (environment !== null && contactPublishedAtMs !== null) };
  }

  /** The copy goes first: it must hold the new private prekey before anybody learns the public one. */
  async function publishCopy(client: NodeClient, safeId: string): Promise<void> {
    const there = await newestCopy(client, await accountOf(vault, safeId));
    const opens = there && (await publication.opensCopy(safeId, there.message));
    if (opens === 'same') return;
    // Somebody else's, or one that nobody here can open: a rotation never decides about that (R-I4).
    if (there && opens !== 'older') throw new VaultError('needs-confirmation');
    const message = await publication.resealCopy(safeId);
    if (message) await placeCopy({ vault, client, nowMs }, safeId, { message });
  }

  async function publishContact(client: NodeClient, safeId: string): Promise<void> {
    const there = await contactOnNode(client, await accountOf(vault, safeId));
    const verdict = there && (await publication.judgeContact(safeId, there.message));
    if (verdict === 'other-identity') throw new VaultError('needs-confirmation');
    if (there?.version === 2 && verdict === 'pending') return publication.contactPublished(safeId, Number(there.timestampNs / 1_000_000n));
    await announceContact({ vault, client, nowMs }, safeId);
  }

  async function steps(safeId: string): Promise<void> {
    const stage = await rotation.begin(safeId);
    const { copy, contactPublishedAtMs } = await publication.facts(safeId);
    if (stage === 'sealed' && copy.state !== 'none') {
      await node.ask((client) => publishCopy(client, safeId));
      await rotation.mark(safeId, 'copied');
    }
    if (stage !== 'announced' && contactPublishedAtMs !== null && (await node.environment()) !== null) {
      await node.ask((client) => publishContact(client, safeId));
      await rotation.mark(safeId, 'announced');
    }
    await rotation.complete(safeId);
  }

  /** What was published may have arrived although its answer did not: then the rotation can only go on. */
  async function mustBeUnpublished(client: NodeClient, safeId: string): Promise<void> {
    const account = await accountOf(vault, safeId);
    const { copy, contactPublishedAtMs } = await publication.facts(safeId);
    const there = copy.state === 'none' ? undefined : await newestCopy(client, account);
    if (there && (await publication.opensCopy(safeId, there.message)) === 'same') throw new VaultError('wrong-step');
    const contact = contactPublishedAtMs === null ? undefined : await contactOnNode(client, account);
    if (contact && (await publication.judgeContact(safeId, contact.message)) === 'pending') throw new VaultError('wrong-step');
  }

  async function retries(): Promise<Retries> {
    return ((await session.get([retryKey]))[retryKey] ?? {}) as Retries;
  }

  async function noteRetry(safeId: string, hasFailed: boolean): Promise<void> {
    const { [safeId]: known, ...others } = await retries();
    const failures = (known?.failures ?? 0) + 1;
    const hours = retryHours[Math.min(failures, retryHours.length) - 1]!;
    await session.set({ [retryKey]: hasFailed ? { ...others, [safeId]: { failures, notBeforeMs: nowMs() + hours * hourMs } } : others });
  }

  /** One try, when it is still wanted once it is its turn. */
  async function attempt(safeId: string): Promise<void> {
    try {
      await steps(safeId);
    } catch (error) {
      const reason = error instanceof VaultError ? error.reason : 'internal';
      // Locked in the middle: there is nothing to write it to, and the next unlock goes on.
      await rotation.failed(safeId, reason).catch(() => undefined);
      await noteRetry(safeId, true);
      throw error;
    }
    await noteRetry(safeId, false);
    await onRotated(await accountOf(vault, safeId));
  }

  /** A call of a page is repeated when its worker died: then what the worker after it has finished must not be begun anew. */
  async function isDone(safeId: string): Promise<boolean> {
    const key = askedKey(safeId);
    const askedAtMs = (await session.get([key]))[key] as number | undefined;
    const { pending, lastAtMs } = await rotation.state(safeId);
    return askedAtMs !== undefined && nowMs() - askedAtMs < repeatedWithinMs && pending === null && (lastAtMs ?? 0) >= askedAtMs;
  }

  const run = (safeId: string): Promise<RotationState> =>
    queues.run(safeId, async () => {
      const key = askedKey(safeId);
      if (!(await isDone(safeId))) {
        await session.set({ [key]: nowMs() });
        await attempt(safeId).catch(async (error: unknown) => {
          await session.remove([key]);
          throw error;
        });
      }
      await session.remove([key]);
      return state(safeId);
    });

  const runIfWanted = (safeId: string): Promise<void> =>
    queues.run(safeId, async () => {
      const isWanted = (await rotation.state(safeId)).pending !== null || (await rotation.due(nowMs())).includes(safeId);
      if (isWanted) await attempt(safeId);
    });

  return {
    state,
    run,
    resume: (safeId) => runIfWanted(safeId).catch(() => undefined),
    cancel: (safeId) =>
      queues.run(safeId, async () => {
        if ((await state(safeId)).publishes) await node.ask((client) => mustBeUnpublished(client, safeId));
        await rotation.cancel(safeId);
        await noteRetry(safeId, false);
        return state(safeId);
      }),
    async startDue() {
      const known = await retries();
      let next = Infinity;
      for (const { safeId, status } of (await vault.state()).identities) {
        if (status !== 'unlocked') continue;
        const { pending, nextAtMs } = await rotation.state(safeId);
        const dueAtMs = Math.max(pending ? 0 : (nextAtMs ?? Infinity), known[safeId]?.notBeforeMs ?? 0);
        if (dueAtMs > nowMs()) next = Math.min(next, dueAtMs);
        else void runIfWanted(safeId).catch(() => undefined);
      }
      return next === Infinity ? undefined : next;
    },
  };
}
