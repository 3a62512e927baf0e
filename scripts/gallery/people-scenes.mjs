// The address book in pictures: nobody, a few, many, names of every kind, and the dialog that names somebody.
import { topic } from './one-identity.mjs';
import { accounts, ada, longName, now, press, state } from './things.mjs';

const address = (n) => `0x${((n + 1) * 0x1f3d5b79).toString(16).padStart(8, '0').slice(0, 8).repeat(5)}`;
const people = (names) => names.map((name, at) => ({ account: accounts[at + 1] ?? address(at), name, namedAtMs: now }));
const kinds = ['Grace', longName, 'غريس هوبر', '李小龍', '\u{1F468}\u200D\u{1F373} cook', 'evil\u202Eeman'];

const page = (name, list, act, more = {}) =>
  topic(name, 'people', { state_get: state([ada]), people_list: list, ...more.answers }, act, {
    ...more,
    ready: '[data-testid="people"]',
  });

export const peopleScenes = [
  page('empty', []),
  page('few', people(kinds)),
  page('narrow', people(kinds), undefined, { size: { width: 320, height: 700 } }),
  page('ens', people(kinds), press('people-ask-ens'), {
    answers: {
      state_get: { ...state([ada]), settings: { ...state([ada]).settings, ensNode: 'https://rpc.example/v1/key' } },
      people_list: people(kinds),
      ens_names: people(kinds).map(({ account }, at) => ({
        account: account.toLowerCase(),
        ...[
          { is: 'named', name: 'grace.eth' },
          { is: 'none' },
          { is: 'named', name: 'غريس.eth' },
          { is: 'named', name: '李小龍.eth' },
          { is: 'named', name: 'c\u043e\u043ek.eth' },
          { is: 'unknown' },
        ][at],
      })),
    },
  }),
  page('many', people(Array.from({ length: 60 }, (_, at) => `Person ${at}`))),
  page('add', people(kinds), async (opened) => {
    await press('people-add')(opened);
    await opened.getByTestId('person-account').fill(accounts[2].toLowerCase());
    await opened.getByTestId('person-name').fill('Linus');
  }),
  page('add-you', people(kinds), async (opened) => {
    await press('people-add')(opened);
    await opened.getByTestId('person-account').fill(ada.account);
  }),
  page('add-doubt', [], async (opened) => {
    await press('people-add')(opened);
    await opened.getByTestId('person-account').fill(accounts[2].replace('C44', 'c44'));
  }),
  page('rename', people(kinds), async (opened) => press('person-rename')(opened)),
];
