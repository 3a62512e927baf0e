// The text of a list of identity actions, as every client writes it: what all signatures of an identity update cover (protocol l.2).
// Promises: one text for a list, every value in its one spelling. Must not: say which lists anybody here signs; identity-text.ts does.
import { ProtocolError } from '../base/errors';
import { isId, isLowerCaseAddress } from './inbox-id';

export interface OfInbox {
  /** 64 lower-case hex digits. */
  readonly inboxId: string;
  /** The time of the text, by the clock of who made it: milliseconds since 1970, whole seconds. */
  readonly timeMs: number;
}

/** The two lines of each action: what it does, how its value is called, and which values it takes. */
const actionForms = {
  create: { title: '- Create inbox', label: 'Owner', isValue: isLowerCaseAddress },
  grant: { title: '- Grant messaging access to app', label: 'ID', isValue: isId },
  link: { title: '- Link address to inbox', label: 'Address', isValue: isLowerCaseAddress },
  revoke: { title: '- Revoke messaging access from app', label: 'ID', isValue: isId },
  unlink: { title: '- Unlink address from inbox', label: 'Address', isValue: isLowerCaseAddress },
  recovery: { title: '- Change inbox recovery address', label: 'Address', isValue: isLowerCaseAddress },
};
export type ActionKind = keyof typeof actionForms;
const actionKinds = Object.keys(actionForms) as ActionKind[];

export interface Action {
  readonly kind: ActionKind;
  /** An installation, or an address, as in the text. */
  readonly value: string;
}

export const inboxLabel = 'Inbox ID: ';
export const timeLabel = 'Current time: ';
const head = 'XMTP : Authenticate to inbox';
const foot = 'For more info: https://xmtp.org/signatures';
/** The first year that needs five digits. */
const year10000Ms = 253_402_300_800_000;

/** The text of these actions, in their order; ASCII with LF alone. Throws 'bad-identity-text' for no action, and for values that no text has. */
export function textOfActions({ inboxId, timeMs }: OfInbox, actions: readonly Action[]): string {
  if (!isId(inboxId)) throw refusal('inbox id is not 64 lower-case hex digits');
  if (actions.length === 0) throw refusal('text has no actions');
  if (!actions.every(({ kind, value }) => actionForms[kind].isValue(value)))
    throw refusal('value is not one of its action');
  return [
    head,
    '',
    `${inboxLabel}${inboxId}`,
    `${timeLabel}${timeText(timeMs)}`,
    '',
    ...actions.flatMap(({ kind, value }) => [actionForms[kind].title, `${valueStart(kind)}${value})`]),
    '',
    foot,
  ].join('\n');
}

/** What the lines between head and foot say, two for each action: loosely, so who reads them must write the text again and compare. */
export function actionsIn(lines: readonly string[]): Action[] {
  const actions: Action[] = [];
  for (let at = 0; at < lines.length; at += 2) {
    const kind = actionKinds.find((one) => actionForms[one].title === lines[at]);
    if (!kind) throw refusal('action is none of those that are known');
    actions.push({ kind, value: (lines[at + 1] ?? '').slice(valueStart(kind).length, -1) });
  }
  return actions;
}

const valueStart = (kind: ActionKind) => `  (${actionForms[kind].label}: `;

/** RFC 3339 in UTC with whole seconds, of the years 1970 to 9999. */
function timeText(ms: number): string {
  if (!Number.isSafeInteger(ms) || ms < 0 || ms >= year10000Ms || ms % 1000 !== 0)
    throw refusal('time is not a whole second of the years 1970 to 9999');
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

export function refusal(message: string): ProtocolError {
  return new ProtocolError('bad-identity-text', message);
}
