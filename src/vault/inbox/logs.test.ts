// What nodes showed of inboxes, against the whole vault: counted from, compared with what was signed here, kept, and never lowered in silence.
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  bytesOf,
  livedIn,
  logByHand,
  messageByHand,
  textByHand,
  timeByHand,
  type ActionByHand,
} from '../../../demo/node-v3/inbox-log.testkit';
import { testApp, testKey, type TestMember } from '../../../demo/node-v3/node-v3.testkit';
import { inboxIdOf } from '../../protocol/inbox/inbox-id';
import { enrolledBrowser, freezeAt } from '../testkit/vault.testkit';
import { mostLogs } from './log-record';

vi.mock('@noble/hashes/scrypt.js', () => import('../../protocol/testkit/cheap-scrypt.testkit'));

const nodeUrl = 'https://node.example';
const [wallet, app, theirs, another] = [testKey('the wallet'), testApp('first'), testApp('theirs'), testApp('another')];
let setting: Awaited<ReturnType<typeof enrolledBrowser>>;
/** The inbox key of the vault, as one who signs updates: only texts that the vault signed. */
let ours: TestMember;
let inboxId: string;
let signed: Map<string, Uint8Array>;
beforeEach(async () => {
  setting = await enrolledBrowser();
  signed = new Map();
  const id = await setting.vault.inboxes.identifier(setting.safeId);
  const signText = (text: string) => ({ erc191: { bytes: signed.get(text) ?? new Uint8Array() } });
  ours = { id, identifier: { ethereumAddress: id }, signText, sign: () => ({}) };
  inboxId = inboxIdOf(id, 1);
});

/** The update of these actions, each after the other by a second of the clock; the vault signs first where it has to. */
async function update(at: number, ...actions: ActionByHand[]): Promise<Uint8Array> {
  const { vault, safeId, clock } = setting;
  clock.nowMs += 1_000;
  const text = textByHand(inboxId, at, actions);
  if (actions.some(({ kind, by, who }) => by === ours || (kind === 'add' && who === ours))) {
    const origin = 'https://chat.example';
    const { identifier } = await vault.inboxes.describe(safeId, { text, origin, arrivedAtMs: timeByHand(at) });
    signed.set(text, await vault.inboxes.sign(safeId, { text, identifier, origin, atMs: clock.nowMs }));
  }
  return bytesOf(messageByHand(inboxId, at, actions));
}
const made = () => update(0, { kind: 'create', who: ours, by: ours }, { kind: 'add', who: app, by: ours });
const add = (at: number, who: TestMember, by: TestMember) => update(at, { kind: 'add', who, by });
const revoke = (at: number, who: TestMember, by: TestMember) => update(at, { kind: 'revoke', who, by });

/** What a node shows, read now. */
async function show(...updates: Uint8Array[]) {
  const { vault, safeId, clock } = setting;
  clock.nowMs += 1_000;
  await vault.inboxes.readLog({ safeId, inboxId, atMs: clock.nowMs, nodeUrl, updates });
  return view();
}
async function view() {
  const { inboxes } = await setting.vault.inboxes.list({ safeId: setting.safeId });
  return inboxes.find((one) => one.inboxId === inboxId)!;
}
const refusal = (detail: string) => expect.objectContaining({ reason: 'bad-answer', detail });
const ids = (...members: TestMember[]) => members.map(({ id }) => id);

describe('an inbox that was read from a node', () => {
  it('is counted by what the node showed, and on from there by what is signed', async () => {
    const log = [await made(), await add(1, wallet, app), await add(2, theirs, wallet)];
    expect(await view()).toMatchObject({ installations: 1, updates: 1, isRead: false, read: null });
    const read = await show(...log);
    expect(read).toMatchObject({ installations: 2, updates: 3, isRead: true, isSaid: false });
    expect(read.read).toMatchObject({ nodeUrl, listed: 3, checked: 3, unread: null, addresses: ids(ours, wallet) });
    await add(3, another, ours);
    expect(await view()).toMatchObject({ installations: 3, updates: 4, isRead: true });
    await revoke(4, theirs, ours);
    expect(await view()).toMatchObject({ installations: 2, updates: 5 });
    // With an address go the apps that it let in.
    expect((await show(...log)).installations).toBe(2);
    await revoke(5, wallet, ours);
    expect(await view()).toMatchObject({ installations: 1, updates: 4 });
  });

  it('points out the apps that were not let in from here, and who let them in', async () => {
    const log = [await made(), await add(1, wallet, app), await add(2, theirs, wallet)];
    const { read } = await show(...log);
    const stranger = { installationId: theirs.id, addedBy: wallet.id, isByUs: false, isRevokedHere: false };
    expect(read?.strangers).toEqual([stranger]);
    await revoke(3, theirs, ours);
    expect((await view()).read?.strangers).toEqual([]);
    // It was signed, and a node that is asked afterwards still has the app.
    expect((await show(...log)).read?.strangers).toEqual([{ ...stranger, isRevokedHere: true }]);
  });

  it('tells which apps that were let in from here are no longer in it', async () => {
    const log = [await made(), await add(1, another, ours)];
    const handed = await update(2, { kind: 'recovery', who: wallet, by: ours });
    const { read } = await show(...log, handed, await revoke(3, app, wallet));
    expect(read?.gone).toEqual([app.id]);
    expect(read?.strangers).toEqual([]);
  });

  it('compares the recovery with who this vault took for it', async () => {
    const log = [await made()];
    expect((await show(...log)).read).toMatchObject({
      recovery: ours.id,
      isRecoveryOurs: true,
      isRecoveryAsKnown: true,
    });
    log.push(await update(1, { kind: 'recovery', who: wallet, by: ours }));
    // Handed over after the node was asked: no contradiction.
    expect((await view()).read).toMatchObject({ isRecoveryAsKnown: true });
    expect((await show(...log)).read).toMatchObject({
      recovery: wallet.id,
      isRecoveryOurs: false,
      isRecoveryAsKnown: true,
    });
    await setting.vault.inboxes.markRecovery({ safeId: setting.safeId, inboxId, isRecovery: true });
    expect((await view()).read).toMatchObject({ isRecoveryOurs: false, isRecoveryAsKnown: false });
    log.push(await update(2, { kind: 'recovery', who: ours, by: wallet }));
    expect((await show(...log)).read).toMatchObject({ isRecoveryOurs: true, isRecoveryAsKnown: true });
    await setting.vault.inboxes.markRecovery({ safeId: setting.safeId, inboxId, isRecovery: false });
    expect((await view()).read).toMatchObject({ isRecoveryOurs: true, isRecoveryAsKnown: false });
  });

  it('R-B3 gives nobody a right to a signature: what a node says of recovery signs nothing', async () => {
    const { vault, safeId } = setting;
    const log = [await made(), await update(1, { kind: 'recovery', who: wallet, by: ours })];
    log.push(await update(2, { kind: 'recovery', who: ours, by: wallet }));
    expect((await show(...log)).read).toMatchObject({ isRecoveryOurs: true });
    const text = textByHand(inboxId, 3, [{ kind: 'revoke', who: app, by: ours }]);
    const asked = vault.inboxes.describe(safeId, { text, origin: 'https://chat.example', arrivedAtMs: timeByHand(3) });
    await expect(asked).rejects.toThrow(
      expect.objectContaining({ reason: 'bad-identity-text', detail: 'not-recovery' }),
    );
  });

  it('is counted by the person’s word when that came later', async () => {
    const log = [await made(), await add(1, theirs, ours)];
    const { vault, safeId, clock } = setting;
    await vault.inboxes.correct({ safeId, inboxId, installations: 7, updates: 40 });
    expect(await show(...log)).toMatchObject({ installations: 2, updates: 2, isRead: true, isSaid: false });
    clock.nowMs += 1_000;
    await vault.inboxes.correct({ safeId, inboxId, installations: 8, updates: 41 });
    expect(await view()).toMatchObject({ installations: 8, updates: 41, isRead: false, isSaid: true });
  });

  it('is shown by the same numbers on a card', async () => {
    await show(await made(), await add(1, wallet, app), await add(2, theirs, wallet));
    const { vault, safeId } = setting;
    const text = textByHand(inboxId, 3, [{ kind: 'add', who: another, by: ours }]);
    const facts = await vault.inboxes.describe(safeId, {
      text,
      origin: 'https://a.example',
      arrivedAtMs: timeByHand(3),
    });
    expect(facts).toMatchObject({ installations: 2, updates: 3, isRead: true });
  });
});

describe('R-I6 a log that does not hold', () => {
  it('counts nothing from the first update on that cannot be verified, and says from which', async () => {
    const [first, linked, granted] = [await made(), await add(1, wallet, app), await add(2, theirs, wallet)];
    const dark = bytesOf({ ...messageByHand(inboxId, 3, []), actions: [{}] });
    const read = await show(first, linked, granted, dark, await add(4, another, wallet));
    expect(read).toMatchObject({ installations: 1, updates: 1, isRead: false });
    expect(read.read).toMatchObject({
      listed: 5,
      checked: 3,
      unread: 'unverifiable',
      gone: [],
      isRecoveryAsKnown: true,
    });
    expect(read.read?.strangers).toHaveLength(1);
  });

  it('that begins with such an update says nothing of the inbox, and is not empty', async () => {
    await made();
    const forged = messageByHand(inboxId, 1, [{ kind: 'create', who: wallet, by: wallet }]);
    const { read, isRead } = await show(bytesOf(forged));
    expect(isRead).toBe(false);
    expect(read).toMatchObject({ listed: 1, checked: 0, unread: 'wrong', recovery: '', addresses: [], strangers: [] });
  });

  it('that is shorter than before, or other than before, changes nothing and is told', async () => {
    const [first, second, third] = [await made(), await add(1, wallet, app), await add(2, theirs, wallet)];
    const before = await show(first, second, third);
    for (const log of [[first, second], [first], [first, third, second], [second], []])
      await expect(show(...log)).rejects.toThrow(refusal('older-log'));
    const other = await add(1, another, ours);
    await expect(show(first, other, third)).rejects.toThrow(refusal('older-log'));
    expect((await view()).read).toEqual(before.read);
    expect((await show(first, second, third, await add(3, another, wallet))).read?.listed).toBe(4);
  });

  it('hides in silence no update that could not be verified before', async () => {
    const first = await made();
    const dark = bytesOf({ ...messageByHand(inboxId, 3, []), actions: [{}] });
    await show(first, dark);
    await expect(show(first)).rejects.toThrow(refusal('older-log'));
    // Forged ones were never part of the log.
    await setting.vault.inboxes.forgetLog({ safeId: setting.safeId, inboxId });
    await show(first, Uint8Array.of(1, 2, 3));
    expect((await show(first)).read).toMatchObject({ listed: 1, unread: null });
  });

  it('of an inbox that a node does not know is told, and is no reading', async () => {
    await made();
    await expect(show()).rejects.toThrow(refusal('no-inbox'));
    expect((await view()).read).toBeNull();
  });

  it('is forgotten when the person says so; then another one begins anew', async () => {
    const [first, second] = [await made(), await add(1, wallet, app)];
    await show(first, second);
    await setting.vault.inboxes.forgetLog({ safeId: setting.safeId, inboxId });
    expect(await view()).toMatchObject({ isRead: false, read: null });
    expect((await show(first)).read?.listed).toBe(1);
  });
});

describe('what was read', () => {
  it('outlives lock, restart and another root key, and is not told while it is locked', async () => {
    const { vault, safeId, code } = setting;
    const { read } = await show(await made(), await add(1, wallet, app));
    await vault.slots.addPassphrase({
      safeId,
      proof: { kind: 'recovery-code', code },
      passphrase: 'nine wooden lanterns sail quietly',
    });
    const { slots } = await vault.identity.details({ safeId });
    const proof = { kind: 'recovery-code', code } as const;
    const kept = [proof, { kind: 'passphrase', passphrase: 'nine wooden lanterns sail quietly' } as const];
    await vault.slots.remove({ safeId, slotId: slots.find(({ type }) => type === 'wallet')!.slotId, kept });
    expect((await view()).read).toEqual(read);
    await vault.lock();
    await expect(view()).rejects.toThrow(expect.objectContaining({ reason: 'locked' }));
    await expect(show(new Uint8Array())).rejects.toThrow(expect.objectContaining({ reason: 'locked' }));
    const next = await setting.restart();
    await next.unlock.withRecoveryCode({ safeId, code });
    const { inboxes } = await next.inboxes.list({ safeId });
    expect(inboxes.find((one) => one.inboxId === inboxId)?.read).toEqual(read);
  });

  it('P3 is there whole or not at all when the worker dies while it is kept, and is read again', async () => {
    const { safeId, clock } = setting;
    const updates = [await made(), await add(1, wallet, app)];
    const from = setting.labels.length;
    await show(...updates);
    const steps = [...new Set(setting.labels.slice(from))].filter((label) => label.startsWith('inbox.logs'));
    expect(steps).toContain('inbox.logs.database:after');
    for (const step of steps) {
      await setting.vault.inboxes.forgetLog({ safeId, inboxId });
      const { checkpoint, reached } = freezeAt(step);
      const worker = setting.startWorker({ checkpoint });
      await worker.ready();
      const log = { safeId, inboxId, atMs: clock.nowMs, nodeUrl, updates };
      void worker.inboxes.readLog(log).catch(() => undefined);
      await reached;
      const next = setting.startWorker();
      const [inbox] = (await next.inboxes.list({ safeId })).inboxes;
      expect([undefined, 2], step).toContain(inbox?.read?.checked);
      expect((await next.inboxes.readLog(log)).inboxes[0]?.read?.checked).toBe(2);
      setting = { ...setting, vault: next };
    }
  });

  it('is bounded: of more inboxes the one that was read longest ago goes', async () => {
    const { vault, safeId, clock } = setting;
    const logs = Array.from({ length: mostLogs + 1 }, (_, at) => {
      const owner = testKey(`owner ${at}`);
      return logByHand(owner, [[{ kind: 'create', who: owner, by: owner }]]);
    });
    for (const log of logs) {
      await vault.inboxes.name({ safeId, inboxId: log.inboxId, name: 'one' });
      await vault.inboxes.readLog({ safeId, ...log, atMs: clock.nowMs, nodeUrl });
    }
    const { inboxes } = await vault.inboxes.list({ safeId });
    expect(inboxes.filter(({ read }) => read === null).map((one) => one.inboxId)).toEqual([logs[0]?.inboxId]);
  });

  it('stands in the log of activity', async () => {
    await show(await made());
    const [entry] = await setting.vault.activity.list(setting.safeId, { limit: 5 });
    expect(entry).toMatchObject({ method: 'inbox', purpose: 'read' });
  });

  it('of an inbox with a long life is verified while other calls have their turn', async () => {
    const { vault, safeId } = setting;
    const life = livedIn('a long life');
    await vault.inboxes.name({ safeId, inboxId: life.inboxId, name: 'long' });
    const reading = vault.inboxes.readLog({ safeId, ...life, atMs: 1, nodeUrl });
    await vault.inboxes.name({ safeId, inboxId: life.inboxId, name: 'renamed' });
    expect((await reading).inboxes[0]).toMatchObject({ name: 'renamed', read: { checked: life.updates.length } });
  });
});
