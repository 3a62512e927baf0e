// What the person of a fake vault is asked, and what they may answer.
// Promises: types only. Must not: name a type that a dapp cannot see.
import type { Capability, Duration, KeystoreMethodName, Scope, ScopedCapability } from '../types';

/** What the person is asked. `account`: whose keys it is about. */
export type FakeCard =
  /** `duration`: the site's wish, null when it named none; `scopes`: where it wants to use each, what is left out everywhere. */
  | {
      kind: 'connect';
      capabilities: Capability[];
      duration: Duration | null;
      scopes?: { [C in ScopedCapability]?: Scope | undefined };
    }
  | { kind: 'sign'; account: string; purpose: string; payload: Uint8Array }
  /** The first use of a capability of messages, or one after the person wanted to be asked each time. */
  | {
      kind: 'messages';
      account: string;
      capability: Capability;
      method: KeystoreMethodName | 'xmtp_publish';
      request: Uint8Array;
    }
  /** A token with which the page publishes by itself. */
  | { kind: 'token'; account: string }
  /** An identity text of XMTP V3. */
  | { kind: 'v3'; account: string; text: string }
  /** A key of the archives of an inbox. */
  | { kind: 'archive'; account: string; inboxId: string }
  /** The identity is locked: to approve it is to unlock it, and the request goes on. */
  | { kind: 'unlock'; account: string; method: string };

/** How a connection is given; what is left out is as it was asked for. */
export interface FakeConnection {
  /** Which identity; the first one when left out. */
  account?: string;
  /** Some of those that were asked for. */
  capabilities?: Capability[];
  duration?: Duration;
  /** Narrower than was asked for. */
  scopes?: { [C in ScopedCapability]?: Scope | undefined };
  /** How often each may be used. */
  budgets?: { [C in Capability]?: { uses: number; per: 'hour' | 'all' } };
}

/**
 * What the person does with a card. `approve`: all of it as asked, and for messages without asking again until the lock. `once`: this request only.
 * `until-locked`: approves, and is not asked again until the lock, for signatures too. `expire`: nobody answered for five minutes. `later`: it goes on
 * waiting, for `answer`.
 */
export type FakeAnswer =
  'approve' | 'once' | 'until-locked' | 'reject' | 'expire' | 'later' | { connect: FakeConnection };
