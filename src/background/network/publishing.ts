// Publishing for the person: the contact (V1, then V2) and the sealed copy of the keys, each looked at on the node before and after.
// Promises: timestamps are newer than what is there, or it is said that they could not be; no contact and no sealed copy that is not ours
// is replaced without a typed confirmation (R-I4), and rows that nobody can use stop nothing; a copy is called published when it came back and opened, saved when a second signature opened it (R-I2).
// Every call can be repeated after a dead worker: it looks first at what is there.
// Must not: see a private key. The vault seals, opens and judges.
import { VaultError } from '../../contract/errors';
import type { NetworkState } from '../../contract/pages/network';
import { isConfirmedBy } from '../../contract/paste';
import { isDatedAhead, publishNewer, readPlaced, type Placed } from '../../network/account-topics';
import { NetworkError } from '../../network/network-error';
import type { NodeClient } from '../../network/node-client';
import { ownTopics, type PublishedMessage } from '../../vault/publication/contacts';
import type { Publication } from '../../vault/publication/publication';
import type { Vault } from '../../vault/vault';
import type { NodeAccess, NodeUse } from './node-access';
import { contactRows, copyRows, needsPlacing } from './node-rows';

/** `use`: what the whole call is bound to. */
export interface Publishing {
  /** Publishes the contact of the current prekey. Throws 'needs-confirmation', 'not-confirmed', network reasons, 'locked'. */
  publishContact(input: { safeId: string; typed?: string | undefined }, use: NodeUse): Promise<NetworkState>;
  /** Seals, publishes, fetches and opens the copy. The caller wipes the signature. Throws as above, and 'wrong-account', 'bad-signature', 'bad-answer'. */
  publishCopy(
    input: { safeId: string; signature: Uint8Array; typed?: string | undefined },
    use: NodeUse,
  ): Promise<NetworkState>;
  /** Opens what the node has with a fresh signature. Throws 'unsteady-wallet', 'wrong-account', 'bad-answer', network reasons. */
  confirmCopy(input: { safeId: string; signature: Uint8Array }, use: NodeUse): Promise<NetworkState>;
  /** Asks no node. */
  state(safeId: string): Promise<NetworkState>;
}

/** `unauthenticated`: the node does not take the token, which may have become too old on the way. */
const unauthenticated = 16;

/** One flow over one node, from its first look to what it writes down. */
export interface Flow {
  readonly vault: Vault;
  readonly client: NodeClient;
  /** What the vault knows of this node, whichever is set by now. */
  readonly publication: Publication;
  readonly nowMs: () => number;
}

/** Runs `work` as one flow. Throws as `ask` of the node does. */
export function asFlow<T>(
  { vault, node, nowMs }: { vault: Vault; node: NodeAccess; nowMs: () => number },
  use: NodeUse,
  work: (flow: Flow, at: string) => Promise<T>,
): Promise<T> {
  return node.ask((client, at) => work({ vault, client, publication: vault.publicationAt(at), nowMs }, at), use);
}

/** Publishes with a fresh token, and once more with another when the node refuses it. */
export async function withToken<T>(
  vault: Pick<Vault, 'publication'>,
  safeId: string,
  publish: (token: Uint8Array) => Promise<T>,
): Promise<T> {
  try {
    return await publish(await vault.publication.token(safeId));
  } catch (error) {
    if (!(error instanceof NetworkError) || error.code !== unauthenticated) throw error;
    return await publish(await vault.publication.token(safeId));
  }
}

/** The account of an identity. Throws 'not-found'. */
export async function accountOf(vault: Pick<Vault, 'state'>, safeId: string): Promise<string> {
  const account = (await vault.state()).identities.find((one) => one.safeId === safeId)?.account;
  if (account === undefined || account === null) throw new VaultError('not-found');
  return account;
}

/** Writes an act on the network into the log; it has happened, whether it can be written or not. */
export async function logAct(
  options: { vault: Vault; nowMs: () => number },
  safeId: string,
  method: 'publish' | 'network',
): Promise<void> {
  await options.vault.activity
    .append(safeId, { atMs: options.nowMs(), origin: null, method, purpose: '', outcome: 'done' })
    .catch(() => undefined);
}

const nowNs = ({ nowMs }: { nowMs: () => number }): bigint => BigInt(nowMs()) * 1_000_000n;

/** Says what others see when ours is not simply the newest: peers take the newest date for the current contact (protocol d). */
export async function tellPlace(
  flow: Pick<Flow, 'publication' | 'nowMs'>,
  safeId: string,
  { timestampNs, isNewest }: Placed,
  above = 0,
): Promise<void> {
  if (!isNewest) await flow.publication.notice(safeId, 'not-newest');
  // Until then nothing that is dated now would count.
  else if (isDatedAhead(timestampNs, nowNs(flow))) await flow.publication.notice(safeId, 'dated-ahead');
  else if (above > 0) await flow.publication.notice(safeId, 'foreign-rows');
}

/**
 * Publishes V1, then V2 with a later timestamp: a tie would be broken by hash (protocol d); then looks whether it is there. `above`: rows
 * that nobody can use, on which it is put. Throws 'bad-answer' when the node does not have it.
 */
export async function announceContact(flow: Flow, safeId: string, above: number): Promise<void> {
  const { vault, client, publication } = flow;
  const topic = ownTopics(await accountOf(vault, safeId)).contact;
  const { v1, v2 } = await publication.contactMessages(safeId);
  let placed: Placed = { timestampNs: 0n, isNewest: true };
  for (const message of [v1, v2])
    placed = await withToken(vault, safeId, (token) =>
      publishNewer(client, { topic, message, token, nowNs: nowNs(flow), afterNs: placed.timestampNs }),
    );
  const isFirst = await isPlaced(client, topic, placed, async (rows) => {
    for (const row of rows)
      if (['current', 'pending'].includes(await publication.classifyContact(safeId, row.message))) return true;
    return false;
  });
  await publication.contactPublished(safeId, atMsOf(placed));
  await tellPlace(flow, safeId, placed, isFirst ? above : above + 1);
}

/** Publishes a sealed copy, fetches it again, and opens it. Throws 'bad-answer' when the node does not have it. */
export async function placeCopy(
  flow: Flow,
  safeId: string,
  copy: { message: Uint8Array; signature?: Uint8Array; above: number },
): Promise<void> {
  const { vault, client, publication } = flow;
  const topic = ownTopics(await accountOf(vault, safeId)).copy;
  const { message, signature, above } = copy;
  const placed = await withToken(vault, safeId, (token) =>
    publishNewer(client, { topic, message, token, nowNs: nowNs(flow) }),
  );
  const isFirst = await isPlaced(client, topic, placed, async (rows) =>
    (
      await publication.classifyCopies(
        safeId,
        rows.map((row) => row.message),
        signature,
      )
    ).includes('same'),
  );
  await tellPlace(flow, safeId, placed, isFirst ? above : above + 1);
}

/** Whether what was published is the newest row. Throws 'bad-answer' when it is not there at all. */
async function isPlaced(
  client: NodeClient,
  topic: string,
  { timestampNs }: Placed,
  hasOurs: (rows: readonly PublishedMessage[]) => Promise<boolean>,
): Promise<boolean> {
  const { newest, sameTime } = await readPlaced(client, topic, timestampNs);
  if (newest && (await hasOurs([newest]))) return true;
  // Somebody was faster, or stands where nothing can be newer.
  if (!(await hasOurs(sameTime))) throw new VaultError('bad-answer');
  return false;
}

/** When a row was dated, in milliseconds since 1970. */
export const atMsOf = ({ timestampNs }: { timestampNs: bigint }): number => Number(timestampNs / 1_000_000n);

/** Throws 'needs-confirmation' when nothing was typed, 'not-confirmed' for anything but the account or its last four characters. */
export function mustBeConfirmed(account: string, typed: string | undefined): void {
  if (typed === undefined) throw new VaultError('needs-confirmation');
  if (!isConfirmedBy(account, typed)) throw new VaultError('not-confirmed');
}

/** Lends the signature, checked and with the byte that may have been missing, and wipes it. */
async function signedIn<T>(
  publication: Publication,
  safeId: string,
  signature: Uint8Array,
  use: (complete: Uint8Array) => Promise<T>,
): Promise<T> {
  const complete = await publication.checkSignature({ safeId, signature });
  try {
    return await use(complete);
  } finally {
    complete.fill(0);
  }
}

export function createPublishing(options: { vault: Vault; node: NodeAccess; nowMs: () => number }): Publishing {
  const { vault, node } = options;

  async function state(safeId: string): Promise<NetworkState> {
    const [environment, facts] = await Promise.all([node.environment(), vault.publication.facts(safeId)]);
    return { environment, ...facts };
  }

  return {
    state,

    publishContact: ({ safeId, typed }, use) =>
      asFlow(options, use, async (flow) => {
        const { client, publication } = flow;
        const account = await accountOf(vault, safeId);
        const { contact: there, above, canBeTopped } = await contactRows(client, account);
        const verdict = there && (await publication.classifyContact(safeId, there.message));
        if (verdict === 'other-identity') mustBeConfirmed(account, typed);
        const isThere =
          there?.version === 2 && (verdict === 'current' || verdict === 'pending') && (above === 0 || !canBeTopped);
        if (isThere) await publication.contactPublished(safeId, atMsOf(there));
        await publication.notice(safeId, null);
        if (isThere) await tellPlace(flow, safeId, { timestampNs: 0n, isNewest: above === 0 });
        else {
          await announceContact(flow, safeId, above);
          await logAct(options, safeId, 'publish');
        }
        return state(safeId);
      }),

    publishCopy: ({ safeId, signature, typed }, use) =>
      asFlow(options, use, async (flow) => {
        const { client, publication } = flow;
        const account = await accountOf(vault, safeId);
        // Before sealing: from then on the signature that opened the earlier copy is no longer remembered.
        return signedIn(publication, safeId, signature, async (complete) => {
          const there = await copyRows(client, publication, safeId, account, complete);
          if (there.top === 'other') mustBeConfirmed(account, typed);
          const message = await publication.sealCopy({ safeId, signature: complete });
          // The same is there when a worker died after it had published.
          if (needsPlacing(there)) {
            await placeCopy(flow, safeId, { message, signature: complete, above: there.above });
            await logAct(options, safeId, 'publish');
          }
          await publication.copyPublished(safeId);
          return state(safeId);
        });
      }),

    confirmCopy: ({ safeId, signature }, use) =>
      asFlow(options, use, async ({ client, publication }) => {
        const account = await accountOf(vault, safeId);
        await signedIn(publication, safeId, signature, async (complete) => {
          if ((await copyRows(client, publication, safeId, account, complete)).same) return;
          const { same: sealed } = await copyRows(client, publication, safeId, account);
          if (!sealed) throw new VaultError('bad-answer');
          // The very row that the first signature opens: if the second opens it too, the node only hid it a moment ago.
          const [judged] = await publication.classifyCopies(safeId, [sealed.message], complete);
          if (judged !== 'same') throw new VaultError('unsteady-wallet');
        });
        await publication.copySaved(safeId);
        return state(safeId);
      }),
  };
}
