// The client of a node of Ethereum against a real server: a name that leads back, everything that does not, and answers that are none.
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hangsAfterMs } from '../../scripts/limits.mjs';
import { createEnsNodeClient, type EnsNodeOptions } from './ens-node';
import { startEnsNode, textAnswer, type EnsTestNode } from './ens-node.testkit';
import { NetworkError } from './network-error';

const bob = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
const cem = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC';
let node: EnsTestNode;
beforeEach(async () => {
  node = await startEnsNode();
});
afterEach(() => node.close());

const clientOf = (limits: EnsNodeOptions['limits'] = {}) =>
  createEnsNodeClient({ url: node.url, limits: { requestMs: hangsAfterMs / 2, ...limits } });
const outcome = (of: Promise<unknown>) =>
  of.catch((error: unknown) => {
    if (error instanceof NetworkError) return error.reason;
    throw error;
  });
const answering =
  (body: string, status = 200) =>
  (response: ServerResponse) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    return true;
  };
const result = (value: unknown) => answering(JSON.stringify({ jsonrpc: '2.0', id: 1, result: value }));

describe('what ENS calls an account', () => {
  it('is the name that the account says and that leads back to it, in four questions', async () => {
    node.book.set(bob, { name: 'bob.eth', leadsTo: bob });
    expect(await clientOf().nameOf(bob.toLowerCase())).toBe('bob.eth');
    expect(node.asked).toEqual(['eth_call', 'eth_call', 'eth_call', 'eth_call']);
  });

  it('R-C11 is none for an account that says nothing, or a name of somebody else', async () => {
    expect(await clientOf().nameOf(cem)).toBeUndefined();
    node.book.set(bob, { name: 'cem.eth', leadsTo: cem });
    expect(await clientOf().nameOf(bob)).toBeUndefined();
    node.book.set(bob, { name: '', leadsTo: bob });
    expect(await clientOf().nameOf(bob)).toBeUndefined();
  });

  it('is not known where another server than the node keeps the name, or the answer is none of ENS', async () => {
    node.book.set(bob, { name: 'bob.elsewhere.eth', leadsTo: null });
    expect(await outcome(clientOf().nameOf(bob))).toBe('bad-answer');
    for (const odd of ['0x', '0x1234', `0x${'f'.repeat(64)}`, textAnswer('bob.eth'), 'bob.eth', 7, null]) {
      node.fault = result(odd);
      expect(await outcome(clientOf().nameOf(bob)), String(odd)).toBe('bad-answer');
    }
  });

  it('R-J2 no address in an answer is asked, and no redirect is followed', async () => {
    const other = await startEnsNode();
    node.fault = (response) => {
      response.writeHead(307, { location: other.url }).end();
      return true;
    };
    expect(await outcome(clientOf().nameOf(bob))).toBe('bad-answer');
    // What a contract answers that wants another server asked (EIP-3668).
    node.fault = answering(
      JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        error: { code: 3, message: 'reverted', data: `0x556f1830${other.url}` },
      }),
    );
    expect(await outcome(clientOf().nameOf(bob))).toBe('refused');
    expect(other.asked).toEqual([]);
    await other.close();
  });

  it('is bounded: endless, slow, cut, refused and odd answers are told apart from "no name"', async () => {
    node.fault = answering('not JSON');
    expect(await outcome(clientOf().nameOf(bob))).toBe('bad-answer');
    node.fault = answering('"text"');
    expect(await outcome(clientOf().nameOf(bob))).toBe('bad-answer');
    node.fault = answering('{}', 429);
    expect(await outcome(clientOf().nameOf(bob))).toBe('refused');
    node.fault = result(`0x${'00'.repeat(20_000)}`);
    expect(await outcome(clientOf().nameOf(bob))).toBe('too-large');
    node.fault = (response) => (response.destroy(), true);
    expect(await outcome(clientOf().nameOf(bob))).toBe('unreachable');
    node.fault = () => true;
    expect(await outcome(clientOf({ requestMs: 5 }).nameOf(bob))).toBe('timed-out');
    expect(await outcome(clientOf().nameOf(bob, AbortSignal.abort()))).toBe('cancelled');
  });

  it('R-J2 is asked without cookies, referrer and cache', async () => {
    await clientOf().nameOf(bob);
    for (const one of ['cookie', 'referer', 'authorization']) expect(node.headers[one], one).toBeUndefined();
  });
});

describe('the chain of a node', () => {
  it('is a number, or a bad answer', async () => {
    expect(await clientOf().chain()).toBe(1n);
    node.chain = '0x2105';
    expect(await clientOf().chain()).toBe(8453n);
    for (const odd of ['1', '0x', `0x${'f'.repeat(17)}`]) {
      node.chain = odd;
      expect(await outcome(clientOf().chain()), odd).toBe('bad-answer');
    }
  });
});
