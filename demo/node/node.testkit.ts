// For tests of the node only: accounts with tokens, and calls as a bare client makes them.
// Promises accounts made from names, so that failures repeat, and answers as they came: status, headers, parsed JSON.
// Must not: hide anything of the wire behind defaults; what a helper sends stands in its few lines.
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { authorizationOf, createAuthToken } from '../../src/protocol/keys/auth-token';
import { bytesToHex, utf8ToBytes } from '../../src/protocol/base/bytes';
import { addressOf, eip191Digest, normaliseWalletSignature } from '../../src/protocol/base/ethereum';
import type { PrivateKey } from '../../src/protocol/keys/keys';
import { createIdentityKey, createIdentityTextOf, signIdentityKey } from '../../src/protocol/keys/keys';
import type { EnvelopeJson, QueryResponseJson } from './faults';
import type { TestNode } from './node';

/** An account, the wallet interface of the real client, and headers of tokens made at a time. */
export interface TestAccount {
  readonly address: string;
  readonly identityKey: PrivateKey;
  readonly signer: { getAddress(): Promise<string>; signMessage(text: string): Promise<string> };
  /** An Authorization header dated `createdMs`, now unless told. */
  authorization(createdMs?: number): string;
}

export function testAccount(name: string): TestAccount {
  const privateKey = sha256(utf8ToBytes(`wallet ${name}`));
  const sign = (text: string): string => {
    const signed = secp256k1.sign(eip191Digest(text), privateKey, { prehash: false, format: 'recovered' });
    return `0x${bytesToHex(signed.slice(1))}${(27 + (signed[0] as number)).toString(16)}`;
  };
  const unsigned = createIdentityKey({
    privateKey: sha256(utf8ToBytes(`identity ${name}`)),
    createdMs: 1_700_000_000_000n,
  });
  const identityKey = signIdentityKey(unsigned, normaliseWalletSignature(sign(createIdentityTextOf(unsigned))));
  const address = addressOf(secp256k1.getPublicKey(privateKey, false));
  return {
    address,
    identityKey,
    signer: { getAddress: async () => address, signMessage: async (text) => sign(text) },
    authorization: (createdMs = Date.now()) =>
      authorizationOf(createAuthToken(identityKey, BigInt(createdMs) * 1_000_000n)),
  };
}

/** The parts of any answer; which of them are there depends on the call. */
export interface AnswerJson {
  readonly code: number;
  readonly message: string;
  readonly details: unknown[];
  readonly envelopes: EnvelopeJson[];
  readonly pagingInfo: QueryResponseJson['pagingInfo'];
  readonly responses: QueryResponseJson[];
  readonly paths: object;
}

/** What came back. `json` is undefined at run time when the body is not JSON. */
export interface Heard {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: AnswerJson;
}

/** A POST to `/message/v1/<call>`. Objects are sent as JSON, everything else as it is. */
export async function post(
  node: TestNode,
  call: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Heard> {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array || body === undefined;
  return ask(node, `/message/v1/${call}`, {
    method: 'POST',
    headers,
    ...(body !== undefined && { body: (isRaw ? body : JSON.stringify(body)) as string }),
  });
}

/** Any request. */
export async function ask(node: TestNode, path: string, init: RequestInit = {}): Promise<Heard> {
  const response = await fetch(`${node.url}${path}`, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parsed(text) as AnswerJson };
}

/** The JSON of an envelope whose message is text. */
export function envelope(
  contentTopic: string,
  timestampNs: bigint | number | string,
  message: string | Uint8Array,
): EnvelopeJson {
  return { contentTopic, timestampNs: String(timestampNs), message: Buffer.from(message).toString('base64') };
}

/** Publishes without a token; for nodes with `auth: false`. Throws unless it was accepted. */
export async function publish(node: TestNode, ...envelopes: object[]): Promise<void> {
  const heard = await post(node, 'publish', { envelopes });
  if (heard.status !== 200) throw new Error(`publish: ${heard.status} ${heard.text}`);
}

/** An open stream of lines. */
export interface TestStream {
  readonly response: Response;
  /** The next line as JSON; undefined at run time after the end. */
  next(): Promise<{ result: EnvelopeJson }>;
  /** All further lines, to the end of the stream. */
  rest(): Promise<unknown[]>;
  cancel(): Promise<void>;
}

/** Opens a stream and waits until the node knows it; `opened` resolves with the first envelope, not before. */
export async function subscribe(
  node: TestNode,
  call: string,
  body: { contentTopics?: string[] },
  headers: Record<string, string> = {},
): Promise<{ opened: Promise<TestStream> }> {
  // By topic: a stream that another test has left may still be closing.
  const topic = body.contentTopics?.[0] ?? (call === 'subscribe-all' ? '*' : undefined);
  const before = node.subscriberCount(topic);
  const opened = fetch(`${node.url}/message/v1/${call}`, { method: 'POST', body: JSON.stringify(body), headers }).then(
    readLines,
  );
  await until(() => node.subscriberCount(topic) > before);
  return { opened };
}

/** Waits until it is true; throws after five seconds. */
export async function until(isTrue: () => boolean): Promise<void> {
  for (const end = Date.now() + 120_000; !isTrue(); await new Promise((resolve) => setTimeout(resolve, 2))) {
    if (Date.now() > end) throw new Error('it did not become true');
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readLines(response: Response): TestStream {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let buffered = '';
  const next = async (): Promise<{ result: EnvelopeJson }> => {
    for (;;) {
      const end = buffered.indexOf('\n');
      if (end >= 0) {
        const line = buffered.slice(0, end);
        buffered = buffered.slice(end + 1);
        return JSON.parse(line) as { result: EnvelopeJson };
      }
      const { done, value } = await reader.read();
      if (done) return undefined as never;
      buffered += decoder.decode(value, { stream: true });
    }
  };
  return {
    response,
    next,
    async rest() {
      const lines = [];
      for (let line = await next(); line !== undefined; line = await next()) lines.push(line);
      return lines;
    },
    cancel: () => reader.cancel(),
  };
}
