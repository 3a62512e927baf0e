// Invitations that were found on the network, put into the safe page by page.
// Promises: they go through the keystore's own way of saving, with all its checks; the first invitation of a topic wins.
// Must not: open anything itself, or stop at an invitation that does not open.
import { decodeSaveInvitesResponse, encodeSaveInvitesRequest } from '../../protocol/keystore/messages';
import type { Database } from '../store/database';
import { readStores } from '../store/database';
import type { VaultHost } from '../store/host';
import type { Keystore } from '../keystore/keystore';

/** An envelope of the account's invitation topic. */
export interface HistoryEnvelope {
  contentTopic: string;
  timestampNs: bigint;
  message: Uint8Array;
}

export interface History {
  /**
   * Saves what is new. `added`: by how many conversations the safe has grown; `failed`: envelopes that are not an invitation to or from
   * this identity. Throws what the keystore throws; then nothing of this page was saved.
   */
  save(safeId: string, envelopes: readonly HistoryEnvelope[]): Promise<{ added: number; failed: number }>;
}

/** No document of a page ever has this key. */
const documentKey = 'history';

export function createHistory(options: { db: Database; host: VaultHost; keystore: Pick<Keystore, 'run'> }): History {
  const { db, host, keystore } = options;

  function conversationCount(safeId: string): Promise<number> {
    const range = IDBKeyRange.bound([safeId, 'conversations'], [safeId, 'conversations', []]);
    return readStores(db, ['entries'], (transaction) => transaction.objectStore('entries').count(range));
  }

  return {
    async save(safeId, envelopes) {
      if (envelopes.length === 0) return { added: 0, failed: 0 };
      const before = await conversationCount(safeId);
      const items = envelopes.map(({ contentTopic, timestampNs, message }) => ({
        contentTopic,
        timestampNs,
        payload: message,
      }));
      const response = await keystore.run(safeId, 'xmtp_saveInvites', encodeSaveInvitesRequest(items), {
        documentKey,
        nowMs: host.nowMs(),
      });
      const failed = decodeSaveInvitesResponse(response).filter((outcome) => 'refusal' in outcome).length;
      return { added: (await conversationCount(safeId)) - before, failed };
    },
  };
}
