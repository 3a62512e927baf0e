// An identity update as a node stores it, read: its actions with who signed each, over the one text that all signatures cover (protocol l.5).
// Promises: every signature is verified over the text written anew from the actions. Must not: know the inbox's state, or loosen what is signed here.
import { bytesToHex } from '../base/bytes';
import { ProtocolError } from '../base/errors';
import { IdentityUpdate, type IdentityAction, type MemberIdentifier } from '../proto/gen/identity';
import { decodeStrictly } from '../proto/strict';
import { textOfActions, type Action } from './action-text';
import { inboxIdOf, isId, isLowerCaseAddress } from './inbox-id';
import { verified, type Signed } from './update-signature';

const nsPerSecond = 1_000_000_000n;
/** Clients read times as signed: later ones, from the year 2262 on, would stand in another text than was signed. */
const lastNs = 2n ** 63n - 1n;
/** More than any client puts into one update: a log cannot make its reader work for minutes. */
const mostActions = 128;
/** Identifiers of old clients have no kind. */
const ethereumKinds = [0, 1];

/** An action whose signatures hold. Members are lower-case addresses, or installation ids of 64 hex digits. */
export type SignedAction =
  | { readonly kind: 'create' | 'revoke' | 'recovery'; readonly member: string; readonly by: Signed }
  | { readonly kind: 'add'; readonly member: string; readonly by: Signed; readonly own: Signed };

export interface SignedUpdate {
  readonly inboxId: string;
  /** What every signature of it covers. */
  readonly text: string;
  /** At least one. */
  readonly actions: readonly SignedAction[];
}

/** An action as its text has it. */
interface Step {
  readonly kind: SignedAction['kind'];
  readonly member: string;
}

/** Whether it is an installation; else it is an address. */
export function isInstallation(member: string): boolean {
  return isId(member);
}

/**
 * Throws 'bad-identity-update' for an update that is malformed, that no text can be written of, or that was not signed by who it says;
 * 'unverifiable-update' for one of which some action, member or signature is of a kind that is not known here.
 */
export function readIdentityUpdate(bytes: Uint8Array): SignedUpdate {
  const update = decoded(bytes);
  if (update.actions.length > mostActions) throw unverifiable('more actions than are read');
  const steps = update.actions.map(stepOf);
  const text = textOf(update, steps);
  const actions = update.actions.map((action, at) => signedAction(action, steps[at] as Step, text));
  return { inboxId: update.inboxId, text, actions };
}

function decoded(bytes: Uint8Array): IdentityUpdate {
  try {
    return decodeStrictly(IdentityUpdate, 'IdentityUpdate', bytes);
  } catch {
    throw malformed();
  }
}

function stepOf({ kind }: IdentityAction): Step {
  switch (kind?.$case) {
    case 'createInbox': {
      const { initialIdentifier, identifierKind } = kind.value;
      return { kind: 'create', member: addressOf(initialIdentifier, identifierKind) };
    }
    case 'add':
      return { kind: 'add', member: memberOf(kind.value.member) };
    case 'revoke':
      return { kind: 'revoke', member: memberOf(kind.value.member) };
    case 'changeRecovery': {
      const { newIdentifier, identifierKind } = kind.value;
      return { kind: 'recovery', member: addressOf(newIdentifier, identifierKind) };
    }
    default:
      throw unverifiable('action is of a kind that is not known here');
  }
}

function signedAction({ kind }: IdentityAction, { member }: Step, text: string): SignedAction {
  switch (kind?.$case) {
    case 'add': {
      const { existingSignature, newSignature } = kind.value;
      return { kind: 'add', member, by: verified(existingSignature, text), own: verified(newSignature, text) };
    }
    case 'revoke':
      return { kind: 'revoke', member, by: verified(kind.value.signature, text) };
    case 'createInbox':
      return { kind: 'create', member, by: verified(kind.value.signature, text) };
    default:
      return { kind: 'recovery', member, by: verified(kind?.value.signature, text) };
  }
}

function textOf({ inboxId, clientTimestampNs, actions }: IdentityUpdate, steps: readonly Step[]): string {
  for (const { kind } of actions)
    if (kind?.$case === 'createInbox') mustMake(inboxId, kind.value.initialIdentifier, kind.value.nonce);
  if (clientTimestampNs > lastNs) throw malformed();
  const timeMs = Number(clientTimestampNs / nsPerSecond) * 1000;
  try {
    return textOfActions({ inboxId, timeMs }, steps.map(asInText));
  } catch {
    throw malformed();
  }
}

function mustMake(inboxId: string, owner: string, nonce: bigint): void {
  if (nonce > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed();
  if (inboxIdOf(owner, Number(nonce)) !== inboxId) throw bad('Wrong inbox_id specified on association');
}

/** How the text names an action: those of apps and of addresses by words of their own. */
function asInText({ kind, member }: Step): Action {
  const isApp = isInstallation(member);
  if (kind === 'add') return { kind: isApp ? 'grant' : 'link', value: member };
  if (kind === 'revoke') return { kind: isApp ? 'revoke' : 'unlink', value: member };
  return { kind, value: member };
}

function memberOf(identifier: MemberIdentifier | undefined): string {
  if (!identifier) throw malformed();
  switch (identifier.kind?.$case) {
    case 'ethereumAddress':
      return addressOf(identifier.kind.value);
    case 'installationPublicKey': {
      const member = bytesToHex(identifier.kind.value);
      if (!isInstallation(member)) throw malformed();
      return member;
    }
    default:
      throw unverifiable('member is of a kind that is not known here');
  }
}

function addressOf(text: string, kind = 1): string {
  if (!ethereumKinds.includes(kind)) throw unverifiable('identifier is of a kind that is not known here');
  if (!isLowerCaseAddress(text)) throw malformed();
  return text;
}

const bad = (message: string) => new ProtocolError('bad-identity-update', message);
const malformed = () => bad('the identity update is malformed');
const unverifiable = (message: string) => new ProtocolError('unverifiable-update', message);
