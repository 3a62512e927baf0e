// An identity in use while its worker is killed at random moments, also while it starts again: connections, signatures, locks, renewals.
// Law: every request is answered once, nothing is carried out that nobody approved, and the identity opens and has all its keys. The same for hours,
// with a kill every ten to sixty seconds, is the campaign `soak`; with the clock of the browser moved at any moment, the campaign `moved-clock`.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright';
import { testAccounts } from '../demo/wallet/accounts';
import type { ApprovalCard } from '../src/contract/pages/approvals';
import { eachCase, note, seedOf, sizeOf } from '../scripts/campaign/size';
import { hangsAfterMs } from '../scripts/limits.mjs';
import { launchChromium, type Chromium } from './kit/chromium';
import { enrolThrough, internalClient, Refusal, stateThrough, unlockThrough, type Internal } from './kit/internal';
import { call, serveSite, until, type Site } from './kit/journey';
import { createMovedClock, type MovedClock } from './kit/moved-clock';
import { watch, type BrowserOracles } from './kit/oracles';

const account = testAccounts()[0]!;
const capabilities = ['identity', 'sign'];
const acts = ['sign', 'connect', 'unlock', 'renew', 'read', 'settings'] as const;
type Act = (typeof acts)[number];

let browser: Chromium;
let site: Site;
let dapp: Page;
let speaker: Internal | undefined;
let vault: Internal;
let unlock: Internal;
let safeId: string;
let oracles: BrowserOracles;
let seed = seedOf(20_261_130);
/** In its campaign only: it takes a compiler. */
let clock: MovedClock | undefined;

/** Numbers from 0 up to 1; the same for the same seed. */
function drawn(): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed / 2 ** 32;
}

beforeAll(async () => {
  if (sizeOf('moved-clock', 'moves') > 0) clock = createMovedClock();
  browser = await launchChromium({ ...(clock && { environment: clock.environment }) });
  site = await serveSite();
  dapp = await browser.context.newPage();
  await dapp.goto(site.origin);
  const onboarding = await internalClient(browser, 'onboarding');
  const made = await enrolThrough(onboarding, account);
  await onboarding.page.close();
  safeId = made.safeId;
  [vault, unlock] = [await internalClient(browser, 'vault'), await internalClient(browser, 'unlock')];
  oracles = await watch({ browser, vault, unlock, ...made, account: account.address });
  await act('connect');
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
  clock?.remove();
});

let given = 0;
let results = 0;
const said: unknown[] = [];

/** Speaks for the approval window. Its pages are closed at every lock, so another is opened then. */
async function approval<T>(method: string, params: unknown): Promise<T | undefined> {
  if (!speaker || speaker.page.isClosed()) speaker = await internalClient(browser, 'approval');
  const { page } = speaker;
  return await speaker.call<T>(method, params).catch((error: unknown) => {
    // Decided before the worker died, or another nonce since it started anew; or closed meanwhile.
    if (!(error instanceof Refusal) && !page.isClosed()) throw error;
    return undefined;
  });
}
const waiting = async () => (await approval<ApprovalCard[]>('approvals_list', {})) ?? [];

/** Sends a request of the page, and approves its card until there is none: a killed worker has asked nobody, or still asks. */
async function asked(method: string, params: unknown, decision: object): Promise<boolean> {
  let isAnswered = false;
  const answer = call(dapp, method, params).finally(() => (isAnswered = true));
  let hasDecided = false;
  let decidedId: string | undefined;
  while (!isAnswered) {
    const [card] = await waiting();
    // Locked by what was killed before; or since it was asked, by the clock, and then the decision that connects to it is refused.
    if (card && (card.shown.kind === 'unlock' || card.id === decidedId)) {
      decidedId = undefined;
      await quietly(unlockThrough(unlock, safeId));
    } else if (card && !isAnswered) {
      const { id, digest, nonce } = card;
      hasDecided = true;
      decidedId = id;
      await approval('approvals_decide', { id, digest, nonce, decision });
    }
    await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 20))]);
  }
  const outcome = await answer;
  said.push(outcome);
  if (hasDecided) given++;
  if (outcome.result !== undefined) results++;
  return outcome.result !== undefined;
}

const quietly = (work: Promise<unknown>) => work.catch((error: unknown) => expect(error).toBeInstanceOf(Refusal));

async function act(name: Act): Promise<void> {
  switch (name) {
    case 'sign':
      return void (await asked(
        'vault_sign',
        { payload: { $u8: [1, 2, 3] }, purpose: `life ${results}` },
        { kind: 'sign' },
      ));
    case 'connect':
      await call(dapp, 'vault_disconnect');
      // A stranger opens nine windows in a minute at most; these are more.
      await browser.session({ strangers: {} });
      return void (await asked(
        'vault_connect',
        { capabilities },
        { kind: 'connect', safeId, capabilities, duration: 'until-revoked' },
      ));
    case 'unlock':
      await vault.call('lock_now', {});
      return void (await quietly(unlockThrough(unlock, safeId)));
    case 'renew':
      return void (await quietly(vault.call('rotation_run', { safeId })));
    case 'read':
      said.push(await call(dapp, 'vault_accounts'), await call(dapp, 'vault_getPublicKeyBundle'));
      return;
    case 'settings':
      return void (await vault.call('settings_set', { autoLockMinutes: drawn() < 0.5 ? 15 : 60 }));
  }
}

async function allHolds(): Promise<void> {
  await oracles.nothingLost();
  await oracles.nothingNew();
  oracles.nothingLeaked(said.splice(0));
  oracles.nothingUnapproved({ results, given });
}

interface Death {
  name: Act;
  afterMs: number;
  /** Killed again so long after it began to start anew. */
  againMs?: number;
}

async function deathHolds({ name, afterMs, againMs }: Death): Promise<void> {
  let isOver = false;
  const work = act(name).finally(() => (isOver = true));
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  await browser.killWorker();
  if (againMs !== undefined) {
    // Whoever waits wakes it; a call does otherwise.
    if (isOver) void quietly(vault.call('state_get', {}));
    await new Promise((resolve) => setTimeout(resolve, againMs));
    await browser.killWorker();
  }
  await oracles.nothingStuck(name, work);
  await allHolds();
}

/** The acts in turn, each killed somewhere in the time that it takes. */
function* deaths(isDouble: boolean): Generator<Death> {
  for (let at = 0; ; at++) {
    const name = acts[at % acts.length]!;
    yield { name, afterMs: Math.floor(drawn() ** 2 * 150), ...(isDouble && { againMs: Math.floor(drawn() * 60) }) };
  }
}

test('P2 P3 killed at a random moment of each act', async () => {
  await eachCase('random-kills', 'kills', deaths(false), deathHolds);
});

test('P2 P3 killed again while it starts anew', async () => {
  await eachCase('random-kills', 'doubles', deaths(true), deathHolds);
});

const minute = 60;
const idleMinutes = 15;
/** Seconds: a little, as much as is tolerated, summer and winter time, a night's sleep, and years; back and forth. */
const offsets = [0, 1, 30, 90, 600, 3600, 8 * 3600, 86_400, 31 * 86_400, 365 * 86_400, 3653 * 86_400].flatMap((one) => [
  one,
  -one,
]);

interface Move {
  seconds: number;
  /** What is under way meanwhile; else nothing is, and the safe is open. */
  name?: Act;
  afterMs: number;
  isKilled: boolean;
}

function* moves(): Generator<Move> {
  for (let at = 0; ; at++) {
    const seconds = offsets[Math.floor(drawn() * offsets.length)]! - clock!.offset();
    const name = at % 3 === 2 ? acts[Math.floor(drawn() * acts.length)]! : undefined;
    yield { seconds, ...(name && { name }), afterMs: Math.floor(drawn() * 150), isKilled: drawn() < 0.4 };
  }
}

/** True or false where the rule says it: past the deadline, or further back than is tolerated. What the test itself took is within a minute. */
function mustLock(seconds: number): boolean | undefined {
  if (seconds > idleMinutes * minute || seconds < -4 * minute) return true;
  return seconds > -1 * minute && seconds < (idleMinutes - 1) * minute ? false : undefined;
}

async function moveHolds({ seconds, name, afterMs, isKilled }: Move): Promise<void> {
  await vault.call('settings_set', { autoLockMinutes: idleMinutes });
  await act('unlock');
  await act('connect');
  const work = name && act(name);
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  clock!.move(seconds);
  if (isKilled) await browser.killWorker();
  if (work) await oracles.nothingStuck(`${name} while the clock moves by ${seconds} s`, work);
  else {
    // A site is the first to ask, every other time; what it is told is what our page is told.
    const isSite = afterMs % 2 === 0;
    const told = isSite && ((await call(dapp, 'vault_accounts')).result as string[]);
    const { status } = (await stateThrough(vault)).identities[0]!;
    const must = mustLock(seconds);
    if (must !== undefined) expect([seconds, status]).toEqual([seconds, must ? 'locked' : 'unlocked']);
    if (told && must) expect(told).toEqual([]);
    const isKept = async () => Object.keys(await browser.session()).some((key) => key.startsWith('session:'));
    if (status === 'unlocked') expect(await isKept()).toBe(true);
    // Locked it is at once; what is stored of the time before goes a moment later.
    else await until(async () => !(await isKept()), 'what was open is gone from the store');
  }
  // Whatever the time is now, it opens, and a person's answer counts.
  await oracles.nothingStuck('an unlock', act('unlock'));
  await oracles.nothingStuck('a connection', act('connect'));
  const before = results;
  await oracles.nothingStuck('a signature', act('sign'));
  expect(results).toBe(before + 1);
  const { identities, settings } = await stateThrough(vault);
  const { status, lockAtMs } = identities[0]!;
  expect(status).toBe('unlocked');
  // Its deadline is one of today's clock.
  const leftMs = lockAtMs! - clock!.nowMs();
  expect(Math.abs(leftMs - settings.autoLockMinutes * minute * 1000)).toBeLessThan(5 * minute * 1000);
  await allHolds();
}

const isMoved = sizeOf('moved-clock', 'moves') > 0;
test.runIf(isMoved)('R-F5 the clock of the browser is moved at any moment', async () => {
  await eachCase('moved-clock', 'moves', moves(), moveHolds);
});

/** In use for as long as it is told; the limit of time comes after that. */
const hours = Number(process.env['PREKEY_VAULT_HOURS'] ?? 0);
const long = hours > 0 ? hours * 3600 : sizeOf('soak', 'seconds');

test(
  'P2 P3 in use for as long as it is told, and killed every ten to sixty seconds',
  async () => {
    // In the short form a kill is due at once.
    const nextKill = () => Date.now() + (long > 60 ? 10_000 + drawn() * 50_000 : 500);
    const end = Date.now() + long * 1000;
    let [kills, done, killAt, lookAt] = [0, 0, nextKill(), Date.now() + 60_000];
    while (Date.now() < end) {
      const work = act(acts[Math.floor(drawn() * acts.length)]!);
      if (Date.now() >= killAt) {
        await browser.killWorker();
        kills++;
        killAt = nextKill();
      }
      await oracles.nothingStuck('an act', work);
      done++;
      if (Date.now() < lookAt) continue;
      await allHolds();
      lookAt = Date.now() + 60_000;
      console.log(`${done} acts, ${kills} kills, ${Math.round((end - Date.now()) / 1000)} s left`);
    }
    await allHolds();
    await until(async () => (await waiting()).length === 0, 'nothing waits');
    note('soak', 'seconds', Math.round(long));
    expect(done).toBeGreaterThan(0);
  },
  long * 1000 + hangsAfterMs,
);
