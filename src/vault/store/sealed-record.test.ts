// Sealed records and MACs: one key per write, opened at their own place only (R-D1, R-D3).
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bytesToHex } from '../../protocol/base/bytes';
import { labels } from './labels';
import type { RecordPlace } from './sealed-record';
import { claimsOf, importRootKey, isMacOf, macWith, openRecord, sealRecord } from './sealed-record';

const randomBytes = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const stuckBytes = (length: number) => new Uint8Array(length).fill(7);
const place: RecordPlace = {
  safeId: 'aa'.repeat(16),
  account: `0x${'12'.repeat(20)}`,
  type: 'bundle',
  id: 'keys',
  schema: 1,
  epoch: 1,
  counter: 5,
};
const damaged = { reason: 'damaged' };

describe('R-D1 a record', () => {
  it('opens at its place to what was sealed, with or without knowing the counter', async () => {
    const rootKey = await importRootKey(randomBytes(32));
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.nat(), async (plain, counter) => {
        const sealed = await sealRecord(rootKey, { ...place, counter }, plain, randomBytes);
        const { counter: _counter, ...known } = place;
        expect(await openRecord(rootKey, { ...place, counter }, sealed)).toEqual(Uint8Array.from(plain));
        expect(await openRecord(rootKey, known, sealed)).toEqual(Uint8Array.from(plain));
        expect(claimsOf(sealed)).toEqual({ schema: place.schema, epoch: place.epoch, counter });
      }),
      { numRuns: 50 },
    );
  });

  it.each(['safeId', 'account', 'type', 'id', 'schema', 'epoch', 'counter'] as const)(
    'does not open with another %s',
    async (field) => {
      const rootKey = await importRootKey(randomBytes(32));
      const sealed = await sealRecord(rootKey, place, new Uint8Array([1, 2, 3]), randomBytes);
      const value = place[field];
      const elsewhere = { ...place, [field]: typeof value === 'number' ? value + 1 : `${value}x` };
      await expect(openRecord(rootKey, elsewhere, sealed)).rejects.toMatchObject(damaged);
      if (typeof value === 'number') {
        // The clear fields are part of the additional data: writing the expected one in does not help.
        const at =
          { schema: 1, epoch: 5, counter: 9 }[field as 'schema' | 'epoch' | 'counter'] + (field === 'counter' ? 7 : 3);
        const forged = sealed.slice();
        forged[at] = value + 1;
        await expect(openRecord(rootKey, elsewhere, forged)).rejects.toMatchObject(damaged);
      }
    },
  );

  it('moved text between neighbouring fields is another place', async () => {
    const rootKey = await importRootKey(randomBytes(32));
    const sealed = await sealRecord(rootKey, { ...place, type: 'bund', id: 'lekeys' }, new Uint8Array(8), randomBytes);
    await expect(openRecord(rootKey, place, sealed)).rejects.toMatchObject(damaged);
  });

  it('does not open with any bit flipped, at any shorter length, or under another root key', async () => {
    const rootKey = await importRootKey(randomBytes(32));
    const sealed = await sealRecord(rootKey, place, new Uint8Array(20), randomBytes);
    const { counter: _counter, ...known } = place;
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const flipped = sealed.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      await expect(openRecord(rootKey, known, flipped)).rejects.toMatchObject(damaged);
    }
    for (let length = 0; length < sealed.length; length++) {
      await expect(openRecord(rootKey, known, sealed.slice(0, length))).rejects.toMatchObject(damaged);
    }
    await expect(openRecord(await importRootKey(randomBytes(32)), known, sealed)).rejects.toMatchObject(damaged);
  });

  it('never shares key and nonce with another write, even when the generator is stuck', async () => {
    const rootKey = await importRootKey(randomBytes(32));
    const used = new Set<string>();
    const pairs = recordPairs(used);
    let writes = 0;
    for (let counter = 0; counter < 300; counter++) {
      // Same content at another counter, other content at the same counter (a write that failed and was tried again), another record.
      await sealRecord(rootKey, { ...place, counter }, new Uint8Array(40), stuckBytes);
      await sealRecord(rootKey, { ...place, counter }, new Uint8Array(40).fill(1), stuckBytes);
      await sealRecord(rootKey, { ...place, counter, id: 'other' }, new Uint8Array(40), stuckBytes);
      await sealRecord(rootKey, { ...place, counter, epoch: 2 }, new Uint8Array(40), stuckBytes);
      writes += 4;
    }
    expect([pairs.seen(), used.size]).toEqual([writes, writes]);
  });

  it('is sealed under a fresh key by a working generator, also with the same content at the same place', async () => {
    const rootKey = await importRootKey(randomBytes(32));
    const used = new Set<string>();
    const pairs = recordPairs(used);
    for (let write = 0; write < 300; write++) await sealRecord(rootKey, place, new Uint8Array(4), randomBytes);
    expect([pairs.seen(), used.size]).toEqual([300, 300]);
  });

  /** Collects what identifies the AES key (salt and info of its derivation) with the nonce it was used with. */
  function recordPairs(used: Set<string>): { seen: () => number } {
    const prototype = Object.getPrototypeOf(crypto.subtle) as {
      deriveKey: typeof crypto.subtle.deriveKey;
      encrypt: typeof crypto.subtle.encrypt;
    };
    const { deriveKey, encrypt } = prototype;
    const keys = new WeakMap<CryptoKey, string>();
    let seen = 0;
    prototype.deriveKey = async function (this: SubtleCrypto, ...input: Parameters<typeof deriveKey>) {
      const key = await deriveKey.apply(this, input);
      const { salt, info } = input[0] as HkdfParams;
      keys.set(key, `${bytesToHex(salt as Uint8Array)} ${bytesToHex(info as Uint8Array)}`);
      return key;
    } as typeof deriveKey;
    prototype.encrypt = async function (this: SubtleCrypto, ...input: Parameters<typeof encrypt>) {
      seen++;
      used.add(`${keys.get(input[1])} ${bytesToHex((input[0] as AesGcmParams).iv as Uint8Array)}`);
      return encrypt.apply(this, input);
    };
    onTestFinished(() => {
      prototype.deriveKey = deriveKey;
      prototype.encrypt = encrypt;
    });
    return { seen: () => seen };
  }
});

describe('R-D3 purposes', () => {
  it('have names of which none begins another', () => {
    const names = Object.values(labels);
    expect(names.length).toBeGreaterThan(5);
    for (const [i, name] of names.entries()) {
      for (const [j, other] of names.entries())
        if (i !== j) expect([name, other, other.startsWith(name)]).toEqual([name, other, false]);
    }
  });

  it('give different MACs of the same bytes, and none verifies for another', async () => {
    const rootKey = await importRootKey(randomBytes(32));
    const bytes = new Uint8Array([1, 2, 3]);
    const all = Object.values(labels);
    const macs = await Promise.all(all.map((label) => macWith(rootKey, label, bytes)));
    expect(new Set(macs.map(bytesToHex)).size).toBe(all.length);
    for (const [i, label] of all.entries()) {
      for (const [j, mac] of macs.entries()) expect(await isMacOf(rootKey, label, bytes, mac)).toBe(i === j);
    }
  });

  it('the root key handle cannot be exported', async () => {
    await expect(crypto.subtle.exportKey('raw', await importRootKey(randomBytes(32)))).rejects.toThrow();
  });
});
