// Identity texts of XMTP V3: what an app asks an inbox key to sign, read and written (protocol l.2).
// Promises: six shapes and nothing else; whatever is read is written again as the same text, byte for byte, or it is refused.
// Must not: judge whose key, which inbox or how old a text is; that takes a clock and a memory, which this room has not.
import { actionsIn, inboxLabel, refusal, textOfActions, timeLabel, type Action, type OfInbox } from './action-text';

/** How many characters a text has at most. They are ASCII, so as many bytes. */
export const identityTextLength = 2_000;
/** How many installations one text revokes at most: as many as an inbox may have. */
export const maxRevokedAtOnce = 10;

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
  const actions = actionsOf(text);
  if (actions.length > maxRevokedAtOnce) throw refusal('text has too many actions');
  if (new Set([text.inboxId, ...actions.map(({ value }) => value)]).size !== actions.length + 1)
    throw refusal('value is given twice');
  return textOfActions(text, actions);
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
