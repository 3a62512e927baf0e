// The grants as the gate sees them: what may be asked of what sites may do.
// Promises: types only. Must not: say how; grants.ts does.
import type { Capability, Duration, Remembered, WithoutAskingUntil } from '../../contract/grants';
import type { CapabilityBounds, GrantUndo, SiteGrant, WithoutAskingIn } from '../../contract/pages/sites';
import type { Budget, Budgets, Scope, Scopes } from '../../contract/scopes';
import type { RememberedFor } from './grant-record';

/** A grant that holds at the moment it was looked up. */
export interface Grant {
  origin: string;
  safeId: string;
  account: string;
  capabilities: Capability[];
  duration: Duration;
  grantedAtMs: number;
  expiresAtMs: number | null;
  lastUsedAtMs: number | null;
  /** A 'once' grant holds in this document only. */
  documentKey: string;
  /** How long the site had asked for when it was given; null when it named no time. */
  wish: Duration | null;
  /** The person wants a card for each connection. */
  asksToConnect: boolean;
  /**
   * How far each capability goes, in their order; also those that were used as often as they were given, which are not among `capabilities`.
   * While not verified its scopes name nobody.
   */
  bounds: (CapabilityBounds & { wish: Scope | null })[];
  /** Until when all that each gives is answered without asking: `sign`, and the timed capabilities the grant has. Null when not verified. */
  withoutAskingUntil: WithoutAskingUntil;
  /** What is answered without asking in a part of it only. None when not verified. */
  withoutAskingIn: WithoutAskingIn[];
  /** The unlock session it was looked up in; undefined while the identity is locked. */
  sessionId: string | undefined;
  /** False while the identity is locked: then it says only that there is a grant to be unlocked, and nothing may be done under it. */
  verified: boolean;
}

/** What a person approved on a connect card. `requestId` makes carrying it out twice the same as once. */
export interface NewGrant {
  origin: string;
  safeId: string;
  capabilities: readonly Capability[];
  duration: Duration;
  documentKey: string;
  requestId: string;
  /** What the card asked about. What a grant that holds gives besides stays; absent: everything was asked about, and nothing else stays. */
  asked?: readonly Capability[] | undefined;
  /** How long the site asked for. */
  wish?: Duration | null | undefined;
  /** Timed capabilities are used without a further card for that long; undefined: the first use of each asks. */
  remember?: Remembered | undefined;
  /** Where each may be used; what is left out is given where it was asked for. */
  scopes?: Scopes | undefined;
  /** Where the site asked to use each; what is left out it asked for everywhere. */
  scopesAsked?: Scopes | undefined;
  /** How often each may be used; what is left out has no budget. */
  budgets?: Budgets | undefined;
}

/** What a person changes of a grant that a site has; what is left out stays. */
export interface GrantEdit {
  /** Those that stay. */
  capabilities?: readonly Capability[] | undefined;
  scopes?: Scopes | undefined;
  /** Null takes a budget away. A new one is counted from now on. */
  budgets?: Partial<Record<Capability, Budget | null>> | undefined;
  /** From now on. */
  duration?: Exclude<Duration, 'once'> | undefined;
  /** Forgets what is answered without asking. */
  asksAgain?: boolean | undefined;
  /** Timed capabilities are used without asking for that long, as far as the grant goes afterwards. */
  remember?: Remembered | undefined;
}

export interface Grants {
  /** Has those of a site read that is about to ask. */
  preload(origin: string): void;
  /**
   * Stores a grant. Of an earlier one of this origin and identity that holds for this document stays what the card did not ask about, and
   * the remembered decisions for all that is still given; anything else it replaces. With the `requestId` of the stored one it changes
   * nothing and returns that. Throws 'locked', 'not-found' (no such identity), 'invalid-input', 'storage-failed'.
   */
  put(grant: NewGrant): Promise<Grant>;
  /**
   * The grants of an origin that hold now, newest first. With `documentKey`, 'once' grants of other documents are left out; without, the
   * caller compares. A spent 'once' grant is found only for the `requestId` that spent it. Throws 'storage-failed'.
   */
  find(origin: string, documentKey?: string, requestId?: string): Promise<Grant[]>;
  /** True when all that this capability gives may be used under this grant, just found, without asking. Never for `network.token` and `identity`. */
  remembers(grant: Grant, capability: Capability): boolean;
  /** Where a capability may be used under this grant, just found, without asking: none where it asks, or has no scope. */
  rememberedScopes(grant: Grant, capability: Capability): Scope[];
  /**
   * The gate before every use of a key: returns the grant when it is genuine, holds, has the capability and belongs to this document,
   * and notes the use. A use that counts is named by `use`: the same one again, before its answer left, is the same use. Without it only what is
   * left is looked at; with null not even that: it was counted before.
   * Throws 'locked'; 'not-found' when any of that is missing, or the capability was used as often as it was given, or `network.token` is
   * wanted of a grant that does not reach all conversations; 'limit' when a budget for an hour is used up.
   */
  use(
    origin: string,
    safeId: string,
    capability: Capability,
    documentKey: string,
    requestId?: string,
    use?: (() => string | Promise<string>) | null,
  ): Promise<Grant>;
  /**
   * The gate before an answer leaves, asked last of all: what was made under `given`, which `use` returned, may go to this site now. It ends the use that
   * is named: the same one once more is another. Throws as `use` does, 'locked' also after another unlock, 'stale' when the grant reaches less by now.
   */
  release(
    given: Grant,
    capability: Capability,
    documentKey: string,
    requestId?: string,
    use?: (() => string | Promise<string>) | null,
  ): Promise<void>;
  /**
   * Ends a 'once' grant; call it before a signature is released. With `requestId` it goes on holding for that request for a minute, so that
   * a restart can finish it. Does nothing to other durations. Throws 'not-found' when the grant is gone or another request spent it.
   */
  consumeOnce(origin: string, safeId: string, requestId?: string): Promise<void>;
  /**
   * Remembers a decision: the capability is used without asking for that long, within `scope` where the grant reaches further. Nothing for signatures under a 'once' grant. Throws
   * 'locked', 'not-found' (also when the grant does not have the capability).
   */
  remember(origin: string, safeId: string, capability: RememberedFor, until: Remembered, scope?: Scope): Promise<void>;
  /** Whether a person is asked for each connection, also when it asks for nothing new. Throws 'locked', 'not-found', 'storage-failed'. */
  setAsking(origin: string, safeId: string, asksToConnect: boolean): Promise<void>;
  /**
   * Changes a grant as the person says, narrower or wider. Throws 'locked', 'not-found' (also when it does not hold, or is spent),
   * 'invalid-input' for a capability that it does not have, 'storage-failed'.
   */
  edit(origin: string, safeId: string, edit: GrantEdit): Promise<Grant>;
  /** Ends the grants of an origin, with one identity or all. Works while locked. Throws 'storage-failed'. */
  revoke(origin: string, safeId?: string): Promise<GrantUndo | null>;
  /** The same for every origin. */
  revokeAll(): Promise<GrantUndo | null>;
  /** Takes back what a person ended a moment ago, as far as that can be (withdrawn.ts); the places of what holds again. Throws 'stale', 'storage-failed'. */
  undo(id: string): Promise<{ origin: string; safeId: string }[]>;
  /** All grants that hold, for our pages, newest first. */
  list(): Promise<SiteGrant[]>;
  /** Removes what was given until this lock. What it removes is dead without it too: it was bound to the session that ended. */
  endedByLock(safeId: string): Promise<void>;
  /** The document is gone, and its 'once' grants with it. */
  documentGone(documentKey: string): Promise<void>;
  /**
   * Removes what has ended from the disk. Returns when the clock ends the next, in milliseconds since 1970. Only after the
   * sessions of an earlier worker were taken up again: a grant 'until-locked' is taken for ended when its identity is locked.
   */
  sweep(): Promise<number | undefined>;
  /** Removes every grant of an identity that is being forgotten. */
  forget(safeId: string): Promise<void>;
}
