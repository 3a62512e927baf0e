// The rules of an inbox: who may add, revoke and hand over, and what it looks like afterwards (protocol l.5).
// Promises: an update is taken whole or not at all; what was before is never changed. Must not: verify a signature; that was done.
import { ProtocolError } from '../base/errors';
import { isInstallation, type SignedAction, type SignedUpdate } from './identity-update';

/** More than any inbox has; clients stop at 10 installations. */
export const mostMembers = 512;

/** An inbox at one moment. Members are lower-case addresses and installation ids. */
export interface Association {
  /** Each member, with the one that added it; the first has none. */
  readonly members: ReadonlyMap<string, string | undefined>;
  /** The address that revokes. It need not be a member. */
  readonly recovery: string;
  /** Every signature that was used, so that none is used again. */
  readonly seen: ReadonlySet<string>;
}

/**
 * The inbox after an update. Throws 'bad-identity-update', in the words of the real node where it has some, when a rule forbids it, and
 * 'unverifiable-update' when it comes to more members than are kept here.
 */
export function afterUpdate(before: Association | undefined, { actions }: SignedUpdate): Association {
  const seen = before?.seen ?? new Set();
  const after = actions.reduce<Association | undefined>((state, action) => afterAction(state, action, seen), before);
  if (!after) throw refusal('Not created');
  const signatures = actions.flatMap((action) => signaturesOf(action));
  return { ...after, seen: new Set([...seen, ...signatures]) };
}

const signaturesOf = (action: SignedAction): string[] =>
  action.kind === 'add' ? [action.by.bytes, action.own.bytes] : [action.by.bytes];

function afterAction(state: Association | undefined, action: SignedAction, seen: ReadonlySet<string>): Association {
  const { member, by } = action;
  if (action.kind === 'create') {
    if (state) throw refusal('Multiple create operations detected');
    if (by.signer !== member) throw refusal('Missing identifier');
    return { members: new Map([[member, undefined]]), recovery: member, seen };
  }
  if (!state) throw refusal('Not created');
  if (signaturesOf(action).some((signature) => seen.has(signature))) throw refusal('Replay detected');
  if (action.kind === 'add') {
    checkAddition(state, member, by.signer, action.own.signer);
    const members = new Map([...state.members, [member, by.signer]]);
    if (members.size > mostMembers) throw new ProtocolError('unverifiable-update', 'more members than are kept');
    return { ...state, members };
  }
  if (by.signer !== state.recovery) throw refusal('Missing existing member');
  if (action.kind === 'recovery') return { ...state, recovery: member };
  return { ...state, members: withoutMember(state.members, member) };
}

function checkAddition({ members, recovery }: Association, member: string, existing: string, own: string): void {
  if (own !== member) throw refusal('New member identifier does not match signature');
  if (existing === member) throw refusal('tried to add self');
  if (!members.has(existing) && existing !== recovery) throw refusal('Missing existing member');
  if (isInstallation(existing) && isInstallation(member))
    throw refusal('Member of type installation not allowed to add installation');
}

/** Members after one was removed: with an address go the installations that it added; addresses that it added stay. */
export function withoutMember(
  members: ReadonlyMap<string, string | undefined>,
  removed: string,
): Map<string, string | undefined> {
  return new Map(
    [...members].filter(([one, addedBy]) => one !== removed && !(isInstallation(one) && addedBy === removed)),
  );
}

const refusal = (message: string) => new ProtocolError('bad-identity-update', message);
