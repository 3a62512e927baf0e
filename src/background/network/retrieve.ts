// Looking for an account's keys on a node, and taking them from there, through whatever others have put on its topics.
// Promises: one look is bounded and says where to go on; among rows that do not open, as many as there are, the one that does is found.
// Must not: keep what it reads, or judge a copy; the vault does.
import { VaultError } from '../../contract/errors';
import type { NetworkLook } from '../../contract/pages/network';
import type { EnrolmentState } from '../../contract/pages/enrolment';
import { lookThrough } from '../../network/account-topics';
import type { Envelope } from '../../network/envelope';
import type { NodeClient } from '../../network/node-client';
import { ownTopics } from '../../vault/publication/contacts';
import { copiesAmong, copyIdOf, retrievalLimits } from '../../vault/publication/retrieval';
import type { Vault } from '../../vault/vault';
import { contactRows } from './node-rows';
import { atMsOf } from './publishing';

interface Asked {
  vault: Vault;
  client: NodeClient;
  /** The node of that client. */
  at: string;
}

/** The account's contact, unless the look goes on `from` an earlier one, and the newest copies of its keys from there. Throws network reasons. */
export async function lookForKeys({ client, at }: Asked, account: string, from: string | null): Promise<NetworkLook> {
  const contact = from === null ? (await contactRows(client, account)).contact : undefined;
  const newest = new Map<string, Envelope>();
  let unreadable = 0;
  const more = await lookThrough(client, { topic: ownTopics(account).copy, from }, async (rows) => {
    for (const [index, row] of rows.entries()) {
      const copyId = copyIdOf(row.message);
      if (copyId === undefined) unreadable++;
      else if (!newest.has(copyId)) {
        if (newest.size === retrievalLimits.copies) return index;
        newest.set(copyId, row);
      }
    }
    return undefined;
  });
  const { copies } = copiesAmong([...newest.values()]);
  return {
    nodeUrl: at,
    contact: contact
      ? { version: contact.version, publishedAtMs: atMsOf(contact), identityKeyHex: contact.identityKeyHex }
      : null,
    copies: copies.map(({ copyId, publishedAtMs, text }) => ({ copyId, publishedAtMs, text, from })),
    unreadable,
    more,
  };
}

/**
 * Gives the vault every envelope of one candidate, newest first, as many at once as it tries, until one opens. `from`: where the look
 * began that found it. Throws as `enrolment.retrieve`, with the reason of the newest; 'stale' (with "copy") when the node no longer has any.
 */
export async function retrieveKeys(
  { vault, client, at }: Asked,
  {
    safeId,
    copyId,
    signature,
    from = null,
  }: { safeId: string; copyId: string; signature: Uint8Array; from?: string | null | undefined },
): Promise<EnrolmentState> {
  const { account } = await vault.enrolment.get({ safeId });
  let held: Envelope[] = [];
  let heldBytes = 0;
  let state: EnrolmentState | undefined;
  let reason: VaultError | undefined;

  async function open(): Promise<void> {
    try {
      // The node it is read from is the one that is remembered to have it.
      state = await vault.enrolment.retrieve({ safeId, envelopes: held, signature, nodeUrl: at });
    } catch (error) {
      if (!(error instanceof VaultError && error.reason === 'unusable-copy')) throw error;
      reason ??= error;
    }
    held = [];
    heldBytes = 0;
  }

  await lookThrough(client, { topic: ownTopics(account).copy, from }, async (rows) => {
    for (const [index, row] of rows.entries()) {
      if (copyIdOf(row.message) !== copyId) continue;
      held.push(row);
      heldBytes += row.message.length;
      if (held.length < retrievalLimits.envelopesOfCopy && heldBytes < retrievalLimits.bytesOfCopy) continue;
      await open();
      if (state) return index + 1;
    }
    return undefined;
  });
  if (!state && held.length > 0) await open();
  if (state) return state;
  throw reason ?? new VaultError('stale', 'copy');
}
