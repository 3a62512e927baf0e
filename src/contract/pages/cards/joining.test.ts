// Which requests get one answer: of one site, one identity and one kind, and never what is asked for each time by itself.
import { describe, expect, it } from 'vitest';
import type { ShownRequest } from '../approvals';
import { joins } from './joining';

const whose = { safeId: 'a1', account: '0x' };
const facts = { items: 1 } as Extract<ShownRequest, { kind: 'messages' }>['facts'];
const reading: ShownRequest = {
  kind: 'messages',
  ...whose,
  capability: 'messages.read',
  method: 'm',
  facts,
  within: { of: 'all' },
};
const connecting: ShownRequest = { kind: 'connect', capabilities: ['sign', 'identity'], duration: null };
const kinds: ShownRequest[] = [
  reading,
  { ...reading, capability: 'messages.write' },
  connecting,
  { ...connecting, capabilities: ['identity'] },
  { ...connecting, duration: '1d' },
  { ...connecting, scopes: { 'messages.read': { of: 'site' } } },
  { kind: 'sign', ...whose, purpose: 'p', payload: new Uint8Array() },
  { kind: 'token', ...whose },
  { kind: 'v3', ...whose, facts: {} as never },
  { kind: 'archive', ...whose, facts: {} as never },
  { kind: 'unlock', ...whose, method: 'm' },
];
const alone = new Set(['v3', 'archive', 'unlock']);

describe('R-C3 requests join', () => {
  it('of one site, identity and kind only; identity texts, archive keys and unlocks never', () => {
    for (const [at, shown] of kinds.entries())
      for (const [other, also] of kinds.entries()) {
        const [a, b] = [
          { origin: 'o', shown },
          { origin: 'o', shown: structuredClone(also) },
        ];
        expect([at, other, joins(a, b)]).toEqual([at, other, at === other && !alone.has(shown.kind)]);
        expect(joins(a, { ...b, origin: 'elsewhere' })).toBe(false);
        if ('safeId' in also) expect(joins(a, { ...b, shown: { ...also, safeId: 'b2' } })).toBe(false);
      }
  });

  it('whatever the method, the number and the order of a wish', () => {
    const other = { ...reading, method: 'another', facts: { ...facts, items: 9 } };
    expect(joins({ origin: 'o', shown: reading }, { origin: 'o', shown: other })).toBe(true);
    const turned: ShownRequest = { ...connecting, capabilities: ['identity', 'sign'] };
    expect(joins({ origin: 'o', shown: connecting }, { origin: 'o', shown: turned })).toBe(true);
  });
});
