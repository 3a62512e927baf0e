// One change to an account's consent list: whom it allows or denies (protocol 0.1, g.8).
// Promises the wire form only; which of several actions counts is decided where they are kept, by envelope time.
import { ProtocolError } from '../base/errors';
import { decodeAsProtobuf } from '../proto/as-protobuf';
import * as wire from '../proto/gen/conversations';

/** What kind of change; `values` are addresses, group ids or inbox ids, as given by the app. */
export interface PreferenceAction {
  readonly kind: 'allowAddress' | 'denyAddress' | 'allowGroup' | 'denyGroup' | 'allowInboxId' | 'denyInboxId';
  readonly values: readonly string[];
}

/** Wire bytes of PrivatePreferencesAction. */
export function encodePreferenceAction({ kind, values }: PreferenceAction): Uint8Array {
  return wire.PrivatePreferencesAction.encode({ messageType: toWire(kind, [...values]) }).finish();
}

/** Reads a PrivatePreferencesAction. Throws 'malformed-protobuf', or 'unknown-version' for a kind we do not know. */
export function decodePreferenceAction(bytes: Uint8Array): PreferenceAction {
  const { messageType } = decodeAsProtobuf(wire.PrivatePreferencesAction, 'PrivatePreferencesAction', bytes);
  if (!messageType) throw new ProtocolError('unknown-version', 'unknown kind of preference action');
  const [values = []] = Object.values(messageType.value) as string[][];
  return { kind: messageType.$case, values };
}

function toWire(kind: PreferenceAction['kind'], values: string[]): wire.PrivatePreferencesAction['messageType'] {
  if (kind === 'allowAddress' || kind === 'denyAddress') return { $case: kind, value: { walletAddresses: values } };
  if (kind === 'allowGroup' || kind === 'denyGroup') return { $case: kind, value: { groupIds: values } };
  return { $case: kind, value: { inboxIds: values } };
}
