// The page of the messaging figures: makes data, calls the two keystores and times them, told what to do by bench/message-page.
// Promises that every answer is checked after the clock has stopped, so that no error is ever timed.
// Must not keep a clock running while data are made.
// First of all: what xmtp-js takes for granted as soon as it is loaded.
import '../../demo/dapp/node-globals';
import { content as wireContent, keystore as wire, type publicKey } from '@xmtp/proto';
import type { InvitationV1, PrivateKeyBundleV1 } from '@xmtp/xmtp-js';
import {
  headerV2,
  invite,
  newConversation,
  newKeys,
  newPeer,
  writeV1,
  writeV2,
  type InviteRequest,
  type Peer,
  type ReadV1Request,
  type ReadV2Request,
} from './peers';
import { inPageKeystore, inPageReader, provider, vaultReader, type Reader } from './readers';

/** One call of the vault that is compared with an echo of the same request. */
export type SingleCall = 'xmtp_decryptV2' | 'xmtp_encryptV2';

const batchItems = 1_000;
const readers = new Map<string, Reader>();
const inPageKeys = new Map<string, PrivateKeyBundleV1>();
const peers: Peer[] = [];
const letters = new Map<string, ReadV2Request[]>();
const lettersV1 = new Map<string, ReadV1Request[]>();
const invitations = new Map<string, InviteRequest[]>();
const singles = new Map<SingleCall, { account: string; request: Uint8Array }>();

function known<Value>(map: Map<string, Value>, name: string): Value {
  const value = map.get(name);
  if (value === undefined) throw new Error(`nothing was prepared for ${name}`);
  return value;
}

const keystoreOf = (name: string) => known(readers, name).keystore;

async function msOf<T>(act: () => Promise<T>, check: (answer: T) => boolean): Promise<number> {
  const started = performance.now();
  const answer = await act();
  const ms = performance.now() - started;
  if (!check(answer)) throw new Error('an answer was wrong');
  return ms;
}

async function saveAll(name: string, requests: InviteRequest[]): Promise<void> {
  for (let at = 0; at < requests.length; at += batchItems) {
    const { responses } = await keystoreOf(name).saveInvites({ requests: requests.slice(at, at + batchItems) });
    if (!responses.every(({ result }) => result?.conversation)) throw new Error('an invitation was refused');
  }
}

const areRead = (size: number) => (answer: { responses: { result?: { decrypted: Uint8Array } | undefined }[] }) =>
  answer.responses.every(({ result }) => result?.decrypted.length === size);

const messageSize = 100;

/** Says something every millisecond. */
const tickerSource =
  'const cell = new Int32Array(new SharedArrayBuffer(4)); for (;;) { Atomics.wait(cell, 0, 0, 1); postMessage(0); }';
const tickerUrl = URL.createObjectURL(new Blob([tickerSource], { type: 'text/javascript' }));

const page = {
  /** The vault's keystore for an account, under that name. */
  async openVault(name: string, account: string): Promise<void> {
    readers.set(name, await vaultReader(account));
  },
  /** xmtp-js with new keys and nothing stored, under that name. */
  async openInPage(name: string): Promise<void> {
    const keys = await newKeys();
    inPageKeys.set(name, keys);
    readers.set(name, await inPageReader(keys));
  },
  /** The same keys with nothing stored. */
  async emptyInPage(name: string): Promise<void> {
    localStorage.clear();
    known(readers, name).keystore = await inPageKeystore(known(inPageKeys, name).encode());
  },
  async makePeers(count: number): Promise<void> {
    for (let at = 0; at < count; at++) peers.push(await newPeer());
  },

  /**
   * New conversations that all these readers know, from as many peers as asked for, and the first `letterCount` messages in them,
   * by turns. The messages are kept for each reader.
   */
  async converse(names: string[], count: number, peerCount: number, letterCount: number): Promise<void> {
    const first: InvitationV1[] = [];
    for (let begin = 0; begin < count; begin += batchItems) {
      const fresh = Array.from({ length: Math.min(batchItems, count - begin) }, newConversation);
      for (const name of names) {
        const requests = await Promise.all(
          fresh.map((one, index) => invite(peers[(begin + index) % peerCount]!, known(readers, name), one)),
        );
        await saveAll(name, requests);
      }
      first.push(...fresh.slice(0, Math.max(0, letterCount - begin)));
    }
    const written: ReadV2Request[] = [];
    for (let at = 0; at < letterCount; at++) written.push(await writeV2(first[at % first.length]!, messageSize));
    for (const name of names) letters.set(name, written);
  },
  /** Milliseconds for all messages of `converse`. */
  readV2: (name: string): Promise<number> =>
    msOf(() => keystoreOf(name).decryptV2({ requests: known(letters, name) }), areRead(messageSize)),
  /** The longest time, in milliseconds, for which the page could do nothing else while it read all messages of `converse`. */
  async stallOfReadV2(name: string): Promise<number> {
    // A thread of its own ticks: a page that ticks by itself is a busy page, and would slow down what it measures.
    const ticker = new Worker(tickerUrl);
    await new Promise((resolve) => ticker.addEventListener('message', resolve, { once: true }));
    let longest = 0;
    let last = performance.now();
    const look = () => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    };
    ticker.addEventListener('message', look);
    await page.readV2(name);
    look();
    ticker.terminate();
    return longest;
  },
  /** Milliseconds for an echo of the requests that `readV2` sends, in as large pieces, as many at once. */
  async echoOfReadV2(name: string, pieceItems: number, atOnce: number): Promise<number> {
    const all = known(letters, name);
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < all.length; at += pieceItems)
      pieces.push(wire.DecryptV2Request.encode({ requests: all.slice(at, at + pieceItems) }).finish());
    const started = performance.now();
    let next = 0;
    const lane = async () => {
      while (next < pieces.length) await provider.request({ method: 'test_echo', params: { request: pieces[next++] } });
    };
    await Promise.all(Array.from({ length: atOnce }, lane));
    return performance.now() - started;
  },

  /** V1 messages of these peers to all these readers, `each` of every peer. */
  async writeV1(names: string[], firstPeer: number, peerCount: number, each: number): Promise<void> {
    for (const name of names) {
      const written: ReadV1Request[] = [];
      for (let at = 0; at < peerCount * each; at++)
        written.push(await writeV1(peers[firstPeer + Math.floor(at / each)]!, known(readers, name), messageSize));
      lettersV1.set(name, written);
    }
  },
  /** Milliseconds for all of them at once. */
  readV1: (name: string): Promise<number> =>
    msOf(() => keystoreOf(name).decryptV1({ requests: known(lettersV1, name) }), areRead(messageSize)),
  /** Milliseconds for each of them, one after the other. */
  async readV1OneByOne(name: string): Promise<number[]> {
    const times: number[] = [];
    for (const request of known(lettersV1, name))
      times.push(await msOf(() => keystoreOf(name).decryptV1({ requests: [request] }), areRead(messageSize)));
    return times;
  },

  /** Invitations of these peers to all these readers: new conversations, one of every peer and more if `count` is larger. */
  async invite(names: string[], firstPeer: number, peerCount: number, count: number): Promise<void> {
    const fresh = Array.from({ length: count }, newConversation);
    for (const name of names) {
      const requests = await Promise.all(
        fresh.map((one, index) => invite(peers[firstPeer + (index % peerCount)]!, known(readers, name), one)),
      );
      invitations.set(name, requests);
    }
  },
  /** Milliseconds until all of them are saved: in batches of 1,000. */
  saveInvites: (name: string): Promise<number> =>
    msOf(
      () => saveAll(name, known(invitations, name)),
      () => true,
    ),
  /** Milliseconds until each of them is saved, one after the other. */
  async saveInvitesOneByOne(name: string): Promise<number[]> {
    const times: number[] = [];
    for (const request of known(invitations, name))
      times.push(
        await msOf(
          () => saveAll(name, [request]),
          () => true,
        ),
      );
    return times;
  },

  /** Prepares one request of each kind for the vault's reader `name`, who knows the conversations of `converse`. */
  async prepareSingleCalls(name: string): Promise<void> {
    const { signed, name: account } = known(readers, name);
    const [letter] = known(letters, name);
    const { contentTopic } = letter!;
    const headerBytes = headerV2(contentTopic);
    const content = {
      payload: crypto.getRandomValues(new Uint8Array(messageSize)),
      sender: signed as publicKey.SignedPublicKeyBundle,
      signature: undefined,
    };
    const payload = wireContent.SignedContent.encode(content).finish();
    const toWrite = wire.EncryptV2Request.encode({ requests: [{ payload, headerBytes, contentTopic }] }).finish();
    singles.set('xmtp_decryptV2', { account, request: wire.DecryptV2Request.encode({ requests: [letter!] }).finish() });
    singles.set('xmtp_encryptV2', { account, request: toWrite });
  },
  /** Milliseconds of each of `count` calls of one kind, or of echoes of its request. */
  async callSingly(call: SingleCall, isEcho: boolean, count: number): Promise<number[]> {
    const params = known(singles, call);
    const times: number[] = [];
    for (let at = 0; at < count; at++) {
      const ask = () => provider.request({ method: isEcho ? 'test_echo' : call, params });
      times.push(await msOf(ask, (answer) => isEcho || (answer instanceof Uint8Array && answer.length > messageSize)));
    }
    return times;
  },

  /** Milliseconds of opening the stored keystore of these keys and reading one message. */
  async reopenInPage(name: string): Promise<number> {
    const encodedKeys = known(inPageKeys, name).encode();
    const requests = known(letters, name).slice(0, 1);
    return msOf(
      async () => (known(readers, name).keystore = await inPageKeystore(encodedKeys)).decryptV2({ requests }),
      areRead(messageSize),
    );
  },
  /** Milliseconds for the first message of `converse` alone. */
  readOneV2: (name: string): Promise<number> =>
    msOf(() => keystoreOf(name).decryptV2({ requests: known(letters, name).slice(0, 1) }), areRead(messageSize)),
  /** Milliseconds for the list of all conversations. */
  listV2: (name: string, atLeast: number): Promise<number> =>
    msOf(
      () => keystoreOf(name).getV2Conversations(),
      ({ conversations }) => conversations.length >= atLeast,
    ),
};

/** What the page can be told to do. */
export type MessagePage = typeof page;
Object.assign(window, { benchMessages: page });
