// Addresses of nodes, typed well and badly.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isRpcAddress } from '../../contract/origins';
import { nodeAddress, rpcAddress } from './node-address';

test('an address is kept as its origin', () => {
  expect(nodeAddress(' https://node.example ')).toBe('https://node.example');
  expect(nodeAddress('https://node.example:5558/')).toBe('https://node.example:5558');
  expect(nodeAddress('node.example:5558')).toBe('https://node.example:5558');
  expect(nodeAddress('localhost:5555')).toBe('https://localhost:5555');
  expect(nodeAddress('http://localhost:5555')).toBe('http://localhost:5555');
  expect(nodeAddress('http://127.0.0.1:5555')).toBe('http://127.0.0.1:5555');
});

test('plain http elsewhere, paths, names and other schemes are refused', () => {
  const wrong = [
    '',
    ' ',
    'http://node.example',
    'https://node.example/v1',
    'https://me@node.example',
    'https://node.example?x',
    'https://node.example#x',
    'ftp://node.example',
    'javascript://node.example',
    'chrome-extension://abc',
    'http://localhost.evil.example',
    'two words',
    'https://a\\b',
    '(`#',
  ];
  for (const text of wrong) expect(nodeAddress(text), text).toBeUndefined();
});

test('whatever is typed, what is kept is https or this computer, and stays the same when it is read again', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.webUrl({ withQueryParameters: true, withFragments: true }),
        fc.webAuthority({ withPort: true, withUserInfo: true }),
        fc.string(),
      ),
      (typed) => {
        const kept = nodeAddress(typed);
        if (kept === undefined) return true;
        return nodeAddress(kept) === kept && /^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1)(:\d+)?$)/.test(kept);
      },
    ),
  );
});

test('that of a node of Ethereum keeps path and query, and no name, password or fragment', () => {
  expect(rpcAddress(' rpc.example/v3/key?x=1 ')).toBe('https://rpc.example/v3/key?x=1');
  expect(rpcAddress('http://127.0.0.1:8545')).toBe('http://127.0.0.1:8545/');
  for (const wrong of [
    '',
    'http://rpc.example',
    'https://me@rpc.example',
    'https://rpc.example/#x',
    'ws://rpc.example',
    'a b',
  ])
    expect(rpcAddress(wrong), wrong).toBeUndefined();
  fc.assert(
    fc.property(fc.oneof(fc.webUrl({ withQueryParameters: true, withFragments: true }), fc.string()), (typed) => {
      const kept = rpcAddress(typed);
      return kept === undefined || (isRpcAddress(kept) && rpcAddress(kept) === kept);
    }),
  );
});
