// Fourteen kinds of wallet enrol and unlock, each with accounts of its own, beside an identity that must not be harmed (R-E1, R-E2, R-E6).
// Promises: what a wallet signs opens the safe each time, or is refused with a reason before anything is kept.
import { beforeAll, expect, test } from 'vitest';
import { eachCase } from '../../../scripts/campaign/size';
import { VaultError } from '../../contract/errors';
import type { EnrolmentState } from '../../contract/pages/enrolment';
import { sha256 } from '@noble/hashes/sha2.js';
import { oraclesOf, type Oracles } from '../testkit/oracles.testkit';
import {
  createTestWallet,
  enrolledBrowser,
  everythingStored,
  signRequest,
  type Enrolled,
  type Personality,
  type TestBrowser,
  type TestWallet,
} from '../testkit/vault.testkit';
import type { Vault } from '../vault';

/** What a wallet answers to its `nth` request; undefined when no answer comes. `again`: it answers when asked once more. */
type Answers = (wallet: TestWallet, text: string, nth: number) => Uint8Array | undefined;
interface Kind {
  answers: Answers;
  /** How an enrolment with it ends, and an unlock where it comes to one. */
  enrols: 'finished' | 'unsteady-wallet' | 'wrong-account' | 'bad-signature';
  unlocks?: 'opened' | 'wrong-secret';
  /** The worker starts anew before each of its answers. */
  isCut?: true;
}

const as =
  (personality: Personality): Answers =>
  (wallet, text) =>
    wallet.sign(text, personality);
const signs = as('v27');
/** ERC-6492: a signature of a contract that is not deployed yet ends in these bytes. */
const wrapped = (wallet: TestWallet, text: string) =>
  Uint8Array.from([
    ...new Uint8Array(96).fill(7),
    ...wallet.sign(text),
    ...Array.from({ length: 16 }).flatMap(() => [0x64, 0x92]),
  ]);

const kinds: Record<string, Kind> = {
  'v of 27 and 28': { answers: signs, enrols: 'finished', unlocks: 'opened' },
  'v of 0 and 1': { answers: as('v0'), enrols: 'finished', unlocks: 'opened' },
  'high s': { answers: as('high-s'), enrols: 'finished', unlocks: 'opened' },
  'EIP-2098': { answers: as('eip-2098'), enrols: 'finished', unlocks: 'opened' },
  'another encoding each time': {
    answers: (wallet, text, nth) => wallet.sign(text, (['v27', 'high-s', 'v0', 'eip-2098', 'no-v'] as const)[nth % 5]),
    enrols: 'finished',
    unlocks: 'opened',
  },
  'another signature each time': { answers: as('random-k'), enrols: 'unsteady-wallet' },
  'another signature from the fourth on': {
    answers: (wallet, text, nth) => wallet.sign(text, nth < 3 ? 'v27' : 'random-k'),
    enrols: 'finished',
    unlocks: 'wrong-secret',
  },
  'a contract': { answers: as('contract'), enrols: 'bad-signature' },
  'a contract that is not there yet': { answers: wrapped, enrols: 'bad-signature' },
  'another account': { answers: as('other-account'), enrols: 'wrong-account' },
  'the signature of the text before': {
    answers: (wallet, text, nth) => wallet.sign(`${nth}: before ${text}`),
    enrols: 'wrong-account',
  },
  'a text of its own': { answers: (wallet, text) => wallet.sign(`${text} `), enrols: 'wrong-account' },
  'silent, or refusing, every other time': {
    answers: (wallet, text, nth) => (nth % 2 === 0 ? undefined : wallet.sign(text)),
    enrols: 'finished',
    unlocks: 'opened',
  },
  'cut off before each answer': { answers: signs, enrols: 'finished', unlocks: 'opened', isCut: true },
};

/** One browser for some turns: what it drew and stored grows. */
let world: TestBrowser & Enrolled & { wallet: TestWallet };
let vault: Vault;
let oracles: Oracles;
let turns = 0;
async function freshWorld(): Promise<void> {
  const made = await enrolledBrowser();
  world = made;
  vault = made.vault;
  oracles = oraclesOf(world, [world]);
}
beforeAll(freshWorld);

/** Asks until the wallet answers, and hands the answer on. Gives the reason of a refusal. */
function person(kind: Kind, wallet: TestWallet) {
  let asked = 0;
  return {
    async gives<T>(text: string, to: (signature: Uint8Array) => Promise<T>): Promise<T | string> {
      if (kind.isCut) vault = world.startWorker();
      for (;;) {
        const signature = kind.answers(wallet, text, asked++);
        if (signature === undefined) continue;
        return await to(signature).catch((error: unknown) => {
          if (error instanceof VaultError) return error.reason;
          throw error;
        });
      }
    },
  };
}

async function enrols(wallet: TestWallet, by: ReturnType<typeof person>): Promise<Enrolled | string> {
  let state: EnrolmentState = await vault.enrolment.begin({
    account: wallet.account,
    wallet: { kind: 'manual' },
    name: 'New',
  });
  const { safeId } = state;
  const steps = {
    'unlock-1': 'unlockSignature',
    identity: 'identitySignature',
    'unlock-2': 'confirmUnlockSignature',
  } as const;
  while (state.step !== 'code') {
    const { step } = state;
    const method = steps[step as keyof typeof steps];
    const after: EnrolmentState | string = await by.gives(state.text!, (signature) =>
      vault.enrolment[method]({ safeId, signature }),
    );
    if (typeof after === 'string') {
      if ((await vault.state()).identities.some((one) => one.safeId === safeId)) {
        // What was refused has changed nothing.
        expect((await vault.enrolment.get({ safeId })).step).toBe(step);
        await vault.enrolment.discard({ safeId });
      }
      return after;
    }
    state = after;
  }
  const { code, ask } = await vault.enrolment.createRecoveryCode({ safeId });
  const groups = code.split('-');
  await vault.enrolment.finish({ safeId, code, typed: ask.map((group) => groups[group]!) });
  return { safeId, code };
}

async function turnHolds(name: string, turn: number): Promise<void> {
  if (++turns % 40 === 0) await freshWorld();
  const kind = kinds[name]!;
  const wallet = createTestWallet(1, 'v27', sha256(new TextEncoder().encode(`${name} ${turn}`)));
  const by = person(kind, wallet);
  const made = await oracles.nothingStuck('an enrolment', enrols(wallet, by));
  expect(typeof made === 'string' ? made : 'finished').toBe(kind.enrols);
  if (typeof made !== 'string') {
    const { safeId, code } = made;
    const before = (await vault.identity.details({ safeId })).prekeys;
    await vault.lock(safeId);
    const { text } = await vault.unlock.text({ safeId });
    const opened = await by.gives(text, (signature) => vault.unlock.withWallet({ safeId, signature }));
    expect(opened ?? 'opened').toBe(kind.unlocks);
    await vault.lock(safeId);
    // The code opens it whatever the wallet does, and the keys are those that were made.
    await vault.unlock.withRecoveryCode({ safeId, code });
    expect((await vault.identity.details({ safeId })).prekeys).toEqual(before);
    await vault.keys.sign(safeId, signRequest);
    await vault.identity.forget({ safeId, typed: wallet.account });
  }
  expect(await everythingStored(world, { session: true })).not.toContain(wallet.account);
  await oracles.nothingNew(vault);
  await oracles.nothingLost(vault);
  await oracles.nothingLeaked([]);
}

test.each(Object.keys(kinds))('R-E1 R-E2 R-E6 %s', async (name) => {
  const turnsOf = Array.from({ length: 1_000 }, (_, turn) => turn);
  await eachCase('wallet-zoo', 'turns', turnsOf, function turn(nth) {
    return turnHolds(name, nth);
  });
});
