// The rows that are one call of the vault: what the gate adds to them, and that every one is there.
import 'fake-indexeddb/auto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startNode, type TestNode } from '../../../demo/node/node';
import { pageMethods } from '../../contract/pages/methods';
import type { SlotSecret } from '../../contract/schemas';
import type { IdentityDetails } from '../../contract/pages/identity';
import { testStartMs } from '../../vault/testkit/memory-host.testkit';
import { passkeyOf } from '../../vault/testkit/slots.testkit';
import { flowBrowser, type FlowBrowser } from '../testkit/flows.testkit';

async function setup(): Promise<FlowBrowser & { net: TestNode }> {
  const net = await startNode({ nowMs: () => testStartMs });
  onTestFinished(() => net.close());
  return { ...(await flowBrowser(net)), net };
}

async function proofOf({
  vault,
  safeId,
  wallet,
}: FlowBrowser): Promise<Extract<SlotSecret, { kind: 'wallet' }> & { signature: Uint8Array<ArrayBuffer> }> {
  return { kind: 'wallet', signature: wallet.sign((await vault.unlock.text({ safeId })).text) };
}

const passphrase = 'correct horse battery staple, and more';
const isWiped = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);

describe('rows', () => {
  test('R-A4 every row of the contract has a handler, and no other', async () => {
    const { flows } = await setup();
    const others =
      'enrol_passphrase enrol_retrieve enrol_import unlock_withPassphrase unlock_withPasskey inbox_exportKey'.split(
        ' ',
      );
    const rows = Object.keys(pageMethods).filter(
      (name) => /^(?:network|rotation|slots|backup)_/.test(name) || others.includes(name),
    );
    expect(Object.keys(flows.handlers).sort()).toEqual(rows.sort());
  });

  test('R-E5 signatures are wiped after use, also when the vault refuses', async () => {
    const browser = await setup();
    const { flows, safeId, wallet } = browser;
    const [proof, first, second] = [await proofOf(browser), wallet.sign('something'), wallet.sign('something')];
    await flows.handlers.slots_check({ safeId, secret: proof });
    expect(isWiped(proof.signature)).toBe(true);
    const again = await proofOf(browser);
    await expect(flows.handlers.slots_addWallet({ safeId, proof: again, first, second })).rejects.toBeDefined();
    expect([again.signature, first, second].every(isWiped)).toBe(true);
    const kept = await proofOf(browser);
    const details = await browser.vault.identity.details({ safeId });
    await expect(
      flows.handlers.slots_remove({ safeId, slotId: details.slots[0]!.slotId, kept: [kept] }),
    ).rejects.toMatchObject({ reason: 'last-slots' });
    expect(isWiped(kept.signature)).toBe(true);
  });

  test('R-E5 what a passkey gave is wiped after use, also when the vault refuses', async () => {
    const browser = await setup();
    const { flows, safeId } = browser;
    const { prfSecret: addedSecret, ...asked } = passkeyOf();
    await flows.handlers.slots_addPasskey({ safeId, proof: await proofOf(browser), prfSecret: addedSecret, ...asked });
    const [rightSecret, wrongSecret, proof] = [passkeyOf().prfSecret, passkeyOf(2).prfSecret, passkeyOf().prfSecret];
    await flows.handlers.unlock_withPasskey({ safeId, prfSecret: rightSecret });
    await expect(flows.handlers.unlock_withPasskey({ safeId, prfSecret: wrongSecret })).rejects.toBeDefined();
    await flows.handlers.slots_check({ safeId, secret: { kind: 'passkey', prfSecret: proof } });
    expect([addedSecret, rightSecret, wrongSecret, proof].every(isWiped)).toBe(true);
  });

  test('a passphrase is added and opens the identity', async () => {
    const browser = await setup();
    const { flows, safeId, vault } = browser;
    const details = (await flows.handlers.slots_addPassphrase({
      safeId,
      proof: await proofOf(browser),
      passphrase,
    })) as IdentityDetails;
    expect(details.slots.map(({ type }) => type).sort()).toEqual(['passphrase', 'recovery-code', 'wallet']);
    expect(await flows.handlers.backup_state({ safeId })).toMatchObject({
      lastExportedAtMs: null,
      keysChangedSince: true,
    });
    await vault.lock();
    await flows.handlers.unlock_withPassphrase({ safeId, passphrase });
    expect((await vault.state()).status).toBe('unlocked');
  });

  test('acts of a person keep the identity open', async () => {
    const { flows, safeId, vault, clock } = await setup();
    const lockAtMs = async () => (await vault.state()).identities[0]!.lockAtMs!;
    const before = await lockAtMs();
    clock.nowMs += 60_000;
    await flows.handlers.network_state({ safeId });
    expect(await lockAtMs()).toBe(before);
    await flows.handlers.network_publishContact({ safeId });
    expect(await lockAtMs()).toBeGreaterThan(before);
  });
});
