// Any sequence of changes to the ways into a safe, against a model of which secret opens (R-H6, R-D2).
// Promises: at least two ways besides a passkey at any time, exactly the model's secrets open, and what was sealed in any epoch is still read.
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import type { SlotSecret } from '../../contract/schemas';
import type { SlotType } from '../safe/header';
import { byCode, byPasskey, byPassphrase, bySignature, passkeyOf, replacing } from '../testkit/slots.testkit';
import { enrolledBrowser, signRequest } from '../testkit/vault.testkit';

vi.mock('@noble/hashes/scrypt.js', () => import('../../protocol/testkit/cheap-scrypt.testkit'));

const phrases = ['seven boats on a green shore', 'ridge copper onion flute'];

type Command =
  | { kind: 'add-passphrase'; words: number }
  | { kind: 'add-passkey'; number: number }
  | { kind: 'add-wallet' }
  | { kind: 'replace-code' }
  | { kind: 'remove'; type: SlotType }
  | { kind: 'restart' };

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ kind: fc.constant('add-passphrase' as const), words: fc.nat({ max: 1 }) }),
  fc.record({ kind: fc.constant('add-passkey' as const), number: fc.integer({ min: 1, max: 2 }) }),
  fc.record({ kind: fc.constant('add-wallet' as const) }),
  fc.record({ kind: fc.constant('replace-code' as const) }),
  fc.record({
    kind: fc.constant('remove' as const),
    type: fc.constantFrom<SlotType>('wallet', 'recovery-code', 'passphrase', 'passkey'),
  }),
  fc.record({ kind: fc.constant('restart' as const) }),
);

it('R-H6 law: exactly the secrets of the slots there are open the safe, after any sequence of changes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 4, maxLength: 8 }), async (commands) => {
      const { vault: first, wallet, code, safeId, ...browser } = await enrolledBrowser();
      let vault = first;
      const { text } = await vault.unlock.text({ safeId });
      const signature = wallet.sign(text);
      const model = new Map<SlotType, SlotSecret>([
        ['wallet', bySignature(signature)],
        ['recovery-code', byCode(code)],
      ]);
      let [epoch, acts] = [1, 1];
      const worthless: SlotSecret[] = [];
      const leave = (type: SlotType): void => {
        const secret = model.get(type);
        if (secret) worthless.push(secret);
        model.delete(type);
      };
      const others = (type: SlotType) => [...model].filter(([one]) => one !== type).map(([, secret]) => secret);

      for (const one of commands) {
        const proof = model.get('wallet') ?? (model.get('recovery-code') as SlotSecret);
        const slot = async (type: SlotType) =>
          (await vault.identity.details({ safeId })).slots.find((each) => each.type === type)?.slotId ??
          '00'.repeat(16);
        if (one.kind === 'restart') vault = browser.startWorker();
        else if (one.kind === 'add-passphrase') {
          const words = phrases[one.words] ?? '';
          const isOther =
            model.has('passphrase') && JSON.stringify(model.get('passphrase')) !== JSON.stringify(byPassphrase(words));
          const adding = vault.slots.addPassphrase({ safeId, proof, passphrase: words });
          if (isOther) await expect(adding).rejects.toMatchObject({ reason: 'already-exists' });
          else {
            await adding;
            acts++;
            model.set('passphrase', byPassphrase(words));
          }
        } else if (one.kind === 'add-passkey') {
          const isOther =
            model.has('passkey') && JSON.stringify(model.get('passkey')) !== JSON.stringify(byPasskey(one.number));
          const adding = vault.slots.addPasskey({ safeId, proof, ...passkeyOf(one.number) });
          if (isOther) await expect(adding).rejects.toMatchObject({ reason: 'already-exists' });
          else {
            await adding;
            acts++;
            model.set('passkey', byPasskey(one.number));
          }
        } else if (one.kind === 'add-wallet') {
          await vault.slots.addWallet({ safeId, proof, first: signature, second: signature });
          acts++;
          model.set('wallet', bySignature(signature));
        } else if (one.kind === 'replace-code') {
          const fresh = await vault.slots.newCode({ safeId });
          await vault.slots.replaceCode(replacing(safeId, fresh, others('recovery-code')));
          leave('recovery-code');
          model.set('recovery-code', byCode(fresh.code));
          [epoch, acts] = [epoch + 1, acts + 1];
        } else if (model.has(one.type)) {
          const removing = vault.slots.remove({ safeId, slotId: await slot(one.type), kept: others(one.type) });
          const left = [...model.keys()].filter((type) => type !== one.type && type !== 'passkey');
          if (left.length < 2) await expect(removing).rejects.toMatchObject({ reason: 'last-slots' });
          else {
            await removing;
            leave(one.type);
            [epoch, acts] = [epoch + 1, acts + 1];
          }
        }
        const details = await vault.identity.details({ safeId });
        expect([details.epoch, details.slots.map(({ type }) => type).sort()]).toEqual([
          epoch,
          [...model.keys()].sort(),
        ]);
      }

      for (const secret of model.values()) await vault.slots.prove({ safeId, proof: secret });
      for (const secret of worthless.filter(
        (gone) => ![...model.values()].some((kept) => JSON.stringify(kept) === JSON.stringify(gone)),
      )) {
        await expect(vault.slots.prove({ safeId, proof: secret })).rejects.toThrow();
      }
      expect(await vault.activity.list(safeId, { limit: 50 })).toHaveLength(acts);
      expect((await vault.activity.list(safeId, { limit: 50 })).filter(({ method }) => method === 'damaged')).toEqual(
        [],
      );
      await expect(vault.keys.sign(safeId, signRequest)).resolves.toBeDefined();
    }),
    { numRuns: 8 },
  );
});
