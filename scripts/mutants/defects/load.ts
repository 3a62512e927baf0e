// Seeded defects of what keeps load, storms and strangers within their shares.
import type { Defect } from '../defect';

const admission = 'src/background/dapps/admission.test.ts';
const asking = 'src/background/dapps/asking-again.test.ts';
const strangers = 'src/background/browser/stranger-turns.test.ts';
const slices = 'src/vault/work/slices.test.ts';

export const loadDefects: readonly Defect[] = [
  {
    name: 'load: one owner may have all of a room',
    find: 'held + more <= total - used - more',
    replace: 'held + more <= total - used',
    test: ['src/vault/work/shares.test.ts', 'alone an owner gets half'],
  },
  {
    name: 'load: what is dropped is of whoever has fewest',
    find: 'const [largest] = [...byOwner.values()].toSorted((a, b) => b.length - a.length);',
    replace: 'const [largest] = [...byOwner.values()].toSorted((a, b) => a.length - b.length);',
    test: ['src/vault/work/shares.test.ts', 'what is dropped is the oldest of whoever has most'],
  },
  {
    name: 'load: an origin takes slice after slice before the next has one',
    find: '      waiting.delete(origin);\n      if (slices.length > 0) waiting.set(origin, slices);',
    replace: '      if (slices.length === 0) waiting.delete(origin);',
    test: [slices, 'no origin waits for more than one slice of each other origin'],
  },
  {
    name: 'load: slices follow each other without a pause',
    find: 'if (usedMs >= sliceMs) {',
    replace: 'if (usedMs < 0) {',
    test: [slices, 'nor anything else of the worker, behind them'],
  },
  {
    name: 'load: storage.session is written beyond its bound',
    find: "      if (sum > total) throw new VaultError('limit');\n",
    replace: '      void sum;\n',
    test: ['src/vault/consent/session-room.test.ts', 'never more than the bound is in the area'],
  },
  {
    name: 'load: a write is counted only when it has ended',
    find: '      for (const [key, bytes] of next) held.set(key, bytes);\n      await changing(() => area.set(items));',
    replace:
      '      await changing(() => area.set(items));\n      for (const [key, bytes] of next) held.set(key, bytes);',
    test: ['src/vault/consent/session-room.test.ts', 'writes that overlap are counted together'],
  },
  {
    name: 'load: one origin is worked on without end',
    find: 'if (!next || lane.running >= workerLimits.atOnce) break;',
    replace: 'if (!next) break;',
    test: [admission, 'a few of one origin at a time'],
  },
  {
    name: 'load: an origin keeps its place after something large',
    find: '          lanes.delete(key);\n          lanes.set(key, lane);\n',
    replace: '',
    test: [admission, 'large ones one after the other, origin by origin'],
  },
  {
    name: 'load: a large request is overtaken by smaller ones',
    find: '            isKept[load.lane][load.kind] = true;\n',
    replace: '',
    test: [admission, 'the largest of the large ones is not overtaken'],
  },
  {
    name: 'load: what waits for the network keeps back what does not',
    find: "lane: method === 'xmtp_publish' ? 'network' : 'keys'",
    replace: "lane: 'keys'",
    test: [admission, 'a load is the bytes behind the parameters'],
  },
  {
    name: 'load: a request is taken beyond the share of its origin',
    find: '      if (!admission.take(origin, load.bytes)) throw new ProviderError(errorCode.limitExceeded);\n',
    replace: '      admission.take(origin, load.bytes);\n',
    test: [asking, 'R-B8 is refused before anything is kept'],
  },
  {
    name: 'load: the room of a request is never given back',
    find: '.finally(() => admission.give(origin, load.bytes))',
    replace: '',
    test: [asking, 'P3 leaves its parameters with the relay'],
  },
  {
    name: 'load: frames are asked for beyond the share of their origin',
    find: '        if (!admission.take(origin, bytes)) return;\n',
    replace: '        admission.take(origin, bytes);\n',
    test: [asking, 'R-B8 no more frames are asked for than have room'],
  },
  {
    name: 'load: a frame that nobody asked for comes in',
    find: 'if (known && (known.askedBytes === undefined || known.request.method !== method || frame.isHeld)) return;',
    replace: 'if (known && frame.isHeld) return;',
    test: [asking, 'P2 a frame that nobody asked for changes nothing'],
  },
  {
    name: 'load: one task that fails ends the queue',
    find: 'last = result.catch(() => undefined);',
    replace: 'last = result;',
    test: ['src/vault/work/queue.test.ts', 'runs one task at a time, in order, and goes on after one that fails'],
  },
  {
    name: 'load: whoever leaves a line early lets the next pass those in front',
    find: 'const end = before.then(() => left);',
    replace: 'const end = left;',
    test: ['src/vault/work/queue.test.ts', 'law: turns come in the order of entering'],
  },
  {
    name: 'load: keys that were refused are computed again',
    find: '    memory.refusals.set(name, secret, origin);\n',
    replace: '    memory.pairs.get(name);\n',
    test: ['src/vault/keystore/fairness.test.ts', 'R-B8 junk that comes again is known'],
  },
  {
    name: 'load: junk of one site pushes out the peers of another',
    find: 'if (!largest || one[1].size > largest[1].size) largest = one;',
    replace: 'largest ??= one;',
    test: ['src/vault/work/bounded-map.test.ts', 'who has more than a fair part never pushes out'],
  },
  {
    name: 'strangers: each window waits no longer than the one before',
    find: 'now - before.atMs >= waitMs(before.times)',
    replace: 'now - before.atMs >= waitMs(1)',
    test: [strangers, 'R-B8 one in a minute, then 1, 2, 4'],
  },
  {
    name: 'strangers: a thousand names open a window every minute',
    find: ' && times.length < most.hour;',
    replace: ';',
    test: [strangers, 'R-B8 a thousand names get no more than three turns in a minute and twelve in an hour'],
  },
  {
    name: 'strangers: whoever says that it asks again has a turn',
    find: 'if (isAgain && before?.id === id) return true;',
    replace: 'if (isAgain) return true;',
    test: [strangers, 'a request that is sent again because its worker died keeps its turn'],
  },
  {
    name: 'fates: as many are kept as there were requests',
    find: '.slice(-keptAtMost) });',
    replace: ' });',
    test: ['src/vault/consent/approvals/fates.test.ts', 'of a flood the endings of the latest hundred are kept'],
  },
  {
    name: 'fates: a request has two endings',
    find: '(await read()).filter(([id]) => !ids.includes(id))',
    replace: 'await read()',
    test: ['src/vault/consent/approvals/fates.test.ts', 'of a flood the endings of the latest hundred are kept'],
  },
  {
    name: 'judge: a finished identity is shown as a draft',
    find: '  if (known && hasSlots(known) && known.state !== state) return undefined;\n',
    replace: '',
    test: ['src/vault/safe/forged-mirror.test.ts', 'makes no draft of a finished identity, and deletes nothing'],
  },
  {
    name: 'judge: the loss of a safe that was known is called emptiness',
    find: "return { safe: isKnown ? { kind: 'damaged', safeId, account: null } : undefined };",
    replace: 'return { safe: undefined };',
    test: ['src/vault/safe/forged-mirror.test.ts', 'is damage and not emptiness'],
  },
  {
    name: 'domains: a vault_sign begins as a token does',
    find: 'VAULT_SIGN_FIRST_BYTE = 0xff',
    replace: 'VAULT_SIGN_FIRST_BYTE = 0x0a',
    test: ['src/vault/signing-domains.test.ts', 'R-B3 law: begin differently, or are hashed differently'],
  },
  {
    name: 'rows: a copy below garbage is left there',
    find: "return same === undefined || (canBeTopped && (top !== 'same' || above > 0));",
    replace: 'return same === undefined;',
    test: ['src/background/network/node-rows.test.ts', 'R-I3 publishing again puts the copy above garbage'],
  },
  {
    name: 'rows: garbage above a contact is not counted',
    find: '      if (rows.contact) return at + 1;\n      rows.above++;',
    replace: '      if (rows.contact) return at + 1;',
    test: ['src/background/network/node-rows.test.ts', 'R-I3 publishing again puts the contact above garbage'],
  },
  {
    name: 'list room: what a batch itself names goes to make room for it',
    find: '      if (spared.has(name)) continue;\n',
    replace: '',
    test: ['src/vault/lists/sealed-list.test.ts', 'keeps what the batch itself names'],
  },
  {
    name: 'list room: entries go though there is room',
    find: 'missing > 0 ? await choose(wish, missing)',
    replace: 'missing !== 0 ? await choose(wish, missing)',
    test: ['src/vault/lists/sealed-list.test.ts', 'keeps what the batch itself names'],
  },
];
