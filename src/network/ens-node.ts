// Client of a node of Ethereum (JSON-RPC), for one question: what ENS calls an account.
// Promises: a name is given only where it leads back to the very account; each answer is bounded in size and time; only the node's own address is asked, and
// none that an answer names. Must not: ask again what failed, or take a failure for "no name".
import { bytesToHex } from '../protocol/base/bytes';
import { ProtocolError } from '../protocol/base/errors';
import {
  bytesOfData,
  decodeAddress,
  decodeText,
  encodeQuestion,
  ensRegistry,
  nodeOf,
  reverseNodeOf,
  type EnsQuestion,
} from '../protocol/ens/names';
import { readWhole } from './bounded-body';
import { NetworkError } from './network-error';
import { parseJson } from './node-json';
import { expectSuccess, inTime, post, type RequestLimits } from './node-request';

export interface EnsNodeOptions {
  /** Its address, with path and query where it has them. */
  readonly url: string;
  readonly fetch?: typeof fetch;
  readonly limits?: Partial<RequestLimits>;
}

export interface EnsNodeClient {
  /** The chain that it is a node of; 1 is Ethereum itself. Throws NetworkError. */
  chain(signal?: AbortSignal): Promise<bigint>;
  /**
   * What ENS calls an account, as the account said and the name confirms; undefined when it says nothing, or a name that leads elsewhere. Throws
   * NetworkError, also where only a server beside the node could tell.
   */
  nameOf(account: string, signal?: AbortSignal): Promise<string | undefined>;
}

const defaultLimits: RequestLimits = { requestMs: 5_000, answerBytes: 16_384 };

export function createEnsNodeClient(options: EnsNodeOptions): EnsNodeClient {
  const { url, fetch: fetcher = (...args) => fetch(...args) } = options;
  const limits = { ...defaultLimits, ...options.limits };

  function request(method: string, params: readonly unknown[], signal?: AbortSignal): Promise<string> {
    return inTime(limits, signal, async (ending) => {
      const headers = { 'content-type': 'application/json', accept: 'application/json' };
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
      const response = await post(fetcher, url, { headers, body }, ending);
      await expectSuccess(response);
      return resultIn(parseJson(await readWhole(response, limits.answerBytes)));
    });
  }

  const asked = async (to: string, question: EnsQuestion, node: Uint8Array, signal?: AbortSignal) => {
    const data = `0x${bytesToHex(encodeQuestion(question, node))}`;
    return bytesOfData(await request('eth_call', [{ to, data }, 'latest'], signal));
  };

  async function confirmedName(account: string, signal?: AbortSignal): Promise<string | undefined> {
    const reverse = reverseNodeOf(account);
    const teller = decodeAddress(await asked(ensRegistry, 'resolver', reverse, signal));
    if (teller === undefined) return undefined;
    const name = decodeText(await asked(teller, 'name', reverse, signal));
    if (name === '') return undefined;
    const node = nodeOf(name);
    const resolver = decodeAddress(await asked(ensRegistry, 'resolver', node, signal));
    // Its parent may answer for it, from somewhere that is not asked.
    if (resolver === undefined) throw new NetworkError('bad-answer', 'the name is kept elsewhere');
    const owner = decodeAddress(await asked(resolver, 'addr', node, signal));
    return owner?.toLowerCase() === account.toLowerCase() ? name : undefined;
  }

  return {
    async chain(signal) {
      const text = await request('eth_chainId', [], signal);
      if (!/^0x[0-9a-fA-F]{1,16}$/.test(text)) throw new NetworkError('bad-answer', 'the answer is not a chain');
      return BigInt(text);
    },
    async nameOf(account, signal) {
      try {
        return await confirmedName(account, signal);
      } catch (error) {
        if (error instanceof ProtocolError) throw new NetworkError('bad-answer', 'the answer is not one of ENS');
        throw error;
      }
    },
  };
}

/** The text that a JSON-RPC answer holds. Throws 'refused' where it holds an error. */
function resultIn(answer: unknown): string {
  if (typeof answer !== 'object' || answer === null) throw new NetworkError('bad-answer', 'the answer is not JSON-RPC');
  const { result, error } = answer as { result?: unknown; error?: unknown };
  if (error !== undefined && error !== null) throw new NetworkError('refused', 'the node refused');
  if (typeof result !== 'string') throw new NetworkError('bad-answer', 'the answer holds no result');
  return result;
}
