// How far a grant goes as the person gives it and changes it afterwards, and the one form in which scopes and budgets are kept.
// Promises: pure; what is not named in a change stays; a narrower grant reaches nothing that the wider one did not.
// Must not: add a capability. That is for the site to ask.
import { VaultError } from '../../contract/errors';
import { durationMs, type Capability } from '../../contract/grants';
import { isScoped, isWithin, mostNames, mostUses, type Budget, type Scope } from '../../contract/scopes';
import { checksumAddress, isAddress } from '../../protocol/base/address';
import type { Bounds, StoredGrant } from './grant-record';
import type { GrantEdit, NewGrant } from './grants-api';

/** A scope in its one form: accounts as EIP-55, names once and in order. Throws 'invalid-input' for one that names nobody or too many. */
export function normalScope(scope: Scope): Scope {
  if (scope.of === 'peers') return { of: 'peers', peers: namesOnce(scope.peers.map(account)) };
  return scope.of === 'conversations' ? { of: 'conversations', topics: namesOnce(scope.topics) } : { of: scope.of };
}

function account(text: string): string {
  if (!isAddress(text)) throw new VaultError('invalid-input');
  return checksumAddress(text);
}

function namesOnce(names: readonly string[]): string[] {
  const once = [...new Set(names)].sort();
  if (once.length === 0 || once.length > mostNames || once.some((name) => name.length > longestTopic))
    throw new VaultError('invalid-input');
  return once;
}

/** What a node takes, in bytes. */
const longestTopic = 300;

/** Throws 'invalid-input' for a number of uses that is none. */
export function normalBudget(budget: Budget | null): Budget | null {
  if (budget === null) return null;
  const { uses, per } = budget;
  if (!Number.isInteger(uses) || uses < 1 || uses > mostUses) throw new VaultError('invalid-input');
  return { uses, per };
}

/** How far what is given now goes. Throws 'invalid-input' for a scope wider than was asked, or of what has none, and for a budget that is none. */
export function boundsGiven(
  { scopes = {}, scopesAsked = {}, budgets = {} }: Pick<NewGrant, 'scopes' | 'scopesAsked' | 'budgets'>,
  given: readonly Capability[],
): Bounds[] {
  return given.map((capability) => {
    const budget = normalBudget(budgets[capability] ?? null);
    if (!isScoped(capability)) return { capability, scope: null, wish: null, budget, used: null };
    const wish = normalScope(scopesAsked[capability] ?? { of: 'all' });
    const scope = normalScope(scopes[capability] ?? wish);
    if (!isWithin(scope, wish)) throw new VaultError('invalid-input');
    return { capability, scope, wish, budget, used: null };
  });
}

function editedBounds(bounds: Bounds, { scopes, budgets }: GrantEdit): Bounds {
  const { capability } = bounds;
  const budget = budgets?.[capability];
  const counted = budget === undefined ? bounds : { ...bounds, budget: normalBudget(budget), used: null };
  if (!isScoped(capability)) return counted;
  const scope = scopes?.[capability];
  if (scope === undefined) return counted;
  const next = normalScope(scope);
  // What the person gave beyond the site's wish it need not ask for again.
  const wish = counted.wish !== null && isWithin(next, counted.wish) ? counted.wish : next;
  return { ...counted, scope: next, wish };
}

/** The grant after a change. Throws 'invalid-input' for a capability that it does not have, or when none is left. */
export function edited(
  grant: StoredGrant,
  edit: GrantEdit,
  { nowMs, sessionId }: { nowMs: number; sessionId: string },
): StoredGrant {
  const named = [edit.capabilities ?? [], Object.keys(edit.scopes ?? {}), Object.keys(edit.budgets ?? {})].flat();
  if (named.some((one) => !grant.capabilities.some((held) => held === one))) throw new VaultError('invalid-input');
  const kept = grant.capabilities.filter((one) => edit.capabilities?.includes(one) ?? true);
  if (kept.length === 0) throw new VaultError('invalid-input');
  const bounds = grant.bounds
    .filter(({ capability }) => kept.includes(capability))
    .map((one) => editedBounds(one, edit));
  const remembered = edit.asksAgain ? [] : grant.remembered.filter(({ capability }) => kept.includes(capability));
  return { ...grant, capabilities: kept, bounds, remembered, ...timeOf(edit, nowMs, sessionId) };
}

function timeOf(
  { duration }: GrantEdit,
  nowMs: number,
  sessionId: string,
): Partial<Pick<StoredGrant, 'duration' | 'expiresAtMs' | 'grantedAtMs' | 'sessionId'>> {
  if (duration === undefined) return {};
  const lastsMs = durationMs[duration];
  return { duration, expiresAtMs: lastsMs === undefined ? null : nowMs + lastsMs, sessionId };
}
