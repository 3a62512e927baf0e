// What one site writes without being asked about, and what another sees of it.
import { describe, expect, it } from 'vitest';
import { lengthPrefixed } from '../store/encoding';
import type { PrivateKeyBundleV1 } from '../../protocol/keys/bundles';
import { bytesToHex } from '../../protocol/base/bytes';
import {
  decodeGetRefreshJobResponse,
  encodeGetRefreshJobRequest,
  encodeSetRefreshJobRequest,
} from '../../protocol/keystore/calls';
import { identityPool } from '../../protocol/testkit/reference.testkit';
import { createTestKeystore, type TestKeystore } from '../testkit/keystore.testkit';
import { labels } from '../store/labels';
import { macWith, sealRecord } from '../store/sealed-record';
import { writeStrict } from '../store/database';

const [ada] = (await identityPool(1)).map(({ ours }) => ours) as [PrivateKeyBundleV1];
const [mine, other] = ['https://mine.example', 'https://other.example'];
const year2262 = 2n ** 63n - 1n;
const nowNs = (keystore: TestKeystore) => BigInt(keystore.clock.nowMs) * 1_000_000n;

/** One call of a site. */
const asSite = (keystore: TestKeystore, origin: string | undefined) => {
  const context = () => ({
    documentKey: `document of ${origin}`,
    nowMs: keystore.clock.nowMs,
    ...(origin !== undefined && { origin }),
  });
  return {
    set: (job: 0 | 1 | 2 | 3, ns: bigint) =>
      keystore.keystore.run(keystore.safeId, 'xmtp_setRefreshJob', encodeSetRefreshJobRequest(job, ns), context()),
    get: async (job: 1 | 2 | 3) =>
      decodeGetRefreshJobResponse(
        await keystore.keystore.run(keystore.safeId, 'xmtp_getRefreshJob', encodeGetRefreshJobRequest(job), context()),
      ),
  };
};

describe('times of refresh jobs', () => {
  it('are of one site: what another sets, to whatever date, changes nothing', async () => {
    const keystore = await createTestKeystore(ada);
    await asSite(keystore, mine).set(2, 1_700_000_000_000_000_000n);
    for (const job of [0, 1, 2, 3] as const) await asSite(keystore, other).set(job, year2262);
    expect(await asSite(keystore, mine).get(2)).toBe(1_700_000_000_000_000_000n);
    expect([
      await asSite(keystore, mine).get(1),
      await asSite(keystore, mine).get(3),
      await asSite(keystore, undefined).get(1),
    ]).toEqual([0n, 0n, 0n]);
  });

  it('are never later than now, when they are set and when they are read', async () => {
    const keystore = await createTestKeystore(ada);
    const site = asSite(keystore, mine);
    await site.set(1, year2262);
    const setAt = nowNs(keystore);
    expect(await site.get(1)).toBe(setAt);
    keystore.clock.nowMs += 60_000;
    expect(await site.get(1)).toBe(setAt);
    keystore.clock.nowMs -= 120_000;
    expect(await site.get(1)).toBe(nowNs(keystore));
  });

  it('of before, which all sites shared, is not believed and goes with the next write', async () => {
    const keystore = await createTestKeystore(ada);
    const { safeId, account, db, open, host } = keystore;
    const { rootKey } = await open.current(safeId);
    const name = await macWith(rootKey, labels.entryName, lengthPrefixed('job', '2'));
    const plain = new Uint8Array(8);
    new DataView(plain.buffer).setBigInt64(0, year2262);
    const bytes = await sealRecord(
      rootKey,
      { safeId, account, type: 'job', id: bytesToHex(name), schema: 1, epoch: 1, counter: 1 },
      plain,
      host.randomBytes,
    );
    await writeStrict(db, ['jobs'], (transaction) => transaction.objectStore('jobs').put({ safeId, name, bytes }));
    const site = asSite(keystore, mine);
    expect(await site.get(2)).toBe(0n);
    await site.set(2, 5n);
    expect(await site.get(2)).toBe(5n);
    const rows = await (await db.connect()).getAll('jobs');
    expect(rows.map((row) => bytesToHex(row.name) === bytesToHex(name))).toEqual([false]);
  });
});
