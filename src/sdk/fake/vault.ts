// A vault for the tests of a dapp: a provider that behaves as that of the extension, and a person who does what the test says.
// Promises the provider's own contract (docs/provider-api.md): its schemas, tiers, grants, errors and events, and signatures that verify.
// Must not be taken for a vault: its keys are known to everybody, and it keeps nothing.
import { errorCode, ProviderError } from '../../contract/errors';
import { isMethodName, methods } from '../../contract/dapp/methods';
import { plainDefect } from '../../contract/plain';
import * as v from 'valibot';
import { ownCopy } from '../../bridge/own-copy';
import { grantView } from '../../vault/consent/grant-view';
import { mustBeKnown, type OptionNames } from '../options';
import type { KeystoreMethodName, PrekeyVaultProvider } from '../types';
import { announceIn } from './announce';
import type { FakeAnswer, FakeCard } from './cards';
import { createFakeEvents } from './events';
import { createFakeGrants } from './grants';
import { createFakeIdentity, type FakeIdentity } from './identity';
import { createFakeQueue } from './queue';
import { asPageError, invalid, limitExceeded, unauthorized } from './refusals';
import { createFakeRows, type Call, type FakeMessaging } from './rows';

export interface FakeVaultOptions {
  /** Which site the page is; default: that of the page, or `https://app.example` where there is none. */
  origin?: string;
  /** How many identities the person has, 1 to 20; default 1. */
  identities?: number;
  /** What the person does with each card; default: approves it. */
  person?: (card: FakeCard) => FakeAnswer | Promise<FakeAnswer>;
  /** The clock, in milliseconds since 1970; call `clockMoved` when it jumped. Default: the real one. */
  nowMs?: () => number;
  /**
   * Answers the methods of XMTP's keystore, of which the fake checks grants and cards and knows nothing else: protobuf bytes of the request in, of the
   * response out. Without it they reject with an error that says so.
   */
  keystore?: (method: KeystoreMethodName, request: Uint8Array, account: string) => Uint8Array | Promise<Uint8Array>;
}
const optionNames: OptionNames<FakeVaultOptions> = {
  origin: true,
  identities: true,
  person: true,
  nowMs: true,
  keystore: true,
};

/** What a page published through the fake. */
export interface FakePublished {
  contentTopic: string;
  timestampNs: bigint;
  message: Uint8Array;
  account: string;
}

export interface FakeVault {
  readonly provider: PrekeyVaultProvider;
  /** The accounts of the person, EIP-55. */
  readonly accounts: readonly string[];
  /** Every card that was shown so far, the oldest first. */
  readonly cards: readonly FakeCard[];
  /** What was published so far, the oldest first. */
  readonly published: readonly FakePublished[];
  /** Puts the provider into a page, as the extension does: announced, and as `prekeyVault`. Default: `window`. Returns what takes it out again. */
  install(page?: EventTarget): () => void;
  /** The cards that wait for the person, the oldest first. */
  waiting(): FakeCard[];
  /** Decides a card that waits because the person said `later`: the oldest, or this one. Settles when its request has its answer. */
  answer(answer: Exclude<FakeAnswer, 'later'>, card?: FakeCard): Promise<void>;
  /** The person locks one identity, or all: grants until the lock end. */
  lock(account?: string): void;
  /** The person unlocks one identity, or all; what waited for that goes on. */
  unlock(account?: string): Promise<void>;
  /** The person takes back what the site was given for one account, or for all; what waits ends with 4100. */
  revoke(account?: string): void;
  /** The person makes a new prekey for one identity, or for all. */
  rotate(account?: string): void;
  /** From now on publishing meets this trouble; without a value the node is well. */
  setNetwork(trouble?: 'none' | 'unreachable' | 'refused' | 'bad-answer' | 'changed'): void;
  /** The clock was moved: what has ended by it is told to the page. */
  clockMoved(): void;
  /** The extension is gone: everything rejects with 4900 from now on. */
  goAway(): void;
}

/** A vault whose person approves everything, unless told otherwise. Throws TypeError for an option that does not exist. */
export function createFakeVault(options: FakeVaultOptions = {}): FakeVault {
  mustBeKnown('createFakeVault', options, optionNames);
  const { identities: count = 1, person = () => 'approve' as const, nowMs = () => Date.now() } = options;
  const origin =
    options.origin ?? (globalThis as { location?: { origin: string } }).location?.origin ?? 'https://app.example';
  if (!Number.isInteger(count) || count < 1 || count > 20)
    throw new TypeError('createFakeVault: identities is not 1 to 20');

  const identities = Array.from({ length: count }, (_, at) => createFakeIdentity(at + 1));
  const cards: FakeCard[] = [];
  const messaging: FakeMessaging = { keystore: options.keystore, published: [], network: undefined };
  const grants = createFakeGrants({ origin, nowMs, identities });
  let sessions = 0;
  let isGone = false;

  const events = createFakeEvents(() => {
    const held = isGone ? [] : grants.find().filter(({ verified }) => verified);
    const readable = held.filter(({ capabilities }) => capabilities.includes('identity'));
    const rotated = (account: string) => identities.find((one) => one.account === account)?.rotatedAtMs() ?? 0;
    return {
      waiting: held.length === 0 ? 0 : queue.waiting().length,
      accounts: held.map(({ account }) => account),
      permissions: held.map(grantView),
      rotatedAtMs: Object.fromEntries(readable.map(({ account }) => [account, rotated(account)])),
    };
  });
  const unlockOne = (identity: FakeIdentity) => {
    identity.session ??= `session ${++sessions}`;
  };
  const route = createFakeRows({
    origin,
    nowMs,
    identities,
    grants,
    messaging,
    unlock: unlockOne,
    gaveBack: () => queue.endAll(unauthorized()),
  });
  const queue = createFakeQueue({ route, person, changed: events.look, shown: (card) => void cards.push(card) });

  const meant = (account: string | undefined): FakeIdentity[] => {
    const found = identities.filter(
      (one) => account === undefined || one.account.toLowerCase() === account.toLowerCase(),
    );
    if (found.length === 0) throw new TypeError(`The fake vault has no identity ${account}.`);
    return found;
  };

  async function request(args: { method?: unknown; params?: unknown }): Promise<unknown> {
    try {
      const given = ownMembers(args);
      if (isGone) throw new ProviderError(errorCode.disconnected);
      const call = checked(given.method, given.params);
      return await new Promise((resolve, reject) => void queue.ask(call, { resolve, reject }));
    } catch (thrown) {
      throw asPageError(thrown);
    }
  }

  const provider = Object.freeze({
    isPrekeyVault: true,
    request,
    on(type: string, listener: (data: never) => void) {
      events.add(type, listener);
      return provider;
    },
    removeListener(type: string, listener: (data: never) => void) {
      events.remove(type, listener);
      return provider;
    },
  }) as PrekeyVaultProvider;

  return {
    provider,
    accounts: identities.map(({ account }) => account),
    cards,
    published: messaging.published,
    install: (page) => announceIn(page ?? (globalThis as { window?: EventTarget }).window, provider),
    waiting: queue.waiting,
    answer: queue.answer,
    lock(account) {
      const locked = meant(account);
      grants.end(({ duration, safeId }) => duration === 'until-locked' && locked.some(({ id }) => id === safeId));
      for (const one of locked) one.session = undefined;
      events.look();
    },
    async unlock(account) {
      meant(account).forEach(unlockOne);
      events.look();
      await queue.lookAgain();
    },
    revoke(account) {
      const ended = grants.end(({ safeId }) => meant(account).some(({ id }) => id === safeId));
      if (ended > 0) queue.endAll(unauthorized());
      events.look();
    },
    rotate(account) {
      for (const one of meant(account)) one.rotate(Math.max(nowMs(), one.rotatedAtMs() + 1));
      events.look();
    },
    setNetwork: (trouble) => void (messaging.network = trouble),
    clockMoved: () => events.look(),
    goAway() {
      if (isGone) return;
      isGone = true;
      queue.endAll(new ProviderError(errorCode.disconnected));
      events.gone(new ProviderError(errorCode.disconnected).toShape());
    },
  };
}

/** The request as the page's half of the extension reads it: its own members, in a copy. What cannot be cloned cannot be sent. */
function ownMembers(args: { method?: unknown; params?: unknown }): { method: unknown; params: unknown } {
  try {
    const own = (name: 'method' | 'params') => (Object.hasOwn(args, name) ? args[name] : undefined);
    return structuredClone(ownCopy({ method: own('method'), params: own('params') })) as ReturnType<typeof ownMembers>;
  } catch {
    throw invalid();
  }
}

/** The call with its own parameters. Throws what a stranger's value deserves. */
function checked(method: unknown, params: unknown): Call {
  if (typeof method !== 'string') throw new ProviderError(errorCode.invalidRequest);
  if (!isMethodName(method)) throw new ProviderError(errorCode.unsupported);
  const defect = plainDefect(params);
  if (defect) throw defect === 'size' ? limitExceeded() : invalid();
  const parsed = v.safeParse(methods[method].params, params, { abortEarly: true });
  if (parsed.success) return { method, params: parsed.output } as Call;
  throw invalid(v.getDotPath(parsed.issues[0])?.slice(0, 60));
}
