// Seeded defects of the provider and the relay.
import type { Defect } from '../defect';

export const bridgeDefects: readonly Defect[] = [
  {
    name: 'bridge: a page fills the memory of the relay',
    find: 'if (unanswered.size >= mostUnanswered) return fail(key, -32005, tooMuch);',
    replace: '',
    test: [
      'src/bridge/page.test.ts',
      'R-B8 a page that asks without end does not fill the memory of the relay: what is too much ends with -32005',
    ],
  },
  {
    name: 'bridge: a relay whose extension is gone takes note',
    find: 'if (!extension.runtime?.id) return;',
    replace: '',
    test: [
      'src/bridge/restart.test.ts',
      'a page that had heard of the end already hears nothing twice, and listens again',
    ],
  },
  {
    name: 'bridge: a worker that never says hello is asked for ever',
    find: 'if (++failures > 8) disconnected();',
    replace: 'if (++failures > 80) disconnected();',
    test: [
      'src/bridge/page.test.ts',
      'a worker that never says hello is asked a few times, and then what waits ends with 4900',
    ],
  },
  {
    name: 'bridge: what the page put on every object is an answer',
    find: 'const own = (name: string) => hasOwn(message, name);',
    replace: 'const own = (name: string) => name in message;',
    test: ['src/bridge/page.test.ts', 'what the page put on every object is no answer, no error and no end'],
  },
  {
    name: 'bridge: numbers that are no bytes are cloned',
    find: "if (apply(typedName, value, []) !== 'Uint8Array') throw value;",
    replace: '',
    test: [
      'src/bridge/own-copy.test.ts',
      'R-B8 of a view only its own bytes are copied, whatever it is a view of, and wherever it stands',
    ],
  },
  {
    name: 'bridge: a setter of the page sees what is copied',
    find: '(isList ? setPrototypeOf([], null) : create(null))',
    replace: '(isList ? [] : {})',
    test: [
      'src/bridge/own-copy.test.ts',
      'R-B4 no setter that the page put on every object or list sees what is copied',
    ],
  },
  {
    name: 'bridge: a relay whose worker stopped does not connect again',
    find: 'else retry = setTimeout(connect, failures === 1 ? 0 : 50 * 2 ** failures);',
    replace: '',
    test: [
      'src/bridge/page.test.ts',
      'P3 a worker that stopped is connected to again, told what waits, and given it when it asks',
    ],
  },
  {
    name: 'bridge: parameters that a library left on every object are sent',
    find: "const own = (name: 'method' | 'params') => (hasOwn(args, name) ? args[name] : undefined);",
    replace: "const own = (name: 'method' | 'params') => args[name];",
    test: ['src/bridge/page.test.ts', 'parameters that a library left on every object are not sent'],
  },
  {
    name: 'face: what another account is asked for is signed by the inbox key',
    find: '(await own(identifierOf(grant.account))) !== address',
    replace: 'false',
    test: ['src/bridge/face.test.ts', 'for another account, or for none, is not asked of the vault'],
  },
  {
    name: 'face: a page that replaces Promise takes up what is between the face and the vault',
    find: "defineProperty(promise, 'constructor', bare({ value: PagePromise }));",
    replace: 'promise;',
    test: ['src/bridge/face.test.ts', 'R-A8 neither sees nor changes what passes between the face and the vault'],
  },
  {
    name: 'bridge: a request that was sent before is sent again unasked',
    find: "send(sent ? { jsonrpc: '2.0', id: mine.id, method: mine.method, held: true, size: sizeOf(mine) } : mine);",
    replace: 'send(mine);',
    test: [
      'src/bridge/page.test.ts',
      'P3 a worker that stopped is connected to again, told what waits, and given it when it asks',
    ],
  },
];
