// Which conversations a capability reaches, and how often it may be used: the words, and how two of them compare.
// Promises: pure; a scope gives what it names and nothing else; comparing never says "within" where it cannot be known.
// Must not: know a conversation. Whether one is in a scope is for vault/keystore to tell.
import type { Capability } from './grants';

/** Capabilities that reach into conversations. The others have no scope. */
export const scopedCapabilities = [
  'messages.read',
  'messages.write',
  'notifications',
] as const satisfies readonly Capability[];
export type ScopedCapability = (typeof scopedCapabilities)[number];

export const isScoped = (capability: Capability): capability is ScopedCapability =>
  scopedCapabilities.some((one) => one === capability);

/** The kinds of scopes, the widest first. */
export const scopeKinds = ['all', 'site', 'peers', 'conversations'] as const;
export type ScopeKind = (typeof scopeKinds)[number];

/**
 * Conversations by what they have in common. `all`: every one. `site`: those whose conversation id begins with the site's own host, and those that
 * were created there. `peers`: those with these accounts. `conversations`: those with these topics; of V1 the topic of the two accounts.
 */
export type Scope =
  { of: 'all' } | { of: 'site' } | { of: 'peers'; peers: string[] } | { of: 'conversations'; topics: string[] };

export type Scopes = { [C in ScopedCapability]?: Scope | undefined };
export type Budgets = { readonly [C in Capability]?: Budget | undefined };

/** Most accounts or topics of one scope. */
export const mostNames = 50;

/** How often something may be used: so many times in an hour, or in all. */
export interface Budget {
  uses: number;
  per: 'hour' | 'all';
}
export const budgetPeriods = ['hour', 'all'] as const satisfies readonly Budget['per'][];

/** Most uses of a budget. */
export const mostUses = 1_000_000;

/** One use, and no more. */
export const justOnce: Budget = { uses: 1, per: 'all' };

const lower = (names: readonly string[]) => new Set(names.map((name) => name.toLowerCase()));

/** True when everything in `inner` is in `outer`, as far as their words tell. */
export function isWithin(inner: Scope, outer: Scope): boolean {
  if (outer.of === 'all') return true;
  if (outer.of === 'site') return inner.of === 'site';
  if (outer.of === 'peers') {
    const named = lower(outer.peers);
    return inner.of === 'peers' && inner.peers.every((peer) => named.has(peer.toLowerCase()));
  }
  return inner.of === 'conversations' && inner.topics.every((topic) => outer.topics.includes(topic));
}
