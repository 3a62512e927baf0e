// An identity update as it was published, read: its actions with who signed each, over the one text that all signatures cover.
// Promises: only shapes that today's clients make and every client reads; each signature is verified. Must not: know the inbox's state.
import { bytesToHex } from '../../src/protocol/base/bytes';
import { buildIdentityText, type IdentityText } from '../../src/protocol/inbox/identity-text';
import { inboxIdOf, isId, isLowerCaseAddress } from '../../src/protocol/inbox/inbox-id';
import { RpcError } from '../node/rpc-error';
import type { IdentityAction, IdentityUpdate, MemberIdentifier } from './messages';
import { bigintOf } from './messages';
import { verified, type Signed } from './update-signature';

const NS_PER_SECOND = 1_000_000_000n;
/** Clients read times as signed: later ones, from the year 2262 on, would stand in another text than was signed. */
const LAST_NS = 2n ** 63n - 1n;
/** Identifiers of old clients have no kind. */
const ETHEREUM_KINDS = [0, 1];

/** An action whose signatures hold. Members are lower-case addresses, or installation ids of 64 hex digits. */
export type SignedAction =
  | { readonly kind: 'create'; readonly member: string; readonly by: Signed }
  | { readonly kind: 'add'; readonly member: string; readonly by: Signed; readonly own: Signed }
  | { readonly kind: 'revoke'; readonly member: string; readonly by: Signed }
  | { readonly kind: 'recovery'; readonly member: string; readonly by: Signed };

export interface SignedUpdate {
  readonly inboxId: string;
  readonly actions: readonly SignedAction[];
}

/** An action as its text has it. */
interface Step {
  readonly kind: SignedAction['kind'];
  readonly member: string;
}

/** Throws INVALID_ARGUMENT for an update that is malformed, not of today's clients, or not signed by who it says. */
export function readIdentityUpdate(update: IdentityUpdate): SignedUpdate {
  const steps = update.actions.map(stepOf);
  const text = textOf(update, steps);
  return {
    inboxId: update.inboxId,
    actions: update.actions.map((action, at) => signedAction(action, steps[at] as Step, text)),
  };
}

/** Whether it is an installation; else it is an address. */
export function isInstallation(member: string): boolean {
  return isId(member);
}

function stepOf(action: IdentityAction): Step {
  if (Object.values(action).filter((value) => value !== undefined).length !== 1) throw malformed();
  const { createInbox, add, revoke, changeRecoveryAddress } = action;
  if (createInbox)
    return { kind: 'create', member: addressOf(createInbox.initialIdentifier, createInbox.initialIdentifierKind) };
  if (add) return { kind: 'add', member: memberOf(add.newMemberIdentifier) };
  if (revoke) return { kind: 'revoke', member: memberOf(revoke.memberToRevoke) };
  if (changeRecoveryAddress) {
    const { newRecoveryIdentifier, newRecoveryIdentifierKind } = changeRecoveryAddress;
    return { kind: 'recovery', member: addressOf(newRecoveryIdentifier, newRecoveryIdentifierKind) };
  }
  throw malformed();
}

function signedAction(
  { createInbox, add, revoke, changeRecoveryAddress }: IdentityAction,
  step: Step,
  text: string,
): SignedAction {
  const { member } = step;
  if (add)
    return {
      kind: 'add',
      member,
      by: verified(add.existingMemberSignature, text),
      own: verified(add.newMemberSignature, text),
    };
  if (revoke) return { kind: 'revoke', member, by: verified(revoke.recoveryIdentifierSignature, text) };
  if (createInbox) return { kind: 'create', member, by: verified(createInbox.initialIdentifierSignature, text) };
  return { kind: 'recovery', member, by: verified(changeRecoveryAddress?.existingRecoveryIdentifierSignature, text) };
}

function textOf(update: IdentityUpdate, steps: readonly Step[]): string {
  const [create] = update.actions.flatMap(({ createInbox }) => createInbox ?? []);
  try {
    if (create && inboxIdOf(create.initialIdentifier, Number(create.nonce.toString())) !== update.inboxId)
      throw new RpcError('InvalidArgument', 'Wrong inbox_id specified on association');
    const timeNs = bigintOf(update.clientTimestampNs);
    if (timeNs > LAST_NS) throw malformed();
    const timeMs = Number(timeNs / NS_PER_SECOND) * 1000;
    return buildIdentityText({ ...shapeOf(steps), inboxId: update.inboxId, timeMs } as IdentityText);
  } catch (error) {
    if (error instanceof RpcError) throw error;
    throw malformed();
  }
}

/** The fields of the text, without those of the inbox. */
function shapeOf(steps: readonly Step[]): object {
  const [{ member } = { member: '' }, second] = steps;
  const kinds = steps.map((step) => `${step.kind} ${isInstallation(step.member) ? 'app' : 'address'}`);
  const shape = kinds.join(', ');
  if (shape === 'create address, add app')
    return { shape: 'create+grant', owner: member, installationId: second?.member };
  if (shape === 'add app') return { shape: 'grant', installationId: member };
  if (shape === 'add address') return { shape: 'link', address: member };
  if (shape === 'revoke address') return { shape: 'unlink', address: member };
  if (shape === 'recovery address') return { shape: 'recovery', address: member };
  if (kinds.every((kind) => kind === 'revoke app'))
    return { shape: 'revoke', installationIds: steps.map((step) => step.member) };
  throw new RpcError('InvalidArgument', 'no client of today makes an update of these actions');
}

function memberOf(identifier: MemberIdentifier | undefined): string {
  const { ethereumAddress, installationPublicKey, passkey } = identifier ?? {};
  if (passkey || (ethereumAddress === undefined) === (installationPublicKey === undefined)) throw malformed();
  if (ethereumAddress !== undefined) return addressOf(ethereumAddress);
  const member = bytesToHex(installationPublicKey as Uint8Array);
  if (!isInstallation(member)) throw malformed();
  return member;
}

function addressOf(text: string, kind = 1): string {
  if (!ETHEREUM_KINDS.includes(kind) || !isLowerCaseAddress(text)) throw malformed();
  return text;
}

const malformed = () => new RpcError('InvalidArgument', 'the identity update is malformed');
