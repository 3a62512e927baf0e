// Seeded defects of who may speak, to whom, and with which node, and of a press that must count.
import type { Defect } from '../defect';

export const gateDefects: readonly Defect[] = [
  {
    name: 'browser: another extension is a page of ours',
    find: 'if (!sender || sender.id !== self.id) return undefined;',
    replace: 'if (!sender) return undefined;',
    test: ['src/background/browser/sender.test.ts', 'another extension id'],
  },
  {
    name: 'browser: a frame inside a page asks in its name',
    find: 'if (sender.frameId !== 0 || sender.tab?.id === undefined) return undefined;',
    replace: 'if (sender.tab?.id === undefined) return undefined;',
    test: ['src/background/browser/sender.test.ts', 'R-A2 frames are refused'],
  },
  {
    name: 'browser: a document that is not shown asks',
    find: "if (sender.documentLifecycle !== undefined && sender.documentLifecycle !== 'active') return undefined;",
    replace: '',
    test: ['src/background/browser/sender.test.ts', 'R-A7 a prerendered document is refused'],
  },
  {
    name: 'browser: an address that begins as ours is ours',
    find: 'if (!url.href.startsWith(`${self.origin}/`)) return undefined;',
    replace: 'if (!url.href.startsWith(self.origin)) return undefined;',
    test: ['src/background/browser/sender.test.ts', 'look-alike host'],
  },
  {
    name: 'browser: an update cuts off who is deciding',
    find: 'if (nowMs() < endMs && (await isBusy())) return',
    replace: 'if (nowMs() < 0 && (await isBusy())) return',
    test: [
      'src/background/browser/updates.test.ts',
      'R-G5 waits while something is open, also over a restart of the worker, and starts when it has ended',
    ],
  },
  {
    name: "browser: a tab of the person's is taken for our window",
    find: 'if (isOurs) return { tabId: kept.tabId, windowId: tab.windowId };',
    replace: 'return { tabId: kept.tabId, windowId: tab.windowId };',
    test: [
      'src/background/browser/windows.test.ts',
      'R-C10 the person went on to another page in our tab: it is neither closed, nor raised, nor led elsewhere',
    ],
  },
  {
    name: 'browser: a window closes over a request',
    find: 'if (await isNeeded()) return false;',
    replace: '',
    test: [
      'src/background/browser/windows.test.ts',
      'the approval window does not close over a request; one that closes is forgotten, so that the next request opens another',
    ],
  },
  {
    name: 'pages: a call that no row lists is run',
    find: "if (typeof method !== 'string' || !Object.hasOwn(pageMethods, method)) throw",
    replace: "if (typeof method !== 'string' || !(method in pageMethods)) throw",
    test: [
      'src/background/pages/ports.test.ts',
      'R-A4 a call that no row lists is refused, also by a name that every object has',
    ],
  },
  {
    name: 'pages: a locked identity approves',
    find: "if (identity?.status !== 'unlocked') throw new VaultError(identity ? 'locked' : 'not-found');",
    replace: '',
    test: ['src/background/pages/handlers.test.ts', 'P2 a card is approved only while its identity is open'],
  },
  {
    name: 'pages: parameters that do not fit their row are run',
    find: "if (!parsed.success) throw new VaultError('invalid-input');",
    replace: '',
    test: [
      'src/background/pages/ports.test.ts',
      'R-B4 parameters that do not fit their row are refused, and nothing is run',
    ],
  },
  {
    name: 'pages: a name that is one slip away is not warned about',
    find: 'if (Math.min(otherLatin.length, latin.length) >= 8 && isOneSlipAway(otherLatin, latin)) return other;',
    replace: '',
    test: ['src/background/pages/look-alike.test.ts', 'is taken for'],
  },
  {
    name: 'pages: the text of an inside error reaches a page',
    find: "return { reason: 'internal' };\n}",
    replace: "return { reason: 'internal', detail: String(error) };\n}",
    test: [
      'src/background/pages/ports.test.ts',
      'an error of the inside reaches a page of ours without its text, and a refusal with its reason',
    ],
  },
  {
    name: 'node: a node that the browser was not given is asked',
    find: "if (!(await mayReach(hostPattern(url)))) throw new VaultError('no-network');",
    replace: '',
    test: [
      'src/background/network/publishing.test.ts',
      'R-J2 without a node, or without the permission for its host, nothing is fetched',
    ],
  },
  {
    name: 'node: a copy is called saved that a second signature does not open',
    find: "if (judged !== 'same') throw new VaultError('unsteady-wallet');",
    replace: '',
    test: [
      'src/background/network/publishing.test.ts',
      'R-I2 a wallet that signs differently each time is found out, and nothing is called saved',
    ],
  },
  {
    name: 'node: a copy that is not ours is replaced without a word',
    find: "if (there.top === 'other') mustBeConfirmed(account, typed);",
    replace: '',
    test: [
      'src/background/network/publishing.test.ts',
      'R-I4 one that is not ours is replaced only after a typed confirmation',
    ],
  },
  {
    name: 'node: any text confirms',
    find: "if (!isConfirmedBy(account, typed)) throw new VaultError('not-confirmed');",
    replace: '',
    test: [
      'src/background/network/publishing.test.ts',
      'R-I4 of another identity of the account is replaced only after a typed confirmation',
    ],
  },
  {
    name: 'node: a rotation replaces the contact of another identity',
    find: "if (verdict === 'other-identity' && !isConfirmed) {",
    replace: "if (verdict === 'other-identity' && false) {",
    test: [
      'src/background/network/rotate.test.ts',
      'R-I4 a contact of another identity stops it until the person has confirmed that ours replaces it',
    ],
  },
  {
    name: 'node: leaving a node ends nothing',
    find: 'for (const [left, url] of underWay) if (url !== next) left.abort();',
    replace: '',
    test: [
      'src/background/network/node-swap.test.ts',
      'so does using no network, and another setting leaves what is under way alone',
    ],
  },
  {
    name: 'dapps: a list and its only item have one digest',
    find: "return [...withLength('a', encoder.encode(String(value.length))), ...value.flatMap(parts)];",
    replace: 'return value.flatMap(parts);',
    test: [
      'src/background/dapps/digest.test.ts',
      'R-C3 a list is not what is in it, and where one list ends is part of what is shown',
    ],
  },
  {
    name: 'notices: a site that is held back is told of',
    find: 'if (!isHeld) onWaits?.(origin);',
    replace: 'onWaits?.(origin);',
    test: [
      'src/background/browser/prompts.test.ts',
      'R-B8 a hundred sub-domains open three windows in a minute, and no more are told of',
    ],
  },
  {
    name: 'notices: a burst is told of with each request',
    find: 'if (!isOver || recent.length >= mostInMinute) return;',
    replace: 'if (recent.length > mostInMinute) return;',
    test: [
      'src/background/browser/notices.test.ts',
      'a burst of one site is one notification, which names the origin and goes with the last answer',
    ],
  },
  {
    name: 'notices: one comes over our own window',
    find: ' || (await isInFront())) return;',
    replace: ') return;',
    test: [
      'src/background/browser/notices.test.ts',
      'none while a window of ours is in front, without the permission, or for what was answered or held back meanwhile',
    ],
  },
  {
    name: 'windows: the approval window is placed as if there were one monitor',
    find: 'top: Math.round(top + Math.min(belowTabs, room.down)),',
    replace: 'top: Math.max(0, Math.round(top + Math.min(belowTabs, room.down))),',
    test: [
      'src/background/browser/windows.test.ts',
      'the approval window comes up within the window of the asking tab',
    ],
  },
  {
    name: 'pages: what was read is drawn between the end of a press and its click',
    find: '    up: () => endsIn(clickMs),',
    replace: '    up: end,',
    test: ['src/ui/worker/press.test.ts', 'what arrives between down and up is drawn after the click, not with the up'],
  },
  {
    name: 'panel: the side panel rejects for the person',
    find: "pages: ['approval', 'popup'],",
    replace: "pages: ['approval', 'popup', 'panel'],",
    test: [
      'src/background/pages/ports.test.ts',
      'R-C1 popup and side panel decide nothing: what decides, unlocks, changes keys or gives a way out takes their word for nothing',
    ],
  },
];
