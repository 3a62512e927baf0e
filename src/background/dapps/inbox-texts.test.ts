// Changed identity texts at the provider's row: each is refused at once, or has a card that says what stands in it byte for byte, and is signed as shown.
// The law of the campaign `identity-texts`, once more where a site meets it.
import 'fake-indexeddb/auto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lawOf } from '../../../scripts/campaign/size';
import { VaultError } from '../../contract/errors';
import { recoverWalletAddress } from '../../protocol/base/ethereum';
import type { IdentityText } from '../../protocol/inbox/identity-text';
import { inboxIdOf } from '../../protocol/inbox/inbox-id';
import {
  changed,
  changes,
  identityTexts,
  isIdentityText,
  writtenByHand,
} from '../../protocol/testkit/identity-texts.testkit';
import { enrolledBrowser } from '../../vault/testkit/vault.testkit';
import type { Dapp } from '../browser/sender';
import { sendTo } from '../testkit/router.testkit';
import { createAdmission } from './admission';
import { createRouter } from './router';
import { decideOne } from '../../vault/testkit/decide.testkit';

const away = () => Promise.reject(new VaultError('no-network'));
const dapp: Dapp = { kind: 'dapp', origin: 'https://chat.example', documentKey: 'D1', tabId: 1 };
/** So many are signed; of the rest the card is read and rejected, because a ledger has an end. */
const mostSigned = 200;

test('law: a changed text is refused, or shown and signed byte for byte', async () => {
  const { vault, safeId, clock, host } = await enrolledBrowser();
  const waiting: string[] = [];
  const router = createRouter({
    vault,
    version: '1',
    nowMs: host.nowMs,
    publisher: { describe: away, fix: away, publish: away },
    rotatedAtMs: async () => ({}),
    present: async ({ id }) => void waiting.push(id),
    admission: createAdmission(),
  });
  await vault.grants.put({
    origin: dapp.origin,
    safeId,
    capabilities: ['xmtp.v3'],
    duration: 'until-revoked',
    documentKey: 'D1',
    requestId: 'f'.repeat(32),
  });
  const identifier = await vault.inboxes.identifier(safeId);
  let [ids, signed, shown, refused] = [0, 0, 0, 0];

  async function answerOf(text: string): Promise<void> {
    const id = (++ids).toString(16).padStart(32, '0');
    const answer = sendTo(router, { id, method: 'xmtp_v3_signIdentityText', dapp }, { text });
    const settled = answer.then(() => 'answered');
    while ((await Promise.race([settled, turn()])) !== 'answered' && waiting.length === 0);
    if (waiting.pop() === undefined) {
      refused += 1;
      const { code, data } = (await answer).error!;
      expect([code, Object.keys(data as object)[0]]).toEqual([-32602, 'field']);
      return;
    }
    const [card] = await vault.approvals.list();
    if (card?.shown.kind !== 'v3') throw new Error('another card');
    const { facts } = card.shown;
    const fields = { ...facts, owner: facts.identifier, address: facts.values[0], installationId: facts.values[0] };
    const isShown = writtenByHand({ ...fields, installationIds: facts.values } as unknown as IdentityText) === text;
    if (!isShown || facts.text !== text || !isIdentityText(text)) throw new Error('shown is not what is signed');
    shown += 1;
    const isSigned = signed < mostSigned;
    const decision = isSigned
      ? ({ kind: 'v3', isTicked: true, typed: facts.inboxId } as const)
      : ({ kind: 'reject' } as const);
    const { digest, nonce } = card;
    await router.settle(await decideOne(vault.approvals, { id, digest, nonce, decision }));
    const outcome = await answer;
    // Time passes: what ended is kept for a minute, and thousands of records would fill their room.
    clock.nowMs += 20;
    await vault.approvals.expireDue();
    if (!isSigned) return expect(outcome.error?.code).toBe(4001);
    signed += 1;
    expect(recoverWalletAddress(text, outcome.result as Uint8Array).toLowerCase()).toBe(identifier);
  }

  await fc.assert(
    fc.asyncProperty(identityTexts, changes, fc.boolean(), async (fields, wanted, isMine) => {
      const timeMs = Math.floor(clock.nowMs / 1000) * 1000;
      const mine = { timeMs, inboxId: inboxIdOf(identifier, 1), owner: identifier, address: identifier };
      const text = writtenByHand(isMine ? { ...fields, ...mine } : { ...fields, timeMs });
      await answerOf(changed(text, wanted));
    }),
    lawOf('identity-texts', 'row'),
  );
  // Neither all of the one kind nor all of the other.
  expect(shown).toBeGreaterThan(5);
  expect(signed).toBeGreaterThan(5);
  expect(refused).toBeGreaterThan(shown);
});

const turn = () => new Promise((resolve) => setImmediate(resolve));
