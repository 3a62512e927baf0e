// Preferences in the page: order, merging, what is written, and the wire form against the field's own codec.
import { createRequire } from 'node:module';
import type * as Proto from '@xmtp/proto';
import type { PrivatePreferencesAction } from '@xmtp/xmtp-js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHex } from '../../protocol/base/bytes';
import { encodePrivatePreferencesEntries, type PrivatePreferencesEntry } from '../../protocol/keystore/calls';
import { createPreferences, decodeAction, encodeAction } from './preferences';

const { privatePreferences } = createRequire(import.meta.url)('@xmtp/proto') as typeof Proto;
const allow = (...walletAddresses: string[]) =>
  privatePreferences.PrivatePreferencesAction.fromPartial({ allowAddress: { walletAddresses } });
const deny = (...walletAddresses: string[]) =>
  privatePreferences.PrivatePreferencesAction.fromPartial({ denyAddress: { walletAddresses } });

/** A vault that keeps what it is given; existing keys win. */
function vault(stored: Record<string, PrivatePreferencesAction> = {}) {
  const rows = new Map(Object.entries(stored));
  const writes: string[][] = [];
  return {
    writes,
    rows,
    read: async () =>
      encodePrivatePreferencesEntries([...rows].map(([key, action]) => ({ key, action: encodeAction(action) }))),
    write: async (entries: readonly PrivatePreferencesEntry[]) => {
      writes.push(entries.map(({ key }) => key));
      for (const { key, action } of entries) if (!rows.has(key)) rows.set(key, decodeAction(action));
    },
  };
}

describe('preferences', () => {
  it('are there without waiting once they were loaded, in ascending order of time', async () => {
    const preferences = createPreferences(
      vault({ '1700000000000000002': allow('b'), '1700000000000000001': deny('a') }),
    );
    await preferences.load();
    expect([...preferences.actions()]).toEqual([
      ['1700000000000000001', deny('a')],
      ['1700000000000000002', allow('b')],
    ]);
  });

  it('writes only what is new; what was known stays', async () => {
    const store = vault({ '1700000000000000001': allow('a') });
    const preferences = createPreferences(store);
    await preferences.load();
    await preferences.save(
      new Map([
        ['1700000000000000001', deny('a')],
        ['1700000000000000009', deny('c')],
      ]),
    );
    await preferences.save(new Map([['1700000000000000009', allow('c')]]));
    expect(store.writes).toEqual([['1700000000000000009']]);
    expect([...preferences.actions().values()]).toEqual([allow('a'), deny('c')]);
  });

  it('shows what is saved before the vault has answered', () => {
    const preferences = createPreferences({ ...vault(), write: () => new Promise(() => undefined) });
    void preferences.save(new Map([['1700000000000000001', allow('a')]]));
    expect([...preferences.actions().values()]).toEqual([allow('a')]);
  });

  it('keeps an own action under the time of its envelope, so that reading it back adds nothing and its place is right', async () => {
    const store = vault();
    const preferences = createPreferences(store);
    await preferences.save(new Map([['1700000000500000000', allow('a')]]));
    await preferences.save(new Map([['1700000000900', deny('a')]]));
    await preferences.save(new Map([['1700000000900000000', deny('a')]]));
    expect([...preferences.actions()]).toEqual([
      ['1700000000500000000', allow('a')],
      ['1700000000900000000', deny('a')],
    ]);
  });

  it('does not write an action that says nothing', async () => {
    const store = vault();
    const preferences = createPreferences(store);
    await preferences.save(
      new Map([
        ['1700000000000000001', decodeAction(new Uint8Array())],
        ['1700000000000000002', allow('a')],
      ]),
    );
    expect(store.writes).toEqual([['1700000000000000002']]);
  });

  it('takes up what another page has saved meanwhile', async () => {
    const store = vault();
    const preferences = createPreferences(store);
    await preferences.load();
    store.rows.set('1700000000000000005', deny('x'));
    await preferences.save(new Map());
    expect([...preferences.actions().values()]).toEqual([deny('x')]);
  });
});

describe('actions on the wire', () => {
  const texts = fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 4 });
  const action = fc.oneof(
    texts.map((walletAddresses) => ({ allowAddress: { walletAddresses } })),
    texts.map((walletAddresses) => ({ denyAddress: { walletAddresses } })),
    texts.map((groupIds) => ({ allowGroup: { groupIds } })),
    texts.map((groupIds) => ({ denyGroup: { groupIds } })),
    texts.map((inboxIds) => ({ allowInboxId: { inboxIds } })),
    texts.map((inboxIds) => ({ denyInboxId: { inboxIds } })),
  );

  it("law: the same bytes as the field's codec, and back", () => {
    fc.assert(
      fc.property(action, (partial) => {
        const message = privatePreferences.PrivatePreferencesAction.fromPartial(partial);
        const bytes = encodeAction(message);
        expect(bytesToHex(bytes)).toBe(
          bytesToHex(privatePreferences.PrivatePreferencesAction.encode(message).finish()),
        );
        expect(decodeAction(bytes)).toEqual(message);
      }),
    );
  });

  it('an action with several kinds is written whole, and a kind from the future reads as none', () => {
    const both = { ...allow('a'), denyAddress: { walletAddresses: ['b'] } };
    expect(bytesToHex(encodeAction(both))).toBe(
      bytesToHex(privatePreferences.PrivatePreferencesAction.encode(both).finish()),
    );
    expect(Object.values(decodeAction(Uint8Array.of(0x7a, 0)))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
