// The ways to open a safe as the pages handle them: which can be added or removed, and what has to be opened for it. Pure.
// Promises: a safe has each kind once at most, and never fewer than two ways that last. Must not: decide; the worker checks again.
import type { IdentityDetails } from '../contract/pages/identity';
import { pastedCode } from '../contract/paste';
import type { MessageKey } from './text';
import { lastingKinds, leastLasting, type SlotKind } from '../contract/choices';

export type Slot = IdentityDetails['slots'][number];

/** In the order in which a person thinks of them. */
export const slotKinds = ['wallet', 'passphrase', 'recovery-code', 'passkey'] as const satisfies readonly SlotKind[];

export const slotWords: Record<SlotKind, MessageKey> = {
  wallet: 'slotWallet',
  passphrase: 'slotPassphrase',
  'recovery-code': 'slotRecoveryCode',
  passkey: 'slotPasskey',
};

/** The slots in the order of `slotKinds`. */
export function inOrder(slots: readonly Slot[]): Slot[] {
  return [...slots].sort((a, b) => slotKinds.indexOf(a.type) - slotKinds.indexOf(b.type));
}

/** What this safe does not have yet, of what this browser can do. */
export function missingKinds(slots: readonly Slot[], withPasskeys: boolean): SlotKind[] {
  return slotKinds.filter((kind) => (kind !== 'passkey' || withPasskeys) && !slots.some(({ type }) => type === kind));
}

/** Whether the way of this kind may go. */
export function canRemove(kind: SlotKind, slots: readonly Slot[]): boolean {
  const left = slots.filter(({ type }) => type !== kind && lastingKinds.some((one) => one === type));
  return left.length >= leastLasting;
}

/** What has to be opened when the way of this kind is removed or replaced: every other one, in order. */
export function othersThan(kind: SlotKind, slots: readonly Slot[]): SlotKind[] {
  return inOrder(slots).flatMap(({ type }) => (type === kind ? [] : [type]));
}

/** Whether a group of a code is typed to its end. */
export function isWholeGroup(typed: string): boolean {
  return pastedCode(typed).length === 4;
}

/** Whether these are the groups `ask` (0 to 7) of `code`. */
export function areGroupsOf(code: string, ask: readonly number[], typed: readonly string[]): boolean {
  const groups = code.split('-');
  return ask.every(
    (group, at) => groups[group] !== undefined && pastedCode(typed[at] ?? '') === pastedCode(groups[group]),
  );
}
