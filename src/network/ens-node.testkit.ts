// A node of Ethereum for tests, over HTTP on this computer: it answers the three questions of ENS from a book, and counts what it is asked.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bytesToHex, concatBytes, utf8ToBytes } from '../protocol/base/bytes';
import { encodeQuestion, ensRegistry, nodeOf, reverseNodeOf } from '../protocol/ens/names';

export interface EnsTestNode {
  url: string;
  /** By account: what it says it is called, and to which account that name leads; `leadsTo: null` for a name that another place keeps. */
  book: Map<string, { name: string; leadsTo: string | null }>;
  /** Every request's method, in their order. */
  asked: string[];
  /** Headers of the last request. */
  headers: IncomingMessage['headers'];
  chain: string;
  /** Answers in its place when it gives true. */
  fault: ((response: ServerResponse, method: string) => boolean) | undefined;
  close(): Promise<void>;
}

const resolverAddress = '0x231b0Ee14048e9dCcD1d247744d114a4EB5E8E63';
const word = (hex: string) => hex.replace(/^0x/, '').padStart(64, '0');
const zeros = `0x${word('')}`;
export const textAnswer = (text: string): string => {
  const bytes = bytesToHex(utf8ToBytes(text));
  const padded = bytes.padEnd(Math.ceil(bytes.length / 64) * 64, '0');
  return `0x${word('20')}${word((bytes.length / 2).toString(16))}${padded}`;
};

export async function startEnsNode(): Promise<EnsTestNode> {
  const node = { book: new Map(), asked: [], headers: {}, chain: '0x1', fault: undefined } as unknown as EnsTestNode;
  const dataOf = (question: Parameters<typeof encodeQuestion>[0], of: Uint8Array) =>
    `0x${bytesToHex(concatBytes(encodeQuestion(question, of)))}`;

  function called(to: string, data: string): string {
    for (const [account, { name, leadsTo }] of node.book) {
      const reverse = reverseNodeOf(account);
      const isRegistry = to === ensRegistry;
      if (data === dataOf('resolver', reverse)) return isRegistry ? `0x${word(resolverAddress)}` : zeros;
      if (data === dataOf('name', reverse)) return textAnswer(name);
      if (name === '' || leadsTo === null) continue;
      if (data === dataOf('resolver', nodeOf(name))) return isRegistry ? `0x${word(resolverAddress)}` : zeros;
      if (data === dataOf('addr', nodeOf(name))) return `0x${word(leadsTo.toLowerCase())}`;
    }
    return zeros;
  }

  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { id, method, params } = JSON.parse(Buffer.concat(parts).toString()) as {
        id: number;
        method: string;
        params: [{ to: string; data: string }];
      };
      node.asked.push(method);
      node.headers = request.headers;
      if (node.fault?.(response, method)) return;
      const result = method === 'eth_chainId' ? node.chain : called(params[0].to, params[0].data);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  node.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/a-key?of=tests`;
  node.close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return node;
}
