// The second person of the demo: a stock xmtp-js client with keys of its own, in this process, who answers what is written to her.
// Promises: an unmodified client over the embedded node; nothing of the vault is used. Must not: be mistaken for a person.
import { createRequire } from 'node:module';
import type * as Xmtp from '@xmtp/xmtp-js';
import { testAccount } from './node/node.testkit';

// The package's ES module entry cannot be imported by node (its protobuf package lacks file extensions); its CommonJS entry can.
const { Client } = createRequire(import.meta.url)('@xmtp/xmtp-js') as typeof Xmtp;

export interface Peer {
  address: string;
  close(): Promise<void>;
}

/** Grace, reachable over the node, answering each message until she is closed. */
export async function startPeer(nodeUrl: string): Promise<Peer> {
  const account = testAccount('Grace of the demo');
  const client = await Client.create(account.signer, {
    env: 'local',
    apiUrl: nodeUrl.replace(/\/$/, ''),
    persistConversations: false,
  });
  const stream = await client.conversations.streamAllMessages();
  const answering = (async () => {
    let count = 0;
    for await (const message of stream) {
      if (message.senderAddress === client.address) continue;
      count++;
      const text = String(message.content);
      await message.conversation.send(
        count === 1 ? `Hello! I am Grace, a stock XMTP client. You wrote: ${text}` : `I read: ${text}`,
      );
    }
  })().catch(() => undefined);
  return {
    address: account.address,
    async close() {
      await stream.return(undefined);
      await Promise.race([answering, new Promise((resolve) => setTimeout(resolve, 500))]);
      await client.close();
    },
  };
}
