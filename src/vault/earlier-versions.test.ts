// What every earlier version stored opens in this one: unlock by each slot, keys, messages, grants, a rotation under way, backup files.
import { describe, expect, it, vi } from 'vitest';
import { testAccounts } from '../../demo/wallet/accounts';
import { earlierFile, earlierProfile, hostOfEarlierProfile } from './testkit/earlier-versions.testkit';
import { createTestWallet } from './testkit/vault.testkit';
import { createLaterParts } from './later-parts';
import { createVault } from './vault';

vi.mock('@noble/hashes/scrypt.js', () => import('../protocol/testkit/native-scrypt.testkit'));

const versions = ['0.1.0'] as const;
const documentKey = 'a document of today';

describe.each(versions)('a profile of version %s', (version) => {
  const profile = earlierProfile(version);
  const { safeId, account } = profile;
  const wallet = createTestWallet(1, 'v27', testAccounts()[0]!.privateKey);

  async function opened(session?: Record<string, unknown>) {
    const { host, clock } = await hostOfEarlierProfile(version, profile, session);
    const vault = createVault(host, async (core) => createLaterParts(core));
    return { vault, clock, host };
  }
  async function unlocked() {
    const browser = await opened();
    await browser.vault.unlock.withPassphrase({ safeId, passphrase: profile.passphrase });
    return browser;
  }

  it('R-H4: shows its identity and settings, locked', async () => {
    const { vault } = await opened();
    expect(await vault.state()).toMatchObject({
      status: 'locked',
      identities: [{ safeId, account, status: 'locked', name: 'Ada' }],
      settings: { autoLockMinutes: 15, environment: { name: 'custom' } },
    });
  });

  it('R-D2: is opened by the wallet, the recovery code and the passphrase', async () => {
    const { vault } = await opened();
    const { text } = await vault.unlock.text({ safeId });
    await vault.unlock.withWallet({ safeId, signature: wallet.sign(text) });
    await vault.lock();
    await vault.unlock.withRecoveryCode({ safeId, code: profile.code });
    await vault.lock();
    await vault.unlock.withPassphrase({ safeId, passphrase: profile.passphrase });
    expect((await vault.identity.details({ safeId })).slots).toHaveLength(3);
  });

  it('keeps its keys, conversations, V1 peers, preferences and log', async () => {
    const { vault } = await unlocked();
    const details = await vault.identity.details({ safeId });
    // One prekey of the enrolment, one of a whole rotation, one of the rotation that was under way.
    expect(details.prekeys).toHaveLength(3);
    expect(details.prekeys.filter(({ current }) => current)).toHaveLength(1);
    const file = earlierFile(version, 'passphrase.age');
    const compared = await vault.backup.check({
      safeId,
      file,
      secret: { kind: 'passphrase', passphrase: profile.passphrase },
    });
    expect(compared).toMatchObject({ sameIdentity: true, missingConversations: 0 });
    expect(await vault.activity.list(safeId, { limit: 100 })).toHaveLength(profile.database.activity!.length + 2);
  });

  it('goes on with the rotation that was under way: it is completed and cannot be taken back', async () => {
    const { vault } = await unlocked();
    expect((await vault.rotation.state(safeId)).pending).toMatchObject({ stage: 'copied' });
    await expect(vault.rotation.cancel(safeId)).rejects.toMatchObject({ reason: 'wrong-step' });
    await vault.rotation.mark(safeId, 'announced');
    expect(await vault.rotation.complete(safeId)).toBe(true);
    expect((await vault.rotation.state(safeId)).pending).toBeNull();
  });

  it('has an empty address book that takes names, and no phrase of the own', async () => {
    const { vault } = await unlocked();
    expect(await vault.people.list({ safeId })).toEqual([]);
    expect(await vault.ownPhrase.get()).toBeNull();
    const person = { account: createTestWallet(2).account, name: 'Bob' };
    await vault.people.name({ safeId, ...person });
    expect(await vault.people.list({ safeId })).toMatchObject([person]);
  });

  it('R-B7: has the grants it had, and no more', async () => {
    const { vault } = await unlocked();
    const grants = await vault.grants.list();
    const until = profile.database.grants!.map(({ origin }) => origin as string);
    for (const { origin } of grants) expect(until).toContain(origin);
    const kept = grants.find(({ duration }) => duration === 'until-revoked');
    expect(kept?.capabilities).toEqual(expect.arrayContaining(['identity', 'sign', 'messages.read', 'messages.write']));
    // What was given until the lock ended with it.
    expect(grants.some(({ duration }) => duration === 'until-locked')).toBe(false);
    await expect(vault.grants.use(profile.site, safeId, 'sign', documentKey)).rejects.toMatchObject({
      reason: 'not-found',
    });
  });

  it('P2: a request that waited is approved by nobody, and none of it is in the way', async () => {
    const { vault } = await opened(profile.session);
    await vault.ready();
    for (const card of await vault.approvals.list())
      expect(await vault.approvals.get(card.id)).toMatchObject({ state: 'waiting' });
    const listed = await vault.approvals.rejectAll();
    expect(listed.length).toBeLessThanOrEqual(2);
    expect(await vault.approvals.list()).toEqual([]);
  });

  it.each([
    ['passphrase.age', { kind: 'passphrase', passphrase: profile.passphrase }],
    ['code.age', { kind: 'recovery-code', code: profile.code }],
  ] as const)('its backup file %s is opened', async (name, secret) => {
    const { vault } = await opened();
    const preview = await vault.backup.preview({ file: earlierFile(version, name), secret });
    expect(preview).toMatchObject({ account, prekeys: 1, conversations: 2 });
  });
});
