// Publishing for the person: the contact (V1, then V2) and the sealed copy of the keys, each looked at on the node before and after.
// Promises: timestamps are newer than what is there; nothing of another identity, and nothing that cannot be read, is replaced
// without a typed confirmation (R-I4); a copy is called published when it came back and opened, saved when a second signature opened it (R-I2).
// Every call can be repeated after a dead worker: it looks first at what is there.
// Must not: see a private key. The vault seals, opens and judges.
import { VaultError } from '../contract/errors';
import type { NetworkState } from '../contract/flows';
import { isDatedAhead, publishNewer, readContacts, readCopies } from '../network/account-topics';
import { NetworkError } from '../network/network-error';
import type { NodeClient } from '../network/node-client';
import { countingContact, ownTopics, type CountingContact, type PublishedMessage } from '../vault/contacts';
import { isConfirmedBy } from '../vault/inputs';
import type { Vault } from '../vault/vault';
import type { NodeAccess } from './node-access';

export interface Publishing {
  /** Publishes the contact of the current prekey. Throws 'needs-confirmation', 'not-confirmed', network reasons, 'locked'. */
  publishContact(input: { safeId: string; typed?: string | undefined }): Promise<NetworkState>;
  /** Seals, publishes, fetches and opens the copy. The caller wipes the signature. Throws as above, and 'wrong-account', 'bad-signature', 'bad-answer'. */
  publishCopy(input: { safeId: string; signature: Uint8Array; typed?: string | undefined }): Promise<NetworkState>;
  /** Opens what the node has with a fresh signature. Throws 'unsteady-wallet', 'wrong-account', 'bad-answer', network reasons. */
  confirmCopy(input: { safeId: string; signature: Uint8Array }): Promise<NetworkState>;
  /** Asks no node. */
  state(safeId: string): Promise<NetworkState>;
}

/** `unauthenticated`: the node does not take the token, which may have become too old on the way. */
const unauthenticated = 16;

/** Publishes with a fresh token, and once more with another when the node refuses it. */
export async function withToken<T>(vault: Pick<Vault, 'publication'>, safeId: string, publish: (token: Uint8Array) => Promise<T>): Promise<T> {
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
export async function logAct(options: { vault: Vault; nowMs: () => number }, safeId: string, method: 'publish' | 'network'): Promise<void> {
  await options.vault.activity.append(safeId, { atMs: options.nowMs(), origin: null, method, purpose: '', outcome: 'done' }).catch(() => undefined);
}

/** The contact that counts on the node now. */
export async function contactOnNode(client: NodeClient, account: string): Promise<CountingContact | undefined> {
  return countingContact(account, await readContacts(client, account));
}

/** The newest envelope on the account's key topic: the one that stock clients read. */
export async function newestCopy(client: NodeClient, account: string): Promise<PublishedMessage | undefined> {
  return (await readCopies(client, account))[0];
}

const nowNs = ({ nowMs }: { nowMs: () => number }): bigint => BigInt(nowMs()) * 1_000_000n;

/** Peers take the newest date for the current contact: until then nothing that is dated now would count (protocol d). */
export async function tellDatedAhead(options: { vault: Pick<Vault, 'publication'>; nowMs: () => number }, safeId: string, timestampNs: bigint): Promise<void> {
  if (isDatedAhead(timestampNs, nowNs(options))) await options.vault.publication.notice(safeId, 'dated-ahead');
}

/** Publishes V1, then V2 with a later timestamp: a tie would be broken by hash (protocol d). The person is told when both had to be dated ahead. */
export async function announceContact(options: { vault: Vault; client: NodeClient; nowMs: () => number }, safeId: string): Promise<void> {
  const { vault, client } = options;
  const topic = ownTopics(await accountOf(vault, safeId)).contact;
  const { v1, v2 } = await vault.publication.contactMessages(safeId);
  let timestampNs = 0n;
  for (const message of [v1, v2])
    timestampNs = await withToken(vault, safeId, (token) => publishNewer(client, { topic, message, token, nowNs: nowNs(options) }));
  await vault.publication.contactPublished(safeId, Number(timestampNs / 1_000_000n));
  await tellDatedAhead(options, safeId, timestampNs);
}

/** Publishes a sealed copy, fetches what the node has then, and opens it. Throws 'bad-answer' when it is not the same. */
export async function placeCopy(
  options: { vault: Vault; client: NodeClient; nowMs: () => number },
  safeId: string,
  copy: { message: Uint8Array; signature?: Uint8Array },
): Promise<void> {
  const { vault, client } = options;
  const account = await accountOf(vault, safeId);
  const topic = ownTopics(account).copy;
  const timestampNs = await withToken(vault, safeId, (token) => publishNewer(client, { topic, message: copy.message, token, nowNs: nowNs(options) }));
  await tellDatedAhead(options, safeId, timestampNs);
  const back = await newestCopy(client, account);
  if (!back || (await vault.publication.opensCopy(safeId, back.message, copy.signature)) !== 'same') throw new VaultError('bad-answer');
}

/** Throws 'needs-confirmation' when nothing was typed, 'not-confirmed' for anything but the account or its last four characters. */
function mustBeConfirmed(account: string, typed: string | undefined): void {
  if (typed === undefined) throw new VaultError('needs-confirmation');
  if (!isConfirmedBy(account, typed)) throw new VaultError('not-confirmed');
}

export function createPublishing(options: { vault: Vault; node: NodeAccess; nowMs: () => number }): Publishing {
  const { vault, node, nowMs } = options;
  const { publication } = vault;

  async function state(safeId: string): Promise<NetworkState> {
    const [environment, facts] = await Promise.all([node.environment(), publication.facts(safeId)]);
    return { environment, ...facts };
  }

  return {
    state,

    publishContact: ({ safeId, typed }) =>
      node.ask(async (client) => {
        const account = await accountOf(vault, safeId);
        const there = await contactOnNode(client, account);
        const verdict = there && (await publication.judgeContact(safeId, there.message));
        if (verdict === 'other-identity') mustBeConfirmed(account, typed);
        const isThere = there?.version === 2 && (verdict === 'current' || verdict === 'pending');
        if (isThere) await publication.contactPublished(safeId, Number(there.timestampNs / 1_000_000n));
        await publication.notice(safeId, null);
        if (!isThere) {
          await announceContact({ vault, client, nowMs }, safeId);
          await logAct(options, safeId, 'publish');
        }
        return state(safeId);
      }),

    publishCopy: ({ safeId, signature, typed }) =>
      node.ask(async (client) => {
        const account = await accountOf(vault, safeId);
        const there = await newestCopy(client, account);
        // Before sealing: from then on the signature that opened the earlier copy is no longer remembered.
        await publication.checkSignature({ safeId, signature });
        const opens = there && (await publication.opensCopy(safeId, there.message, signature));
        const isOurs = isOwn(opens) || (there && isOwn(await publication.opensCopy(safeId, there.message)));
        if (there && !isOurs) mustBeConfirmed(account, typed);
        const message = await publication.sealCopy({ safeId, signature });
        // The same is there when a worker died after it had published.
        if (opens !== 'same') {
          await placeCopy({ vault, client, nowMs }, safeId, { message, signature });
          await logAct(options, safeId, 'publish');
        }
        await publication.copyPublished(safeId);
        return state(safeId);
      }),

    confirmCopy: ({ safeId, signature }) =>
      node.ask(async (client) => {
        const there = await newestCopy(client, await accountOf(vault, safeId));
        await publication.checkSignature({ safeId, signature });
        if (!there) throw new VaultError('bad-answer');
        if ((await publication.opensCopy(safeId, there.message, signature)) === 'same') {
          await publication.copySaved(safeId);
          return state(safeId);
        }
        // With the first signature it opens: then it is the second that differs. Else the node gives back something else.
        throw new VaultError((await publication.opensCopy(safeId, there.message)) === 'same' ? 'unsteady-wallet' : 'bad-answer');
      }),
  };
}

const isOwn = (opens: string | undefined): boolean => opens === 'same' || opens === 'older';
