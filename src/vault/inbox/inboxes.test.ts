// Inboxes of XMTP V3 against the whole vault: which texts are signed and by which key, what is remembered, and that it all outlives lock, restart and epochs.
import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { limits, mostInboxKeys } from '../../contract/limits';
import { bytesToBase64, bytesToHex, concatBytes, equalBytes } from '../../protocol/base/bytes';
import { addressOf, recoverWalletAddress } from '../../protocol/base/ethereum';
import { getPublicKey } from '../../protocol/base/secp256k1';
import { archiveKeyOf } from '../../protocol/inbox/archive-key';
import { buildIdentityText, identityTextLength, type IdentityText } from '../../protocol/inbox/identity-text';
import { inboxIdOf } from '../../protocol/inbox/inbox-id';
import { enrolledBrowser, freezeAt, unlockWithWallet } from '../testkit/vault.testkit';
import { withText } from './ledger';
import { emptyLedger, mostEntries } from './ledger-record';

vi.mock('@noble/hashes/scrypt.js', () => import('../../protocol/testkit/cheap-scrypt.testkit'));

type Setting = Awaited<ReturnType<typeof enrolledBrowser>>;
const origin = 'https://chat.example';
const strange = 'b'.repeat(64);
const installation = (digit: string) => digit.repeat(64);
let setting: Setting;
beforeEach(async () => {
  setting = await enrolledBrowser();
});

/** The text of these fields, dated now. */
function textOf(fields: Record<string, unknown>): string {
  const timeMs = Math.floor(setting.clock.nowMs / 1000) * 1000;
  return buildIdentityText({ timeMs, ...fields } as IdentityText);
}
const describeText = (text: string, arrivedAtMs = setting.clock.nowMs) =>
  setting.vault.inboxes.describe(setting.safeId, { text, origin, arrivedAtMs });
/** Signs as a person does: what the card shows. A text that has no card is refused as it would be. */
async function sign(text: string, from = origin, worker = setting.vault) {
  const { identifier: shown } = await worker.inboxes
    .describe(setting.safeId, { text, origin: from, arrivedAtMs: timeOf(text) })
    .catch(() => ({ identifier: '' }));
  return worker.inboxes.sign(setting.safeId, { text, identifier: shown, origin: from, atMs: setting.clock.nowMs });
}
const timeOf = (text: string) => Date.parse(/^Current time: (.*)$/m.exec(text)?.[1] ?? '');
const identifier = () => setting.vault.inboxes.identifier(setting.safeId);
const list = () => setting.vault.inboxes.list({ safeId: setting.safeId });
const refusal = (detail: string) => expect.objectContaining({ reason: 'bad-identity-text', detail });

async function madeInbox(): Promise<{ owner: string; inboxId: string }> {
  const owner = await identifier();
  const inboxId = inboxIdOf(owner, 1);
  await sign(textOf({ shape: 'create+grant', inboxId, owner, installationId: installation('1') }));
  return { owner, inboxId };
}

describe('the inbox key', () => {
  it('is drawn at the first question, and is the same afterwards, after a lock, and in the next browser session', async () => {
    const { vault, safeId, wallet } = setting;
    expect((await list()).keys).toEqual([]);
    const address = await identifier();
    expect(address).toMatch(/^0x[0-9a-f]{40}$/);
    expect(address).not.toBe(wallet.account.toLowerCase());
    await vault.lock();
    await expect(identifier()).rejects.toThrow(expect.objectContaining({ reason: 'locked' }));
    await unlockWithWallet(vault, safeId, wallet);
    expect(await identifier()).toBe(address);
    const next = await setting.restart();
    await unlockWithWallet(next, safeId, wallet);
    expect(await next.inboxes.identifier(safeId)).toBe(address);
  });

  it('is told again without a change: no store is written and nobody is told of one', async () => {
    await identifier();
    let told = 0;
    setting.vault.onChange(() => void told++);
    const from = setting.labels.length;
    await identifier();
    expect([told, setting.labels.length]).toEqual([0, from]);
  });

  it('is made once, however many ask at the same time', async () => {
    const addresses = await Promise.all(Array.from({ length: 5 }, identifier));
    expect(new Set(addresses).size).toBe(1);
    expect((await list()).keys).toHaveLength(1);
  });

  it('outlives the change of the root key, and so do ledger and archive keys', async () => {
    const { vault, safeId, code } = setting;
    const { owner, inboxId } = await madeInbox();
    const archiveKey = await vault.inboxes.archiveKey(safeId, { inboxId, earlier: 0, madeAtMs: null });
    const before = await list();
    await vault.slots.addPassphrase({
      safeId,
      proof: { kind: 'recovery-code', code },
      passphrase: 'nine wooden lanterns sail quietly',
    });
    const { slots } = await vault.identity.details({ safeId });
    const wallets = slots.find(({ type }) => type === 'wallet')!;
    const proof = { kind: 'recovery-code', code } as const;
    const kept = [proof, { kind: 'passphrase', passphrase: 'nine wooden lanterns sail quietly' } as const];
    await vault.slots.remove({ safeId, slotId: wallets.slotId, kept });
    expect((await vault.identity.details({ safeId })).epoch).toBe(2);
    expect(await identifier()).toBe(owner);
    expect(await list()).toEqual(before);
    expect(await vault.inboxes.archiveKey(safeId, { inboxId, earlier: 0, madeAtMs: null })).toEqual(archiveKey);
  });

  it('can be followed by another one: apps are given that, and the first still signs for its inbox', async () => {
    const { vault, safeId } = setting;
    const { owner, inboxId } = await madeInbox();
    await vault.inboxes.newKey({ safeId });
    const second = await identifier();
    expect(second).not.toBe(owner);
    const text = textOf({ shape: 'grant', inboxId, installationId: installation('2') });
    expect((await describeText(text)).identifier).toBe(owner);
    expect(recoverWalletAddress(text, await sign(text)).toLowerCase()).toBe(owner);
    const link = textOf({ shape: 'link', inboxId: strange, address: second });
    expect(recoverWalletAddress(link, await sign(link)).toLowerCase()).toBe(second);
  });

  it('is bounded in number', async () => {
    const { vault, safeId } = setting;
    for (let count = 0; count < mostInboxKeys; count++) await vault.inboxes.newKey({ safeId });
    await expect(vault.inboxes.newKey({ safeId })).rejects.toThrow(expect.objectContaining({ reason: 'limit' }));
    expect((await list()).keys).toHaveLength(mostInboxKeys);
  });
});

describe('a text', () => {
  it('has the same bound at the gate and where it is read', () => {
    expect(limits.identityTextLength).toBe(identityTextLength);
  });

  it('is signed with 65 bytes, low s and v of 27 or 28, by the key it names, and alike each time', async () => {
    const { inboxId, owner } = await madeInbox();
    const text = textOf({ shape: 'grant', inboxId, installationId: installation('2') });
    const signature = await sign(text);
    expect(signature).toHaveLength(65);
    expect([27, 28]).toContain(signature[64]);
    expect(signature[32]).toBeLessThan(0x80);
    expect(recoverWalletAddress(text, signature).toLowerCase()).toBe(owner);
    expect(await sign(text)).toEqual(signature);
  });

  it('says everything on its card', async () => {
    const { inboxId, owner } = await madeInbox();
    const text = textOf({ shape: 'grant', inboxId, installationId: installation('2') });
    expect(await describeText(text)).toEqual({
      text,
      shape: 'grant',
      inboxId,
      timeMs: Math.floor(setting.clock.nowMs / 1000) * 1000,
      identifier: owner,
      values: [installation('2')],
      inbox: 'made-here',
      name: '',
      ofThisOrigin: 1,
      installations: 1,
      updates: 1,
      isSaid: false,
      isRead: false,
      role: 'recovery',
      isAboutUs: false,
      isThereAlready: false,
    });
  });

  it('is refused when it cannot be read, whoever signs', async () => {
    const { inboxId } = await madeInbox();
    const good = textOf({ shape: 'grant', inboxId, installationId: installation('2') });
    for (const text of ['', 'hello', `${good}\n`, good.replace('XMTP', 'XMTр'), good.replaceAll('\n', '\r\n')]) {
      await expect(describeText(text)).rejects.toThrow(refusal('unreadable'));
      await expect(sign(text)).rejects.toThrow(refusal('unreadable'));
    }
  });

  it('is refused when its time is more than five minutes from its arrival, and only then', async () => {
    const { inboxId } = await madeInbox();
    const text = textOf({ shape: 'grant', inboxId, installationId: installation('2') });
    const timeMs = Math.floor(setting.clock.nowMs / 1000) * 1000;
    for (const ms of [-300_000, 300_000]) expect(await describeText(text, timeMs + ms)).toBeTruthy();
    for (const ms of [-300_001, 300_001])
      await expect(describeText(text, timeMs + ms)).rejects.toThrow(refusal('date'));
    setting.clock.nowMs += 600_000;
    await expect(describeText(text, timeMs)).resolves.toBeTruthy();
  });

  it('is refused for a key that is not here, or an inbox that this key does not make', async () => {
    const owner = await identifier();
    const other = `0x${'7'.repeat(40)}`;
    const grant = { installationId: installation('1') };
    for (const text of [
      textOf({ shape: 'create+grant', inboxId: inboxIdOf(other, 1), owner: other, ...grant }),
      textOf({ shape: 'create+grant', inboxId: inboxIdOf(owner, 2), owner, ...grant }),
      textOf({ shape: 'create+grant', inboxId: strange, owner, ...grant }),
      textOf({ shape: 'link', inboxId: strange, address: other }),
    ]) {
      await expect(describeText(text)).rejects.toThrow(refusal('not-this-key'));
      await expect(sign(text)).rejects.toThrow(refusal('not-this-key'));
    }
    for (const nonce of [0, 1])
      expect(
        await sign(textOf({ shape: 'create+grant', inboxId: inboxIdOf(owner, nonce), owner, ...grant })),
      ).toHaveLength(65);
    expect((await list()).inboxes).toHaveLength(2);
  });

  it('R-C3 is not signed by another key than the card showed', async () => {
    const { vault, safeId, clock } = setting;
    await identifier();
    const text = textOf({ shape: 'grant', inboxId: strange, installationId: installation('1') });
    const { identifier: shown } = await describeText(text);
    await vault.inboxes.newKey({ safeId });
    const approved = vault.inboxes.sign(safeId, { text, identifier: shown, origin, atMs: clock.nowMs });
    await expect(approved).rejects.toThrow(expect.objectContaining({ reason: 'stale' }));
    expect((await list()).inboxes).toEqual([]);
  });

  it('is refused before there is any key', async () => {
    const text = textOf({ shape: 'grant', inboxId: strange, installationId: installation('1') });
    await expect(describeText(text)).rejects.toThrow(refusal('not-this-key'));
    expect((await list()).keys).toEqual([]);
  });

  it('that only a recovery may sign is refused until this identity is one, and after recovery was handed over', async () => {
    const { vault, safeId, clock } = setting;
    const owner = await identifier();
    const takes = (inboxId: string) => [
      textOf({ shape: 'revoke', inboxId, installationIds: [installation('3')] }),
      textOf({ shape: 'unlink', inboxId, address: `0x${'8'.repeat(40)}` }),
      textOf({ shape: 'recovery', inboxId, address: `0x${'9'.repeat(40)}` }),
    ];
    await sign(textOf({ shape: 'link', inboxId: strange, address: owner }));
    for (const text of takes(strange)) await expect(sign(text)).rejects.toThrow(refusal('not-recovery'));
    await vault.inboxes.markRecovery({ safeId, inboxId: strange, isRecovery: true });
    for (const text of takes(strange)) expect(await sign(text)).toHaveLength(65);
    clock.nowMs += 60_000;
    for (const text of takes(strange)) await expect(sign(text)).rejects.toThrow(refusal('not-recovery'));
    await vault.inboxes.markRecovery({ safeId, inboxId: strange, isRecovery: true });
    expect(await sign(takes(strange)[0]!)).toHaveLength(65);
    await vault.inboxes.markRecovery({ safeId, inboxId: strange, isRecovery: false });
    clock.nowMs += 60_000;
    await expect(sign(takes(strange)[1]!)).rejects.toThrow(refusal('not-recovery'));
    const { inboxId } = await madeInbox();
    for (const text of takes(inboxId)) expect(await sign(text)).toHaveLength(65);
  });
});

describe('the ledger', () => {
  it('has one line for each text, whoever sends it again', async () => {
    const { inboxId } = await madeInbox();
    const text = textOf({ shape: 'grant', inboxId, installationId: installation('2') });
    const [one, two] = [await sign(text), await sign(text, 'https://other.example')];
    expect(one).toEqual(two);
    const [inbox] = (await list()).inboxes;
    expect(inbox?.texts.map(({ shape }) => shape)).toEqual(['create+grant', 'grant']);
    expect(inbox?.granted.map((grant) => grant.origin)).toEqual([origin, origin]);
  });

  it('tells what is known of an inbox, who this identity is in it, and how full it is', async () => {
    const { vault, safeId, clock } = setting;
    const { inboxId } = await madeInbox();
    const grant = (digit: string) => textOf({ shape: 'grant', inboxId, installationId: installation(digit) });
    await sign(grant('2'));
    await sign(grant('3'), 'https://other.example');
    await sign(textOf({ shape: 'revoke', inboxId, installationIds: [installation('2')] }));
    let [inbox] = (await list()).inboxes;
    expect(inbox).toMatchObject({ inbox: 'made-here', role: 'recovery', installations: 2, updates: 4, isSaid: false });
    expect(inbox?.granted.map(({ installationId }) => installationId)).toEqual([installation('1'), installation('3')]);
    clock.nowMs += 1_000;
    await vault.inboxes.correct({ safeId, inboxId, installations: 7, updates: 40 });
    clock.nowMs += 1_000;
    await sign(grant('4'));
    [inbox] = (await list()).inboxes;
    expect(inbox).toMatchObject({ installations: 8, updates: 41, isSaid: true });
    await vault.inboxes.name({ safeId, inboxId, name: 'Mine' });
    expect((await list()).inboxes[0]?.name).toBe('Mine');
    await sign(textOf({ shape: 'grant', inboxId: strange, installationId: installation('5') }));
    expect((await list()).inboxes[1]).toMatchObject({ inbox: 'unknown', role: 'unknown', inboxId: strange });
  });

  it.each(['create+grant', 'grant', 'link', 'revoke', 'unlink', 'recovery'] as const)(
    'P3 %s: a worker that dies between line and signature leaves one line, and the same text is signed again alike',
    async (shape) => {
      const { inboxId, owner } = await madeInbox();
      let made = 0;
      const text = () => {
        setting.clock.nowMs += 1_000;
        const installationId = (++made).toString(16).padStart(64, '0');
        const address = shape === 'link' ? owner : `0x${installationId.slice(-40)}`;
        return textOf({ shape, inboxId, owner, installationId, installationIds: [installationId], address });
      };
      const from = setting.labels.length;
      await sign(textOf({ shape: 'grant', inboxId, installationId: installation('9') }));
      const steps = [...new Set(setting.labels.slice(from))];
      expect(steps).toContain('inbox.ledger.database:after');
      // A role that was handed over is not there for a second text: then each step begins with an identity of its own.
      const tried = shape === 'recovery' ? ['inbox.ledger.database:after'] : steps;
      for (const step of tried) {
        const one = text();
        const { checkpoint, reached } = freezeAt(step);
        const worker = setting.startWorker({ checkpoint });
        await worker.ready();
        const signed = sign(one, origin, worker);
        expect([step, await Promise.race([reached, signed.then(() => 'signed')])]).toEqual([step, 'frozen']);
        const next = setting.startWorker();
        await next.ready();
        const once = await sign(one, origin, next);
        expect(recoverWalletAddress(one, once).toLowerCase()).toBe(owner);
        expect(await sign(one, origin, next)).toEqual(once);
        const { inboxes } = await next.inboxes.list({ safeId: setting.safeId });
        expect(inboxes[0]?.texts).toHaveLength(2 + made);
      }
    },
  );

  it('of a full ledger the oldest line about apps goes, never who belongs to which inbox', () => {
    const entry = { atMs: 1, origin, identifier: `0x${'1'.repeat(40)}`, inboxId: strange, values: [installation('1')] };
    const line = (at: number, shape: 'link' | 'grant') => ({
      ...entry,
      shape,
      values: shape === 'link' ? [entry.identifier] : entry.values,
      textDigest: at.toString(16).padStart(64, '0'),
    });
    let ledger = withText(emptyLedger, line(0, 'link'));
    for (let at = 1; at < mostEntries; at++) ledger = withText(ledger, line(at, 'grant'));
    const fuller = withText(ledger, line(mostEntries, 'grant'));
    expect(fuller.entries).toHaveLength(mostEntries);
    expect(fuller.entries.slice(0, 2).map(({ textDigest }) => Number(`0x${textDigest}`))).toEqual([0, 2]);
    expect(withText(fuller, line(5, 'grant'))).toBe(fuller);
    const links = Array.from({ length: mostEntries }, (_, at) => line(at, 'link'));
    expect(() => withText({ entries: links, notes: [] }, line(mostEntries, 'grant'))).toThrow(
      expect.objectContaining({ reason: 'limit' }),
    );
  });

  it('knows which of two keys is recovery, which is a member, and that an unlinked one is neither', async () => {
    const { vault, safeId, clock } = setting;
    const { inboxId, owner } = await madeInbox();
    await vault.inboxes.newKey({ safeId });
    const second = await identifier();
    await sign(textOf({ shape: 'link', inboxId, address: second }));
    const signerOf = async (fields: Record<string, unknown>) =>
      (await describeText(textOf({ inboxId, ...fields }))).identifier;
    const app = { installationId: installation('4') };
    expect(await signerOf({ shape: 'revoke', installationIds: [app.installationId] })).toBe(owner);
    expect(await signerOf({ shape: 'grant', ...app })).toBe(second);
    await sign(textOf({ shape: 'unlink', inboxId, address: second }));
    expect(await signerOf({ shape: 'grant', ...app })).toBe(owner);
    await sign(textOf({ shape: 'recovery', inboxId, address: second }));
    expect((await list()).inboxes[0]?.role).toBe('recovery');
    expect(await signerOf({ shape: 'revoke', installationIds: [app.installationId] })).toBe(second);
    clock.nowMs += 1_000;
    await sign(textOf({ shape: 'recovery', inboxId, address: `0x${'9'.repeat(40)}` }));
    expect((await list()).inboxes[0]?.role).toBe('member');
    clock.nowMs += 1_000;
    await sign(textOf({ shape: 'create+grant', inboxId, owner, ...app }));
    expect((await list()).inboxes[0]?.role).toBe('member');
  });

  it('a mark keeps the key it was made with', async () => {
    const { vault, safeId } = setting;
    const first = await identifier();
    await vault.inboxes.markRecovery({ safeId, inboxId: strange, isRecovery: true });
    await vault.inboxes.newKey({ safeId });
    const text = textOf({ shape: 'revoke', inboxId: strange, installationIds: [installation('1')] });
    expect((await describeText(text)).identifier).toBe(first);
  });

  it('counts an app once, however often it was granted', async () => {
    const { vault, safeId, clock } = setting;
    const { inboxId } = await madeInbox();
    const again = () => {
      clock.nowMs += 1_000;
      return textOf({ shape: 'grant', inboxId, installationId: installation('1') });
    };
    await sign(again());
    expect(await describeText(again())).toMatchObject({ installations: 1, isThereAlready: true, ofThisOrigin: 0 });
    await vault.inboxes.correct({ safeId, inboxId, installations: 5, updates: 9 });
    await sign(again());
    expect((await list()).inboxes[0]).toMatchObject({ installations: 5, updates: 10 });
  });
});

describe('archive keys', () => {
  it('are one for each inbox, the same each time, and none of another secret', async () => {
    const { vault, safeId } = setting;
    const key = (inboxId: string, earlier = 0) =>
      vault.inboxes.archiveKey(safeId, { inboxId, earlier, madeAtMs: null });
    const [one, other] = [await key(strange), await key('c'.repeat(64))];
    expect(one).toHaveLength(32);
    expect(one).not.toEqual(other);
    expect(await key(strange)).toEqual(one);
    await vault.inboxes.newArchiveKey({ safeId });
    expect(await key(strange)).not.toEqual(one);
    expect(await key(strange, 1)).toEqual(one);
    await expect(key(strange, 2)).rejects.toThrow(expect.objectContaining({ reason: 'stale' }));
    await expect(vault.inboxes.describeArchive(safeId, { inboxId: strange, earlier: 2 })).rejects.toThrow(
      expect.objectContaining({ reason: 'invalid-input' }),
    );
    expect(await vault.inboxes.describeArchive(safeId, { inboxId: strange, earlier: 1 })).toMatchObject({
      inbox: 'unknown',
      earlier: 1,
    });
  });

  it('R-C3 are given only as the card showed them: a key that was made meanwhile is another one', async () => {
    const { vault, safeId, clock } = setting;
    await vault.inboxes.newArchiveKey({ safeId });
    const shown = await vault.inboxes.describeArchive(safeId, { inboxId: strange, earlier: 0 });
    expect(await vault.inboxes.archiveKey(safeId, shown)).toHaveLength(32);
    clock.nowMs += 1;
    await vault.inboxes.newArchiveKey({ safeId });
    await expect(vault.inboxes.archiveKey(safeId, shown)).rejects.toThrow(expect.objectContaining({ reason: 'stale' }));
  });

  it('are bounded in number', async () => {
    const { vault, safeId } = setting;
    for (let count = 0; count < limits.archiveKeys; count++) await vault.inboxes.newArchiveKey({ safeId });
    await expect(vault.inboxes.newArchiveKey({ safeId })).rejects.toThrow(expect.objectContaining({ reason: 'limit' }));
  });
});

describe('P1', () => {
  it('P1 neither inbox key nor archive secret stands in a store or an answer', async () => {
    const { vault, safeId, drawn } = setting;
    const from = drawn.length;
    const { owner, inboxId } = await madeInbox();
    const archiveKey = await vault.inboxes.archiveKey(safeId, { inboxId, earlier: 0, madeAtMs: null });
    const fresh = drawn.slice(from).filter((bytes) => bytes.length === 32);
    const secrets = [
      fresh.find((bytes) => addressOf(getPublicKey(bytes)).toLowerCase() === owner)!,
      fresh.find((bytes) => equalBytes(archiveKeyOf(bytes, inboxId), archiveKey))!,
    ];
    const told = JSON.stringify([await list(), [...setting.mirrorItems], [...setting.sessionItems]]);
    for (const secret of secrets) {
      expect(secret).toHaveLength(32);
      expect(told).not.toContain(bytesToHex(secret));
      // Whatever comes before it, base64 has one of three forms of the bytes within.
      for (const shift of [0, 1, 2])
        expect(told).not.toContain(bytesToBase64(concatBytes(new Uint8Array(shift), secret)).slice(4, 40));
    }
  });
});

describe('laws', () => {
  it('law: whatever text is sent, it is refused, or it is what its card says, byte for byte', async () => {
    const owner = await identifier();
    const inboxId = inboxIdOf(owner, 1);
    const good = textOf({ shape: 'create+grant', inboxId, owner, installationId: installation('1') });
    await fc.assert(
      fc.asyncProperty(
        fc.nat(good.length),
        fc.nat(3),
        fc.string({ unit: 'binary', maxLength: 3 }),
        async (at, cut, put) => {
          const text = good.slice(0, at) + put + good.slice(at + cut);
          const facts = await describeText(text).catch(() => undefined);
          if (!facts) return;
          expect(facts.text).toBe(text);
          expect(
            buildIdentityText({
              shape: 'create+grant',
              inboxId: facts.inboxId,
              timeMs: facts.timeMs,
              owner: facts.identifier,
              installationId: facts.values[0]!,
            }),
          ).toBe(text);
        },
      ),
      { numRuns: 300 },
    );
  });
});
