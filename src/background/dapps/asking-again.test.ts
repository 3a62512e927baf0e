// Parameters of what waits for a person: dropped by the worker, kept by the relay, asked for when they are needed. Real ports, gate and vault.
// The relay here is a model of src/bridge/relay; e2e/load.test.ts has the real one.
import 'fake-indexeddb/auto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeEach, describe, expect, test } from 'vitest';
import { packBytes, unpackBytes } from '../../contract/bytes-codec';
import { VaultError } from '../../contract/errors';
import { limits, workerLimits } from '../../contract/limits';
import type { VaultSignature } from '../../contract/dapp/methods';
import { decodeSelfEncryptResponse, encodeSelfEncryptRequest } from '../../protocol/keystore/messages';
import type { Vault } from '../../vault/vault';
import {
  createTestBrowser,
  createTestWallet,
  enrol,
  unlockWithWallet,
  type TestBrowser,
} from '../../vault/testkit/vault.testkit';
import { createAdmission, type Admission } from './admission';
import { createDappPorts, type DappPorts } from './ports';
import { createRouter, type Router } from './router';
import type { Outcome } from '../testkit/router.testkit';
import type { Dapp } from '../browser/sender';
import { decideOne } from '../../vault/testkit/decide.testkit';
import type { ApprovalDecision } from '../../vault/consent/approvals/approval-record';

interface Worker {
  vault: Vault;
  router: Router;
  ports: DappPorts;
  admission: Admission;
}

interface Relay {
  call(method: string, params: unknown): { id: string; answer: Promise<Outcome> };
  /** What is sent when a request is asked for again: the same as before, unless a test says otherwise. */
  onAgain: (id: string, send: (params: unknown) => void) => void;
  /** Requests whose frames were asked for again, in order. */
  asked: string[];
  /** Sends any frame. */
  say(frame: unknown): void;
  disconnect(): void;
  connect(worker: Worker): void;
}

let ids = 0;

function relayOf(dapp: Dapp, packs = false): Relay {
  const held = new Map<
    string,
    { method: string; params: unknown; isSent: boolean; settle: (outcome: Outcome) => void }
  >();
  let listener: (message: unknown) => void = () => undefined;
  let gone: () => void = () => undefined;
  const send = (id: string, params: unknown) => {
    const one = held.get(id);
    if (!one) return;
    one.isSent = true;
    listener({
      jsonrpc: '2.0',
      id,
      method: one.method,
      params: packs ? packBytes(params) : params,
      ...(packs && { packed: true }),
    });
  };
  const relay: Relay = {
    asked: [],
    onAgain: (id, deliver) => deliver(held.get(id)?.params),
    call(method, params) {
      const id = (++ids).toString(16).padStart(32, '0');
      const answer = new Promise<Outcome>((settle) => held.set(id, { method, params, isSent: false, settle }));
      send(id, params);
      return { id, answer };
    },
    say: (frame) => listener(frame),
    disconnect: () => gone(),
    connect({ ports }) {
      const receive = (message: unknown) => {
        const frame = message as {
          id?: string;
          method?: string;
          params?: { id: string };
          result?: unknown;
          error?: Outcome['error'];
        };
        if (frame.method === 'again') {
          const { id } = frame.params!;
          relay.asked.push(id);
          // As in a browser: an answer is a task of its own.
          setTimeout(() => relay.onAgain(id, (params) => send(id, params)));
        } else if (frame.id !== undefined) {
          const settle = held.get(frame.id)?.settle;
          held.delete(frame.id);
          settle?.((packs ? unpackBytes(frame) : frame) as Outcome);
        }
      };
      ports.accept(
        {
          postMessage: receive,
          disconnect: () => undefined,
          onMessage: { addListener: (added) => void (listener = added) },
          onDisconnect: { addListener: (added) => void (gone = added) },
        },
        dapp,
      );
      for (const [id, { method, params, isSent }] of held)
        if (isSent)
          listener({ jsonrpc: '2.0', id, method, held: true, size: JSON.stringify(packBytes(params)).length });
    },
  };
  return relay;
}

function workerOf(vault: Vault, nowMs: () => number): Worker {
  const admission = createAdmission();
  const noNode = () => Promise.reject(new VaultError('no-network'));
  const publisher = { describe: noNode, fix: noNode, publish: noNode };
  const router = createRouter({
    vault,
    version: '1',
    nowMs,
    publisher,
    admission,
    present: async () => undefined,
    rotatedAtMs: async () => ({}),
  });
  return { vault, router, admission, ports: createDappPorts({ router, admission, ready: vault.ready() }) };
}

async function decide({ vault, router }: Worker, decision: ApprovalDecision): Promise<void> {
  await expect.poll(() => vault.approvals.waitingCount()).toBeGreaterThan(0);
  const [card] = await vault.approvals.list();
  await router.settle(
    await decideOne(vault.approvals, { id: card!.id, digest: card!.digest, nonce: card!.nonce, decision }),
  );
}

const dappOf = (documentKey = 'D1', origin = 'https://app.example'): Dapp => ({
  kind: 'dapp',
  origin,
  documentKey,
  tabId: 1,
});
const signing = (byte = 1) => ({ payload: Uint8Array.of(byte, 2, 3), purpose: 'test' });
const wallet = createTestWallet(1);

let browser: TestBrowser;
let worker: Worker;
let safeId: string;
let relay: Relay;

async function connect(one: Relay): Promise<void> {
  const { answer } = one.call('vault_connect', { capabilities: ['sign', 'preferences'] });
  await decide(worker, { kind: 'connect', safeId, capabilities: ['sign', 'preferences'], duration: 'until-revoked' });
  expect((await answer).error).toBeUndefined();
  one.asked.length = 0;
}

beforeEach(async () => {
  browser = createTestBrowser();
  const vault = browser.startWorker();
  ({ safeId } = await enrol(vault, wallet));
  worker = workerOf(vault, browser.host.nowMs);
  relay = relayOf(dappOf());
  relay.connect(worker);
  await connect(relay);
});

const waitingOne = (count = 1) => expect.poll(() => worker.vault.approvals.waitingCount()).toBe(count);

describe('P3 what waits for a person', () => {
  test.each([false, true])(
    'P3 leaves its parameters with the relay; they are asked for once, and the answer is theirs (packed: %s)',
    async (packs) => {
      relay = relayOf(dappOf('D2'), packs);
      relay.connect(worker);
      const { id, answer } = relay.call('vault_sign', signing());
      await waitingOne();
      await expect.poll(() => worker.admission.used()).toBe(0);
      expect(relay.asked).toEqual([]);
      await decide(worker, { kind: 'sign' });
      expect(((await answer).result as VaultSignature).signed.payload).toEqual(signing().payload);
      expect(relay.asked).toEqual([id]);
      await expect.poll(() => worker.admission.used()).toBe(0);
    },
  );

  test('P3 twenty of a mebibyte that wait leave less than two in memory', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const heldBytes = (): number => {
      collect();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    // The relay of a page is another process: here it makes the parameters anew.
    const paramsOf = (seed: number) => ({ request: encodeSelfEncryptRequest([new Uint8Array(1_048_000).fill(seed)]) });
    const seeds = new Map<string, number>();
    relay.onAgain = (id, deliver) => deliver(paramsOf(seeds.get(id)!));
    const before = heldBytes();
    for (let at = 0; at < limits.waitingPerOrigin; at++) {
      const id = at.toString(16).padStart(32, 'e');
      seeds.set(id, at);
      relay.say({ jsonrpc: '2.0', id, method: 'xmtp_selfEncrypt', params: paramsOf(at) });
      await waitingOne(at + 1);
    }
    await expect.poll(() => worker.admission.used()).toBe(0);
    await expect.poll(() => heldBytes() - before).toBeLessThan(2 * 1_048_576);
  });

  test('P3 one decision lets the others that it covers come again, one after the other as there is room', async () => {
    const large = (seed: number) => ({ request: encodeSelfEncryptRequest([new Uint8Array(7_000_000).fill(seed)]) });
    const calls: ReturnType<typeof relay.call>[] = [];
    for (let at = 0; at < 4; at++) {
      calls.push(relay.call('xmtp_selfEncrypt', large(at)));
      await waitingOne(at + 1);
    }
    await decide(worker, { kind: 'messages', remember: '5m', scope: 'granted' });
    for (const { answer } of calls)
      expect(decodeSelfEncryptResponse((await answer).result as Uint8Array)).toHaveLength(1);
    expect(relay.asked).toHaveLength(4);
  });

  test('R-B8 no more frames are asked for than have room, the next when some is given back', async () => {
    const large = (seed: number) => ({ request: encodeSelfEncryptRequest([new Uint8Array(7_000_000).fill(seed)]) });
    const calls: ReturnType<Relay['call']>[] = [];
    for (let at = 0; at < 4; at++) {
      calls.push(relay.call('xmtp_selfEncrypt', large(at)));
      await waitingOne(at + 1);
    }
    const late: (() => void)[] = [];
    // The one that was approved comes at once; of the others the first two have room.
    relay.onAgain = (id, send) => {
      const deliver = () => send(large(calls.findIndex((one) => one.id === id)));
      if (relay.asked.length === 1) deliver();
      else late.push(deliver);
    };
    await decide(worker, { kind: 'messages', remember: '5m', scope: 'granted' });
    await expect.poll(() => late.length).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([relay.asked.length, worker.admission.used() <= workerLimits.underWay / 2]).toEqual([3, true]);
    for (let at = 0; at < 3; at++) {
      await expect.poll(() => late.length).toBeGreaterThan(at);
      late[at]!();
    }
    for (const { answer } of calls) expect((await answer).result).toBeDefined();
    await expect.poll(() => worker.admission.used()).toBe(0);
  });

  test('P3 a worker that dies between asking and receiving: the next one asks anew, and it is carried out once', async () => {
    const { id, answer } = relay.call('vault_sign', signing());
    await waitingOne();
    relay.onAgain = () => undefined;
    await decide(worker, { kind: 'sign' });
    await expect.poll(() => relay.asked).toEqual([id]);
    relay.onAgain = (_id, deliver) => deliver(signing());
    worker = workerOf(browser.startWorker(), browser.host.nowMs);
    relay.connect(worker);
    expect((await answer).result).toBeDefined();
    expect(relay.asked).toEqual([id, id]);
    await expect.poll(() => worker.vault.approvals.get(id)).toBeUndefined();
  });

  test('P3 requests that were under way when a worker died come again beside new ones, and none is refused', async () => {
    const small = (seed: number) => ({ request: encodeSelfEncryptRequest([new Uint8Array(200_000).fill(seed)]) });
    const first = relay.call('xmtp_selfEncrypt', small(0));
    await decide(worker, { kind: 'messages', remember: '5m', scope: 'granted' });
    expect((await first.answer).error).toBeUndefined();
    const under = [1, 2, 3, 4].map((seed) => relay.call('xmtp_selfEncrypt', small(seed)));
    // Nothing was awaited: none of them is answered when the next worker comes.
    worker = workerOf(browser.startWorker(), browser.host.nowMs);
    relay.connect(worker);
    const more = [5, 6, 7].map((seed) => relay.call('xmtp_selfEncrypt', small(seed)));
    for (const { answer } of [...under, ...more]) expect((await answer).error).toBeUndefined();
  });

  test('R-B8 a relay that says less than it sends: measured anew, and refused beyond the share', async () => {
    await expect.poll(() => worker.admission.used()).toBe(0);
    const id = 'd'.repeat(32);
    relay.say({ jsonrpc: '2.0', id, method: 'xmtp_selfEncrypt', held: true, size: 5 });
    expect(worker.admission.used()).toBe(5 + workerLimits.requestBase);
    const other = Array.from({ length: 2 }, () =>
      relay.call('xmtp_selfEncrypt', { request: new Uint8Array(7_900_000) }),
    );
    relay.say({ jsonrpc: '2.0', id, method: 'xmtp_selfEncrypt', params: { request: new Uint8Array(7_900_000) } });
    expect(worker.admission.used()).toBeLessThanOrEqual(workerLimits.underWay / 2);
    for (const { answer } of other) expect((await answer).error).toBeDefined();
  });

  test('P3 R-G1 a relay that never sends it again: interrupted when the approval is over, nothing signed later', async () => {
    const { answer } = relay.call('vault_sign', signing());
    await waitingOne();
    let late: (() => void) | undefined;
    relay.onAgain = (_id, deliver) => (late = () => deliver(signing()));
    await decide(worker, { kind: 'sign' });
    await expect.poll(() => late).toBeDefined();
    browser.clock.nowMs += limits.approvedMs + 2;
    await worker.router.expireDue();
    expect((await answer).error).toMatchObject({ code: 4001, data: { reason: 'interrupted' } });
    await expect.poll(() => worker.admission.used()).toBe(0);
  });

  test('P2 R-C3 other parameters than those that were approved are refused', async () => {
    const { id, answer } = relay.call('vault_sign', signing(1));
    await waitingOne();
    relay.onAgain = (_id, deliver) => deliver(signing(9));
    await decide(worker, { kind: 'sign' });
    expect((await answer).error).toMatchObject({ code: 4001, data: { reason: 'superseded' } });
    browser.clock.nowMs += limits.approvedMs + 2;
    await worker.router.expireDue();
    expect((await worker.vault.approvals.get(id))?.state).toBe('interrupted');
  });

  test('P2 a frame that nobody asked for changes nothing, whatever is in it', async () => {
    const { id, answer } = relay.call('vault_sign', signing(1));
    await waitingOne();
    for (const frame of [
      { id, method: 'vault_sign', params: signing(9) },
      { id, method: 'vault_getCapabilities' },
      { id, method: 'vault_sign', held: true },
    ])
      relay.say({ jsonrpc: '2.0', ...frame });
    await decide(worker, { kind: 'sign' });
    expect(((await answer).result as VaultSignature).signed.payload).toEqual(signing(1).payload);
  });

  test('R-A6 a document that is gone by the time it is asked for gets nothing, and nothing is signed', async () => {
    const { id, answer } = relay.call('vault_sign', signing());
    await waitingOne();
    relay.onAgain = () => undefined;
    await decide(worker, { kind: 'sign' });
    await expect.poll(() => relay.asked).toEqual([id]);
    relay.disconnect();
    await expect.poll(() => worker.vault.approvals.get(id)).toBeUndefined();
    // Late, from the port of the document that is gone.
    relay.say({ jsonrpc: '2.0', id, method: 'vault_sign', params: signing() });
    expect(await Promise.race([answer, new Promise((resolve) => setTimeout(() => resolve('nothing'), 100))])).toBe(
      'nothing',
    );
    await expect.poll(() => worker.admission.used()).toBe(0);
  });

  test('what waited for an unlock comes again by itself and asks', async () => {
    await worker.vault.lock();
    const { answer } = relay.call('vault_sign', signing());
    await waitingOne();
    await unlockWithWallet(worker.vault, safeId, wallet);
    await worker.router.unlocked();
    expect((await worker.vault.approvals.list())[0]?.shown.kind).toBe('sign');
    await decide(worker, { kind: 'sign' });
    expect((await answer).result).toBeDefined();
  });
});

describe('R-B8 more than a share', () => {
  const half = { request: new Uint8Array(limits.requestBytes - 1_000) };

  test('R-B8 is refused before anything is kept, without cost to another origin', async () => {
    const other = relayOf(dappOf('D7', 'https://other.example'));
    other.connect(worker);
    await connect(other);
    const all = Array.from({ length: 12 }, () => relay.call('xmtp_selfEncrypt', half));
    // Nothing was awaited since: what is under way now is all that was taken.
    expect(worker.admission.used()).toBeLessThanOrEqual(workerLimits.underWay / 2);
    expect(worker.admission.used()).toBeGreaterThan(limits.requestBytes);
    const one = other.call('xmtp_selfEncrypt', { request: encodeSelfEncryptRequest([new Uint8Array(7_000_000)]) });
    const outcomes = await Promise.all(
      all.map(({ answer }) =>
        Promise.race([answer, new Promise<Outcome>((resolve) => setTimeout(() => resolve({}), 1_000))]),
      ),
    );
    expect(outcomes.filter(({ error }) => error?.code === -32005)).toHaveLength(11);
    await waitingOne(1);
    const [card] = await worker.vault.approvals.list();
    expect(card?.origin).toBe('https://other.example');
    await decide(worker, { kind: 'messages', remember: '5m', scope: 'granted' });
    expect((await one.answer).result).toBeDefined();
    await expect.poll(() => worker.admission.used()).toBe(0);
  });
});
