// Seeded defects of the room that fetches, and believes nothing of what it gets.
import type { Defect } from '../defect';

const request = 'src/network/node-request.test.ts';
const bare = 'R-J2 a request carries no credentials';

export const networkDefects: readonly Defect[] = [
  {
    name: 'ENS: a name that leads to somebody else is given',
    find: 'return owner?.toLowerCase() === account.toLowerCase() ? name : undefined;',
    replace: 'return owner === undefined ? undefined : name;',
    test: [
      'src/network/ens-node.test.ts',
      'R-C11 is none for an account that says nothing, or a name of somebody else',
    ],
  },
  {
    name: 'ENS: a name that is kept elsewhere is told as none',
    find: "if (resolver === undefined) throw new NetworkError('bad-answer', 'the name is kept elsewhere');",
    replace: 'if (resolver === undefined) return undefined;',
    test: ['src/network/ens-node.test.ts', 'is not known where another server than the node keeps the name'],
  },
  {
    name: 'ENS: what failed is told as no name',
    find: "if (error instanceof NetworkError) return { account, is: 'unknown' };",
    replace: "if (error instanceof NetworkError) return { account, is: 'none' };",
    test: ['src/background/network/ens-names.test.ts', 'an address that cannot be read is not known'],
  },
  {
    name: 'ENS: what a node told is known after another was set',
    find: 'if (told.by !== by || told.answers.size >= mostRemembered)',
    replace: 'if (told.answers.size >= mostRemembered)',
    test: ['src/background/network/ens-names.test.ts', 'another node ends what is under way'],
    equivalent:
      'leftFor forgets them too, and a client whose node was left answers no more: this is the second of two walls',
  },
  {
    name: 'requests to a node carry credentials',
    find: "credentials: 'omit'",
    replace: "credentials: 'include'",
    test: [request, bare],
  },
  {
    name: 'requests to a node carry a referrer',
    find: "referrerPolicy: 'no-referrer'",
    replace: "referrerPolicy: 'unsafe-url'",
    test: [request, bare],
  },
  {
    name: 'a redirect of a node is followed',
    find: "redirect: 'manual'",
    replace: "redirect: 'follow'",
    test: [request, bare],
  },
  {
    name: 'network: a row of another topic is believed',
    find: "if (!topics.includes(contentTopic)) throw badAnswer('a row is of another topic');",
    replace: '',
    test: ['src/network/page-order.test.ts', 'with a single lie are refused, and a row sent twice is dropped'],
  },
  {
    name: 'network: a cursor is believed',
    find: 'if (envelopes.length === 0 || !last || compare(page.cursor, last) !== 0)',
    replace: 'if (!last)',
    test: ['src/network/page-order.test.ts', 'R-I3 that pass go strictly forward, whatever the node wrote'],
  },
  {
    name: 'network: rows go backward',
    find: "if (step < 0) throw badAnswer('the rows do not go forward');",
    replace: '',
    test: ['src/network/page-order.test.ts', 'R-I3 that pass go strictly forward, whatever the node wrote'],
  },
  {
    name: 'network: an answer of any length is held',
    find: '    if (length > maxBytes) throw tooLarge();\n',
    replace: '',
    test: [
      'src/network/bounded-body.test.ts',
      'R-B4 is read to its bound, and a byte more is refused, in one chunk or in many',
    ],
  },
  {
    name: 'network: a page has more rows than were asked for',
    find: "if (rows.length > maxRows) throw badAnswer('the answer has more rows than were asked for');",
    replace: '',
    test: ['src/network/node-json.test.ts', 'each single defect is refused'],
  },
  {
    name: 'network: what the node refused is asked again',
    find: "if (error.reason === 'refused') return error.code === 8 || error.code === 14;",
    replace: "if (error.reason === 'refused') return true;",
    test: ['src/network/node-client.test.ts', 'a read is not asked again when the answer would be the same'],
  },
  {
    name: 'network: a stream delivers other topics',
    find: 'if (!topics.includes(envelope.contentTopic))',
    replace: 'if (!envelope.contentTopic)',
    test: [
      'src/network/streams.test.ts',
      'R-I3 end a connection that sends garbage, foreign topics, errors or a line without end, and pause longer each time',
    ],
  },
  {
    name: 'network: a line that never ends is held',
    find: '    if (heldBytes > maxBytes) throw tooLarge();\n',
    replace: '',
    test: ['src/network/bounded-body.test.ts', 'R-B4 that do not end are refused at their bound'],
  },
  {
    name: 'network: the address of a node carries a password',
    find: "return isPlain && parsed.username === '' && parsed.password === '' ? parsed.origin : undefined;",
    replace: 'return isPlain ? parsed.origin : undefined;',
    test: ['src/network/node-client.test.ts', 'the address of a node is scheme, host and port, and nothing else'],
  },
  {
    name: 'network: answers are kept in the cache of the browser',
    find: "cache: 'no-store'",
    replace: "cache: 'default'",
    test: [
      'src/network/node-request.test.ts',
      'R-J2 a request carries no credentials, no referrer and no cache of the browser, and follows no redirect',
    ],
  },
  {
    name: 'network: a row that nothing can be dated after hides the rest',
    find: 'const isNewest = canBeOutdated(newestNs);',
    replace: 'const isNewest = newestNs >= 0n;',
    test: [
      'src/network/account-topics.test.ts',
      'R-I3 stands below a row that nothing can be dated after, and above all others, and says so',
    ],
  },
  {
    name: 'network: a node that hangs up at once is hammered',
    find: 'pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)',
    replace: 'pauseMs = PAUSE_MS',
    test: [
      'src/network/streams.test.ts',
      'R-I3 end a connection that sends garbage, foreign topics, errors or a line without end, and pause longer each time',
    ],
  },
  {
    name: 'network: a line that ends is of any length',
    find: '      if (heldBytes + piece.length > maxBytes) throw tooLarge();\n',
    replace: '',
    test: [
      'src/network/bounded-body.test.ts',
      'R-B4 that end are bounded each by itself, whether they end in one chunk or in the next',
    ],
  },
];
