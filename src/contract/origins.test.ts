// Origins that are safe on the way, and those that only look like it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostPattern, isRpcAddress, isSafeOrigin, nodePermissions, sentToNone } from './origins';

test('exactly a serialised origin, https or on this computer', () => {
  for (const good of ['https://a.example', 'https://a.example:8443', 'http://localhost:5555', 'http://127.0.0.1'])
    expect(isSafeOrigin(good), good).toBe(true);
  const bad = [
    '',
    'null',
    'http://a.example',
    'https://a.example/',
    'https://A.example',
    'https://me@a.example',
    'https://a.example:443',
    'http://localhost.example',
    'http://127.0.0.2',
    'ftp://localhost',
    'file:///x',
  ];
  for (const text of bad) expect(isSafeOrigin(text), text).toBe(false);
});

test('law: what is safe is its own origin, and no other text of the same address is', () => {
  fc.assert(
    fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (text) => {
      const { origin, protocol } = new URL(text);
      expect(isSafeOrigin(origin)).toBe(protocol === 'https:');
      if (text !== origin) expect(isSafeOrigin(text)).toBe(false);
    }),
  );
});

test('the browser is asked for one host, without its port', () => {
  expect(hostPattern('https://node.example:5558')).toBe('https://node.example/*');
  expect(hostPattern('http://localhost:5555')).toBe('http://localhost/*');
});

test('R-J2 Firefox is asked about what a node is sent together with its host, other browsers about the host', () => {
  const origins = ['https://node.example/*'];
  expect(nodePermissions(origins[0]!, 'messages', 'chrome')).toEqual({ origins });
  expect(nodePermissions(origins[0]!, 'messages', 'firefox')).toEqual({
    origins,
    data_collection: ['authenticationInfo', 'personalCommunications', 'personallyIdentifyingInfo'],
  });
  expect(nodePermissions(origins[0]!, 'inboxes', 'firefox')).toEqual({
    origins,
    data_collection: ['personallyIdentifyingInfo'],
  });
});

test('what no node is sent is told from what one still is', () => {
  expect(sentToNone([])).toEqual(['authenticationInfo', 'personalCommunications', 'personallyIdentifyingInfo']);
  expect(sentToNone(['inboxes'])).toEqual(['authenticationInfo', 'personalCommunications']);
  expect(sentToNone(['names'])).toEqual(['authenticationInfo', 'personalCommunications']);
  expect(sentToNone(['inboxes', 'messages'])).toEqual([]);
});

test('a node of Ethereum has an address with path and query, in its one spelling, and nothing else', () => {
  for (const good of ['https://rpc.example/', 'https://rpc.example/v3/key?x=1', 'http://localhost:8545/'])
    expect(isRpcAddress(good), good).toBe(true);
  for (const bad of [
    'https://rpc.example',
    'https://rpc.example/#x',
    'https://rpc.example/#',
    'https://me@rpc.example/',
    'https://:word@rpc.example/',
    'http://rpc.example/',
    'wss://rpc.example/',
    'https://RPC.example/',
    ' https://rpc.example/',
    `https://rpc.example/${'a'.repeat(300)}`,
  ])
    expect(isRpcAddress(bad), bad).toBe(false);
});
