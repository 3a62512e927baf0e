// Seeded defects of the address book, of pictures, of what a card shows of a message, and of the person's own phrase.
import type { Defect } from '../defect';

const record = 'src/vault/people/people-record.test.ts';
const book = 'src/vault/people/people.test.ts';
const file = 'src/vault/backup/people-part.test.ts';
const written = 'src/protocol/messages/written.test.ts';
const picture = 'src/ui/parts/shown/identity-picture-model.test.ts';
const ports = 'src/background/pages/ports.test.ts';
const phrase = 'src/vault/store/own-phrase.test.ts';

export const peopleDefects: readonly Defect[] = [
  {
    name: 'people: a name of ENS in any spelling is shown',
    find: 'ens_normalize(name) === name',
    replace: "ens_normalize(name) !== ''",
    test: ['src/ui/parts/ens/says.test.ts', 'R-C11 is not shown with'],
  },
  {
    name: 'people: ENS is asked about an own account',
    find: 'isAccount(account) && whoIs(account)?.isYou !== true',
    replace: 'isAccount(account)',
    test: ['src/ui/parts/ens/says.test.ts', 'is asked for once for each account of others'],
  },
  {
    name: 'people: an account that is written otherwise is somebody else',
    find: '        account: mustBeAccount(account),\n        name: mustBeText',
    replace: '        account,\n        name: mustBeText',
    test: [book, 'takes an account in every spelling'],
  },
  {
    name: 'people: an account stands twice in a book that was read',
    find: 'if (new Set(people.map(({ account }) => account)).size !== people.length)',
    replace: 'if (people.length < 0)',
    test: [record, 'is damaged with a byte more or less, an account twice'],
  },
  {
    name: 'people: a full book takes one more',
    find: 'if (others.length >= mostPeople)',
    replace: 'if (others.length > mostPeople)',
    test: [record, 'is one too many in a full book'],
  },
  {
    name: 'people: an older name of a file takes the place of a newer one',
    find: 'return other && other.namedAtMs > person.namedAtMs ? other : person;',
    replace: 'return other ?? person;',
    test: [record, 'everybody of both is there once, under the name that was given last'],
  },
  {
    name: 'people: names of another identity are taken over',
    find: 'if (keyViewsOf(contents.bundleSecret).identityKeyHex !== mine.identityKeyHex)',
    replace: 'if (mine.identityKeyHex === "")',
    test: [file, 'gives no names to another identity'],
  },
  {
    name: 'people: names are left out of a backup file',
    find: '        people: names,\n',
    replace: '',
    test: [file, 'brings the address book into another browser'],
  },
  {
    name: 'people: an own identity goes by what the address book calls it',
    find: 'return (account) => known.get(account.toLowerCase());',
    replace:
      'return (account) => {\n    const named = people.find((one) => one.account.toLowerCase() === account.toLowerCase());\n    return named ? { name: named.name, isYou: false } : known.get(account.toLowerCase());\n  };',
    test: ['src/ui/people.test.ts', 'an own identity is you, also where the address book'],
  },
  {
    name: 'picture: two cells of the eight look alike',
    find: "['none', 'square', 'dot', 'bar', 0, 1, 2, 3]",
    replace: "['none', 'square', 'dot', 'dot', 0, 1, 2, 3]",
    test: [picture, 'each of the eight cells can be drawn in eight ways'],
  },
  {
    name: 'picture: a bit of the shape is not drawn',
    find: '(shape >>> (3 * (2 * row + column))) & 7',
    replace: '(shape >>> (3 * (2 * row + column))) & 3',
    test: [picture, '2^24 shapes are 2^24 drawings'],
  },
  {
    name: 'written: compressed content is shown as the text that it was said to be',
    find: "if (compression !== undefined || type.authorityId !== 'xmtp.org') return undefined;",
    replace:
      "if (type.authorityId !== 'xmtp.org') return undefined;\n  if (type.typeId === 'text') return content.content;\n  if (compression !== undefined) return undefined;",
    test: [written, 'is said to be compressed, which hides no text'],
  },
  {
    name: 'written: what apps show in place of an unknown kind is not on the card',
    find: "const { fallback = '' } = content;",
    replace: "const fallback = '' as string;",
    test: [written, 'is told by kind and size where it is something else'],
  },
  {
    name: 'written: text that has no room is left out in silence',
    find: 'if (shown && shown.leftOutBytes > 0) writing.leftOutBytes = shown.leftOutBytes;',
    replace: '',
    test: [written, 'says how much of a text a card has no room for'],
  },
  {
    name: 'written: a reply that is no content fails the request',
    find: 'const read = orRefusal(() => {\n      const bytes = readableBytes(content);',
    replace: 'const all = readableBytes(content);\n    const read = orRefusal(() => {\n      const bytes = all;',
    test: [written, 'is said to be unreadable where it is no content'],
  },
  {
    name: 'written: messages beyond the twentieth are not counted',
    find: '{ items, more: count - items.length }',
    replace: '{ items, more: 0 }',
    test: [written, 'shows the first twenty and counts the rest'],
  },
  {
    name: 'facts: a time that no calendar has is on the card',
    find: 'if (timeMs <= 0n || timeMs > latestMs) return;',
    replace: 'if (timeMs <= 0n) return;',
    test: ['src/vault/keystore/facts-content.test.ts', 'leaves out what is no date'],
  },
  {
    name: 'own phrase: the popup may ask for it',
    find: "ownPhrase_get: row<OwnPhrase | null>()({ params: none, pages: ['approval', 'unlock'] })",
    replace: "ownPhrase_get: row<OwnPhrase | null>()({ params: none, pages: ['approval', 'unlock', 'popup'] })",
    test: [ports, 'R-C8 the own phrase is given to the two pages'],
  },
  {
    name: 'own phrase: a colour that there is not is kept',
    find: 'phrase.length > ownPhraseLength || known === undefined)',
    replace:
      "phrase.length > ownPhraseLength) return null;\n  if (known === undefined) return { phrase, colour: 'grey' };\n  if (false)",
    test: [phrase, 'of a colour there is not'],
  },
];
