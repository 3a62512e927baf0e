// Seeded defects of where a capability may be used, how often, and what is asked about it.
import type { Defect } from '../defect';

const laws = 'src/vault/keystore/reach.test.ts';
const bounds = 'src/vault/consent/grant-bounds.test.ts';
const gate = 'src/background/dapps/scope.test.ts';

export const scopeDefects: readonly Defect[] = [
  {
    name: 'scopes: one scope of many is enough',
    find: 'return (place) => groups.every((tests) => tests.some((isReached) => isReached(place)));',
    replace: 'return (place) => groups.some((tests) => tests.some((isReached) => isReached(place)));',
    test: [laws, 'P2 law: messages of V2 are opened and sealed exactly where the grant reaches'],
  },
  {
    name: 'scopes: a host that begins as the site’s is the site’s',
    find: "return (conversationId ?? '').slice(0, longestHost + 1).split('/')[0] ?? '';",
    replace: "return (conversationId ?? '').slice(0, 11);",
    test: [laws, 'P2 law: messages of V2 are opened and sealed exactly where the grant reaches'],
  },
  {
    name: 'scopes: what one site began is every site’s',
    find: 'if (reader.text() === origin) topics.add(reader.text());',
    replace: 'if (reader.text() !== undefined) topics.add(reader.text());',
    test: [laws, 'P2 law: lists, HMAC keys and invitations tell what the grant reaches'],
  },
  {
    name: 'scopes: V1 messages are opened wherever they are from',
    find: 'const checked = await onlyReached(call, readable, ({ agreement }) => placeOfKey(call, agreement.peer.identityKey));\n  const pairs = await pairsFor(call, checked);\n  const outcomes',
    replace:
      'const checked = readable;\n  void [onlyReached, placeOfKey];\n  const pairs = await pairsFor(call, checked);\n  const outcomes',
    test: [laws, 'P2 law: the same of V1, whatever the caller claims'],
  },
  {
    name: 'scopes: invitations of anybody are told',
    find: 'const reached = await onlyReached(call, opened, placeOf);',
    replace: 'const reached = opened;',
    test: [laws, 'P2 law: lists, HMAC keys and invitations tell what the grant reaches'],
  },
  {
    name: 'scopes: an invitation is made for anybody',
    find: 'if (!mayTouch) {',
    replace: 'if (mayTouch === undefined) {',
    test: [laws, 'P2 with people or in conversations that were not chosen, nothing is begun and nothing saved'],
  },
  {
    name: 'scopes: lists tell all there is',
    find: 'if (isMeant && !isMeant(decodeConversationReference(encoded))) return;',
    replace: '',
    test: [laws, 'P2 law: lists, HMAC keys and invitations tell what the grant reaches'],
  },
  {
    name: 'scopes: HMAC keys are for all that is known',
    find: 'const conversations = [...known].filter((_one, index) => reached[index]);',
    replace: 'const conversations = [...known].filter((_one, index) => reached[index] !== undefined);',
    test: [laws, 'P2 law: lists, HMAC keys and invitations tell what the grant reaches'],
  },
  {
    name: 'scopes: envelopes go anywhere',
    find: 'if ((await reaches(call, places)).includes(false)) throw new KeystoreRefusal(3);',
    replace: '',
    test: [laws, 'P2 law: envelopes go to conversations of the grant only'],
  },
  {
    name: 'scopes: a wider scope is within a narrower one',
    find: "if (outer.of === 'site') return inner.of === 'site';",
    replace: "if (outer.of === 'site') return true;",
    test: [bounds, 'P2 is never wider than was asked, and names somebody'],
  },
  {
    name: 'scopes: a token is given beside a narrower scope',
    find: "return capability !== 'network.token' || reachesAll(grant);",
    replace: 'return true;',
    test: [bounds, 'P2 a token is given only where everything is reached'],
  },
  {
    name: 'scopes: a grant whose names do not open names nobody and is one',
    find: 'if (isGood && entry.isGenuine === undefined) isGood = await openNames(entry);',
    replace: '',
    test: [bounds, 'P2 is what the person gave, in this worker and the next'],
  },
  {
    name: 'scopes: a decision in one part answers everywhere',
    find: '.filter((one) => holdsEverywhere(grant, one))',
    replace: '',
    test: [bounds, 'P2 holds in its own part only'],
  },
  {
    name: 'scopes: what is used up is given on',
    find: 'if (left === null || left <= 0) return null;',
    replace: 'if (left === null) return null;',
    test: [bounds, 'P2 once is once, for every capability'],
  },
  {
    name: 'scopes: a connection is answered with what was used up',
    find: 'const held = grant.capabilities.filter((one) => !isSpentFor(grant, one));',
    replace: 'const held = [...grant.capabilities];',
    test: [bounds, 'P2 once is once, for every capability'],
  },
  {
    name: 'scopes: an edit adds a capability',
    find: "if (named.some((one) => !grant.capabilities.some((held) => held === one))) throw new VaultError('invalid-input');",
    replace: '',
    test: [bounds, 'P2 gives no capability that the site did not get'],
  },
  {
    name: 'scopes: what was narrowed meanwhile is released',
    find: "if (before !== null && (bounds.scope === null || !isWithin(before, bounds.scope))) throw new VaultError('stale');",
    replace: '',
    test: [gate, 'P2 law: a narrowing, a widening, a revocation or a lock at any moment'],
  },
  {
    name: 'scopes: an answer for one conversation covers a request for more',
    find: 'return inside.length === 0 || !(await reaches(call, inside, [scopes])).includes(false);',
    replace: 'return inside.length === 0 || (await reaches(call, inside, [scopes])).includes(true);',
    test: [gate, 'P2 a card that names one conversation answers that conversation, and every other asks'],
  },
  {
    name: 'scopes: a card gives what it does not offer',
    find: "(decision.scope === 'granted' || shown.facts.offers?.includes(decision.scope) === true)",
    replace: 'decision.scope.length > 0',
    test: [gate, 'P2 a decision that the card does not offer is refused, and just once is once'],
  },
  {
    name: 'scopes: a part of a list is answered as often as it comes',
    find: 'if (by !== undefined) return by === requestId ? answered : undefined;',
    replace: 'if (by !== undefined) return answered;',
    test: ['src/background/dapps/using/wholes.test.ts', 'P2 law: each is answered once, only those that were declared'],
  },
  {
    name: 'scopes: a list in parts has more items than it was asked about',
    find: 'if (part.count > whole.itemsLeft) return undefined;',
    replace: '',
    test: ['src/background/dapps/using/wholes.test.ts', 'P2 law: each is answered once, only those that were declared'],
  },
  {
    name: 'scopes: a list that one site was asked about is answered to another',
    find: 'JSON.stringify([origin, documentKey, safeId, sessionId, capability, method, given, digest]);',
    replace: 'JSON.stringify([documentKey, safeId, sessionId, capability, method, given, digest, origin.length > 0]);',
    test: ['src/background/dapps/using/wholes.test.ts', 'P2 law: each is answered once, only those that were declared'],
  },
  {
    name: 'scopes: a message opens under the header of another conversation',
    find: 'const reached = await onlyReached(call, items, placeOfMessage(conversations));',
    replace: 'const reached = await onlyReached(call, items, placeIn(conversations));',
    test: [
      'src/vault/keystore/reach.test.ts',
      'P2 law: a message under the header of another conversation is opened nowhere that the grant is bounded, though both have one key',
    ],
  },
  {
    name: 'scopes: a site begins what names another site',
    find: "isNew: !(conversationId ?? '').includes('/')",
    replace: 'isNew: true',
    test: [
      'src/vault/keystore/reach.test.ts',
      'P2 is not what names another site, though this vault does not know it yet: others may find it there',
    ],
  },
  {
    name: 'scopes: a card is carried out wherever the grant reaches by then',
    find: '...(within && { parts: [within] }),',
    replace: '...(within && {}),',
    test: [gate, 'P2 is carried out in what it described, however far the grant reaches by then'],
  },
  {
    name: 'scopes: the same request is free after its answer',
    find: "const after = { ...bounds, used: { ...bounds.used, last: '' } };",
    replace: 'const after = bounds;',
    test: [gate, 'P2 the same request under the same id, sent again after its answer, is another use'],
  },
  {
    name: 'scopes: an answer leaves unjudged',
    find: 'await outcome.mayLeave?.();',
    replace: 'void outcome.mayLeave;',
    test: [
      'src/background/dapps/interleavings.test.ts',
      'P2 law: no result outside the grant as it stands when it is released',
    ],
  },
  {
    name: 'scopes: what is answered on a card leaves unjudged',
    find: 'await answer.mayLeave?.();',
    replace: 'void answer.mayLeave;',
    test: [gate, 'P2 and judged as its answer leaves'],
  },
  {
    name: 'consent: a grant of the moment of a block stays',
    find: 'if (!mayStand()) {\n          await write(',
    replace: 'if (false as boolean) {\n          await write(',
    test: ['src/vault/consent/grants.test.ts', 'in the moment of a block'],
  },
  {
    name: 'consent: identity texts share an answer',
    find: "    case 'sign':\n    case 'token':\n      return b.kind === a.kind",
    replace: "    case 'sign':\n    case 'v3':\n    case 'token':\n      return b.kind === a.kind",
    test: ['src/contract/pages/cards/joining.test.ts', 'of one site, identity and kind only'],
  },
  {
    name: 'volume: what is usual is the fullest day',
    find: 'return before.toSorted((a, b) => a - b)[Math.floor((before.length - 1) / 2)];',
    replace: 'return before.toSorted((a, b) => a - b).at(-1);',
    test: [
      'src/vault/consent/volume/volume.test.ts',
      'that read everything at first has the habit of the days after it',
    ],
  },
  {
    name: 'volume: a site without a habit is braked',
    find: 'if (before.length < volume.leastDays) return undefined;',
    replace: 'if (before.length < 1) return undefined;',
    test: ['src/vault/consent/volume/volume.test.ts', 'is never asked about, however much it reads at first'],
  },
  {
    name: 'volume: counts of a site that can be asked about are written once a second only',
    find: 'written.items * 10 >= mostUnasked(days, of.capability, today)',
    replace: 'written.items < 0',
    test: ['src/vault/consent/volume/volume.test.ts', 'soon enough of one that can'],
  },
  {
    name: 'volume: a pause dies with the worker',
    find: 'if (isNew) await save();',
    replace: 'if (isNew) await Promise.resolve();',
    test: ['src/vault/consent/volume/volume.test.ts', 'outlives the worker with its figures'],
  },
  {
    name: 'rejections: pages are told before it can be undone',
    find: 'held.set(id, { records, untilMs, timer: setTimeout(over, undoMs) });',
    replace: 'held.set(id, { records, untilMs, timer: setTimeout(over, 0) });',
    test: [
      'src/background/dapps/rejections.test.ts',
      'ends what waits at once, and tells its pages when it can no longer be taken back',
    ],
  },
  {
    name: 'scopes: not asking, chosen afterwards, reaches beyond the grant',
    find: 'const scopeOf = (capability: TimedCapability) => boundsOf(grant, capability)?.scope ?? null;',
    replace: "const scopeOf = (_capability: TimedCapability) => ({ of: 'all' }) as const;",
    test: [
      'src/vault/consent/grant-bounds.test.ts',
      'P2 without asking is as far as the grant goes after the change, for messages only, and until then',
    ],
  },
  {
    name: 'scopes: people are offered that the site did not ask for',
    find: 'return all.filter((account) => allowed.has(account.toLowerCase()));',
    replace: 'return all;',
    test: [
      'src/ui/people.test.ts',
      'people to choose from: those that are not in the book first, each once, and only those a site asked for where it named some',
    ],
  },
  {
    name: 'parts: a list that was not declared is asked about piece by piece',
    find: 'if (toBeDeclared && (!isAnswered || hasBudget(grant, capability))) throw mustBeDeclared();',
    replace: 'if (toBeDeclared && hasBudget(grant, capability)) throw mustBeDeclared();',
    test: ['src/background/dapps/scope.test.ts', 'P2 that is not declared is answered only where nobody is asked'],
  },
];
