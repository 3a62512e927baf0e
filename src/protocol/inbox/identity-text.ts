// Identity texts of XMTP V3: what an app asks an inbox key to sign, read and written (protocol l.2).
// Promises: six shapes and nothing else; whatever is read is written again as the same text, byte for byte, or it is refused.
// Must not: judge whose key, which inbox or how old a text is; that takes a clock and a memory, which this room has not.
import { ProtocolError } from '../base/errors';
import { isId, isLowerCaseAddress } from './inbox-id';

/** How many characters a text has at most. They are ASCII, so as many bytes. */
export const identityTextLength = 2_000;
/** How many installations one text revokes at most: as many as an inbox may have. */
export const maxRevokedAtOnce = 10;

interface OfInbox {
  /** 64 lower-case hex digits. */
  readonly inboxId: string;
  /** When the app made the text, by its own clock: milliseconds since 1970, whole seconds. */
  readonly timeMs: number;
}

/** A new inbox, whose recovery `owner` becomes, and an app that may read and write in it. */
export interface CreateAndGrantText extends OfInbox {
  readonly shape: 'create+grant';
  /** `0x` and 40 lower-case hex digits. */
  readonly owner: string;
  /** Public key of the app's installation, 64 lower-case hex digits. */
  readonly installationId: string;
}

/** An app that may read and write in an inbox that is there. */
export interface GrantText extends OfInbox {
  readonly shape: 'grant';
  /** As in `CreateAndGrantText`. */
  readonly installationId: string;
}

/** Installations that may no longer read and write. */
export interface RevokeText extends OfInbox {
  readonly shape: 'revoke';
  /** Each as in `CreateAndGrantText`; 1 to `maxRevokedAtOnce`, in the order of the text. */
  readonly installationIds: readonly string[];
}

/** An address that joins the inbox, leaves it, or becomes its recovery. */
export interface AddressText extends OfInbox {
  readonly shape: 'link' | 'unlink' | 'recovery';
  /** `0x` and 40 lower-case hex digits. */
  readonly address: string;
}

/** Every field of a text. No value stands in it twice. */
export type IdentityText = CreateAndGrantText | GrantText | RevokeText | AddressText;

const head = 'XMTP : Authenticate to inbox';
const inboxLabel = 'Inbox ID: ';
const timeLabel = 'Current time: ';
const foot = 'For more info: https://xmtp.org/signatures';
/** The first year that needs five digits. */
const year10000Ms = 253_402_300_800_000;

/** The two lines of each action: what it does, how its value is called, and which values it takes. */
const actionForms = {
  create: { title: '- Create inbox', label: 'Owner', isValue: isLowerCaseAddress },
  grant: { title: '- Grant messaging access to app', label: 'ID', isValue: isId },
  link: { title: '- Link address to inbox', label: 'Address', isValue: isLowerCaseAddress },
  revoke: { title: '- Revoke messaging access from app', label: 'ID', isValue: isId },
  unlink: { title: '- Unlink address from inbox', label: 'Address', isValue: isLowerCaseAddress },
  recovery: { title: '- Change inbox recovery address', label: 'Address', isValue: isLowerCaseAddress },
};
type ActionKind = keyof typeof actionForms;
const actionKinds = Object.keys(actionForms) as ActionKind[];

interface Action {
  readonly kind: ActionKind;
  readonly value: string;
}

/**
 * The fields of a text; `buildIdentityText` makes the very same text of them. Throws 'bad-identity-text' for everything else: another shape or order of
 * actions, a passkey, another spelling, line end or date, a value given twice, a character before or after, more than `identityTextLength` characters.
 */
export function parseIdentityText(text: string): IdentityText {
  if (text.length > identityTextLength) throw refusal('text is too long');
  // Read loosely, by position. What decides is that the fields are sound and give this text again.
  const lines = text.split('\n');
  const [, , inboxLine = '', timeLine = ''] = lines;
  const read = ofShape(actionsIn(lines.slice(5, -2)), {
    inboxId: inboxLine.slice(inboxLabel.length),
    timeMs: Date.parse(timeLine.slice(timeLabel.length)),
  });
  if (buildIdentityText(read) !== text) throw refusal('text is not in its one form');
  return read;
}

/** The text of these fields, ASCII with LF alone. Throws 'bad-identity-text' for fields that no text has. */
export function buildIdentityText(text: IdentityText): string {
  const { inboxId, timeMs } = text;
  if (!isId(inboxId)) throw refusal('inbox id is not 64 lower-case hex digits');
  const actions = actionsOf(text);
  if (actions.length === 0 || actions.length > maxRevokedAtOnce) throw refusal('text has no actions, or too many');
  if (!actions.every(({ kind, value }) => actionForms[kind].isValue(value)))
    throw refusal('value is not one of its action');
  if (new Set([inboxId, ...actions.map(({ value }) => value)]).size !== actions.length + 1)
    throw refusal('value is given twice');
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

/** What the lines between head and foot say, two for each action. Lines that belong to none are refused here or when the text is built again. */
function actionsIn(lines: readonly string[]): Action[] {
  const actions: Action[] = [];
  for (let at = 0; at < lines.length; at += 2) {
    const kind = actionKinds.find((one) => actionForms[one].title === lines[at]);
    if (!kind) throw refusal('action is none of those that are known');
    actions.push({ kind, value: (lines[at + 1] ?? '').slice(valueStart(kind).length, -1) });
  }
  return actions;
}

function ofShape(actions: readonly Action[], inbox: OfInbox): IdentityText {
  const [value = '', second = ''] = actions.map((action) => action.value);
  const shape = actions.map(({ kind }) => kind).join('+');
  if (shape === 'create+grant') return { shape, ...inbox, owner: value, installationId: second };
  if (shape === 'grant') return { shape, ...inbox, installationId: value };
  if (shape === 'link' || shape === 'unlink' || shape === 'recovery') return { shape, ...inbox, address: value };
  if (actions.every(({ kind }) => kind === 'revoke'))
    return { shape: 'revoke', ...inbox, installationIds: actions.map((action) => action.value) };
  throw refusal('actions do not belong together');
}

/** The inverse of `ofShape`. */
function actionsOf(text: IdentityText): Action[] {
  switch (text.shape) {
    case 'create+grant':
      return [
        { kind: 'create', value: text.owner },
        { kind: 'grant', value: text.installationId },
      ];
    case 'grant':
      return [{ kind: 'grant', value: text.installationId }];
    case 'revoke':
      return text.installationIds.map((value) => ({ kind: 'revoke', value }));
    case 'link':
    case 'unlink':
    case 'recovery':
      return [{ kind: text.shape, value: text.address }];
    default:
      throw refusal('shape is none of the six');
  }
}

const valueStart = (kind: ActionKind) => `  (${actionForms[kind].label}: `;

/** RFC 3339 in UTC with whole seconds, of the years 1970 to 9999. */
function timeText(ms: number): string {
  if (!Number.isSafeInteger(ms) || ms < 0 || ms >= year10000Ms || ms % 1000 !== 0)
    throw refusal('time is not a whole second of the years 1970 to 9999');
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

function refusal(message: string): ProtocolError {
  return new ProtocolError('bad-identity-text', message);
}
