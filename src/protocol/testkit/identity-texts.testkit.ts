// For tests only: drawn identity texts, the same texts written and judged a second time without the code under test, and how texts go wrong.
import fc from 'fast-check';
import type { IdentityText } from '../inbox/identity-text';

const lowerHex = (digits: number) =>
  fc.uint8Array({ minLength: digits / 2, maxLength: digits / 2 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const id = lowerHex(64);
const address = lowerHex(40).map((digits) => `0x${digits}`);
/** Near the ends of the years, months and days as well as anywhere. */
const timeMs = fc
  .oneof(
    fc.integer({ min: 0, max: 253_402_300_799 }),
    fc.constantFrom('1970-01-01T00:00:00Z', '2024-02-29T23:59:59Z', '9999-12-31T23:59:59Z').map(secondsOf),
    fc.integer({ min: 1_790_000_000, max: 1_800_000_000 }),
  )
  .map((seconds) => seconds * 1000);

function secondsOf(text: string): number {
  return Date.parse(text) / 1000;
}

const drawn: fc.Arbitrary<IdentityText> = fc.oneof(
  fc.record({
    shape: fc.constant('create+grant' as const),
    inboxId: id,
    timeMs,
    owner: address,
    installationId: id,
  }),
  fc.record({ shape: fc.constant('grant' as const), inboxId: id, timeMs, installationId: id }),
  fc.record({
    shape: fc.constantFrom('link' as const, 'unlink' as const, 'recovery' as const),
    inboxId: id,
    timeMs,
    address,
  }),
  fc.record({
    shape: fc.constant('revoke' as const),
    inboxId: id,
    timeMs,
    installationIds: fc.uniqueArray(id, { minLength: 1, maxLength: 10 }),
  }),
);

/** Texts of all six shapes, as their fields. Zeros are drawn often, and no value stands in a text twice. */
export const identityTexts = drawn.filter(({ inboxId, ...fields }) =>
  Object.values(fields)
    .flat()
    .every((value) => value !== inboxId),
);

/** The text of the fields as the grammar has it, checked by nobody. */
export function writtenByHand(text: IdentityText): string {
  return `XMTP : Authenticate to inbox

Inbox ID: ${text.inboxId}
Current time: ${new Date(text.timeMs).toISOString().slice(0, 19)}Z

${actionsByHand(text)}

For more info: https://xmtp.org/signatures`;
}

function actionsByHand(text: IdentityText): string {
  if (text.shape === 'create+grant')
    return `- Create inbox\n  (Owner: ${text.owner})\n- Grant messaging access to app\n  (ID: ${text.installationId})`;
  if (text.shape === 'grant') return `- Grant messaging access to app\n  (ID: ${text.installationId})`;
  if (text.shape === 'revoke')
    return text.installationIds.map((one) => `- Revoke messaging access from app\n  (ID: ${one})`).join('\n');
  const titles = {
    link: 'Link address to inbox',
    unlink: 'Unlink address from inbox',
    recovery: 'Change inbox recovery address',
  };
  return `- ${titles[text.shape]}\n  (Address: ${text.address})`;
}

const wholeText = new RegExp(
  [
    '^XMTP : Authenticate to inbox\n\nInbox ID: (?<inbox>[0-9a-f]{64})\nCurrent time: (?<time>\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ)\n\n(?:',
    [
      '- Create inbox\n {2}\\(Owner: 0x[0-9a-f]{40}\\)\n- Grant messaging access to app\n {2}\\(ID: [0-9a-f]{64}\\)',
      '- Grant messaging access to app\n {2}\\(ID: [0-9a-f]{64}\\)',
      '- (?:Link address to inbox|Unlink address from inbox|Change inbox recovery address)\n {2}\\(Address: 0x[0-9a-f]{40}\\)',
      '- Revoke messaging access from app\n {2}\\(ID: [0-9a-f]{64}\\)(?:\n- Revoke messaging access from app\n {2}\\(ID: [0-9a-f]{64}\\)){0,9}',
    ].join('|'),
    ')\n\nFor more info: https://xmtp\\.org/signatures$',
  ].join(''),
);

/** Whether a text is one of the six, by an expression instead of by writing it again. */
export function isIdentityText(text: string): boolean {
  const time = wholeText.exec(text)?.groups?.['time'];
  if (time === undefined) return false;
  const values = text.match(/[0-9a-f]{40,}/g) ?? [];
  return new Set(values).size === values.length && Number(time.slice(0, 4)) >= 1970 && isDate(time);
}

/** By the calendar, not by `Date`. */
function isDate(time: string): boolean {
  const [year = 0, month = 0, day = 0, hour = 99, minute = 99, second = 99] = time.split(/[-T:Z]/).map(Number);
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
  return day >= 1 && day <= days && hour <= 23 && minute <= 59 && second <= 59;
}

/** Where and with what a text is changed. `at` and `to` count past the end and begin anew. */
export interface Change {
  readonly how: string;
  readonly at: number;
  readonly to: number;
  /** Another text, of which a part may come. */
  readonly other: string;
}

const strange = [...'\r\n\t \0éеІ０\u200b\ufeff\u2028\ud800', '\r\n', '0x', '00', 'XMTP', ' UTC', '.000', '+00:00'];
const alphabet = [...'0123456789abcdefABCDEFxTZ:-() /+.'];
const extraLines = ['', '- Create inbox', '- Grant messaging access to app', '- Link passkey to inbox', '  (ID: )'];
const pick = <T>(list: readonly T[], at: number): T => list[at % list.length] as T;

const hows: Record<string, (text: string, change: Change) => string> = {
  'a character becomes another': (text, { at, to }) => splice(text, at, 1, pick(alphabet, to)),
  'a bit is flipped': (text, { at, to }) =>
    splice(text, at, 1, String.fromCharCode(text.charCodeAt(at % text.length) ^ (1 << (to % 16)))),
  'a character goes': (text, { at, to }) => splice(text, at, 1 + (to % 3), ''),
  'something strange comes in': (text, { at, to }) => splice(text, at, 0, pick(strange, to)),
  'something strange takes a place': (text, { at, to }) => splice(text, at, 1, pick(strange, to)),
  'something strange stands at an end': (text, { at, to }) =>
    at % 2 === 0 ? text + pick(strange, to) : pick(strange, to) + text,
  'the case of a letter changes': (text, { at }) => {
    const letters = [...text.matchAll(/[a-zA-Z]/g)].map(({ index }) => index);
    if (letters.length === 0) return text;
    const index = pick(letters, at);
    const letter = text.charAt(index);
    return splice(text, index, 1, letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase());
  },
  'a digit of a value or a date changes': (text, { at, to }) => {
    const digits = [...text.matchAll(/\d/g)].map(({ index }) => index);
    return digits.length === 0 ? text : splice(text, pick(digits, at), 1, String(to % 10));
  },
  'two lines change places': (text, { at, to }) => {
    const lines = text.split('\n');
    const [one, two] = [at % lines.length, to % lines.length];
    [lines[one], lines[two]] = [lines[two] ?? '', lines[one] ?? ''];
    return lines.join('\n');
  },
  'a line goes': (text, { at }) => inLines(text, (lines) => void lines.splice(at % lines.length, 1)),
  'a line stands twice': (text, { at, to }) =>
    inLines(text, (lines) => void lines.splice(to % lines.length, 0, pick(lines, at))),
  'a line comes in': (text, { at, to }) =>
    inLines(text, (lines) => void lines.splice(at % lines.length, 0, pick(extraLines, to))),
  'lines of another text come in': (text, { at, to, other }) =>
    inLines(text, (lines) => {
      const from = 5 + (to % 4);
      lines.splice(5 + (at % 3), at % 2, ...other.split('\n').slice(from, from + 1 + (to % 2)));
    }),
  'all actions of another text come in': (text, { at, other }) =>
    inLines(text, (lines) => void lines.splice(at % 2 === 0 ? 5 : -2, 0, ...other.split('\n').slice(5, -2))),
  'it ends as another text does': (text, { at, to, other }) =>
    text.slice(0, at % text.length) + other.slice((at + (to % 3) - 1) % other.length),
  'a value takes the place of another': (text, { at, to, other }) => {
    const values = [...text.matchAll(/(?:0x)?[0-9a-f]{40,}/g)];
    if (values.length === 0) return text;
    const value = pick(values, at);
    const [taken] = pick([...values, ...other.matchAll(/(?:0x)?[0-9a-f]{40,}/g)], to);
    return splice(text, value.index, value[0].length, taken);
  },
  'line ends are of another system': (text, { at }) => text.replaceAll('\n', at % 2 === 0 ? '\r\n' : '\r'),
};

/** One to three changes, of every kind. */
export const changes: fc.Arbitrary<Change[]> = fc.array(
  fc.record({
    how: fc.constantFrom(...Object.keys(hows)),
    at: fc.nat(),
    to: fc.nat(),
    other: identityTexts.map(writtenByHand),
  }),
  { minLength: 1, maxLength: 3 },
);

/** The text after the changes, one after the other. */
export function changed(text: string, wanted: readonly Change[]): string {
  return wanted.reduce((so, change) => (so === '' ? so : (hows[change.how]?.(so, change) ?? so)), text);
}

function splice(text: string, at: number, length: number, put: string): string {
  const from = at % text.length;
  return text.slice(0, from) + put + text.slice(from + length);
}

function inLines(text: string, change: (lines: string[]) => void): string {
  const lines = text.split('\n');
  change(lines);
  return lines.join('\n');
}
