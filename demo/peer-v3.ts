// The second person on today's XMTP: the unmodified @xmtp/browser-sdk with a key of its own, in this process, who answers what is written to her.
// Promises: a stock client over the embedded V3 node; nothing of the vault is used. Must not: be mistaken for a person.
import { loadBrowserSdk, testSigner, type Client } from './node-v3/browser-sdk.testkit';

// With this file, not on demand: `npm start` loads its sources by an importer that is closed once they run.
const sdk = await loadBrowserSdk();

export interface PeerV3 {
  name: string;
  address: string;
  client: Client;
  close(): void;
}

/** Grace, reachable over the node, answering each message until she is closed; `answers: false` only listens. */
export async function startPeerV3(nodeUrl: string, { answers = true } = {}): Promise<PeerV3> {
  const { address, signer } = testSigner('Grace of the demo');
  const options = { env: 'local', apiUrl: nodeUrl, dbPath: null, disableDeviceSync: true, loggingLevel: 0 } as const;
  const client = await sdk.Client.create(signer, { ...options });
  let count = 0;
  const answer = async (conversationId: string, text: string): Promise<void> => {
    count++;
    const conversation = await client.conversations.getConversationById(conversationId);
    await conversation?.sendText(
      count === 1 ? `Hello! I am Grace, a stock client of today’s XMTP. You wrote: ${text}` : `I read: ${text}`,
    );
  };
  if (answers)
    await client.conversations.streamAllDmMessages({
      onValue({ senderInboxId, content, conversationId }) {
        if (senderInboxId === client.inboxId || typeof content !== 'string') return;
        void answer(conversationId, content).catch((error: unknown) => console.error('Grace:', error));
      },
    });
  return { name: 'Grace', address, client, close: () => client.close() };
}
