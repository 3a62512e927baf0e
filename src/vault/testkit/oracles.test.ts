// What looks after every case sees what it must see: a secret that lies in a store, or lay there between two looks.
import { expect, test } from 'vitest';
import { bytesToBase64, bytesToHex } from '../../protocol/base/bytes';
import { oraclesOf } from './oracles.testkit';
import { enrolledBrowser, inStore } from './vault.testkit';

test('a secret that was stored is found, also one that is gone again, and one in an area or in what was sent', async () => {
  const world = await enrolledBrowser();
  const { databaseName } = world.host;
  const secret = world.drawn.find(({ length }) => length === 20)!;
  const plantings: [where: string, plant: () => Promise<unknown>, sent?: unknown][] = [
    ['in a row', () => inStore(databaseName, 'settings', (store) => store.put(secret, 'planted'))],
    ['in the session area', async () => world.sessionItems.set('planted', JSON.stringify(bytesToBase64(secret)))],
    ['in what was sent', async () => undefined, { text: bytesToHex(secret) }],
  ];
  for (const [where, plant, sent] of plantings) {
    const oracles = oraclesOf(world, [world]);
    await oracles.nothingLeaked([]);
    await plant();
    if (where === 'in a row') await inStore(databaseName, 'settings', (store) => store.delete('planted'));
    const outcome = await oracles.nothingLeaked([sent]).then(
      () => 'not seen',
      () => 'seen',
    );
    expect([where, outcome]).toEqual([where, 'seen']);
    world.sessionItems.delete('planted');
  }
});
