// Seeded defects of the gate.
import type { Defect } from '../defect';

const router = 'src/background/dapps/router.test.ts';
const asking = 'src/background/dapps/asking-again.test.ts';

const quiet = 'src/background/dapps/quiet.test.ts';

export const backgroundDefects: readonly Defect[] = [
  {
    name: 'what was under way when a site was blocked is answered',
    find: "quietOf(request.dapp.origin) === 'blocked' ? asToStranger(request.method, outcome) : outcome",
    replace: 'outcome',
    test: [
      'src/background/dapps/open-requests.test.ts',
      'P2 R-B6 what leaves while the site is blocked is what a stranger gets, whatever was made before',
    ],
  },
  {
    name: 'what waits of a site goes on waiting when it is muted or blocked',
    find: '      await endings.rejectAll(origin);\n',
    replace: '',
    test: [quiet, 'P2 R-B7 what waits is rejected, and what it had is back unchanged when it is undone'],
  },
  {
    name: 'what runs is compared with a copy of what was approved',
    find: 'known.digest === (await call.digest())',
    replace: 'known.digest === known.digest',
    test: [asking, 'P2 R-C3 other parameters than those that were approved are refused'],
  },
  {
    name: 'a click counts for a frame that was asked for again',
    find: 'if (known) known.request.isClicked = false;',
    replace: '',
    test: [
      'src/background/dapps/ports.test.ts',
      'a click counts for a frame that comes from the page now, not for one that the relay held or was asked for again',
    ],
  },
  {
    name: 'a closed window comes back without a click',
    find: 'if (!isBehind || isClicked) {',
    replace: 'if (true) {',
    test: ['src/background/browser/prompts.test.ts', 'comes back with the next request of a '],
  },
  {
    name: 'clicks of strangers bring up windows without a bound',
    find: 'if (isClicked && hasRoomIn(clickedAtMs, clickedTurns)) {',
    replace: 'if (isClicked) {',
    test: [
      'src/background/browser/stranger-turns.test.ts',
      'R-B8 a click brings a window back at once and costs none of the other turns, six times in a minute and thirty in an hour',
    ],
  },
  {
    name: 'a stranger is told how many of its requests wait',
    find: 'grants.length === 0 ? 0 : await',
    replace: 'await',
    test: [
      'src/background/dapps/connect.test.ts',
      'R-B6 a document with a grant is told how many of its own requests wait; a stranger, another document and a locked identity 0',
    ],
  },
  {
    name: 'what begins is compared with a copy of what was approved',
    find: 'vault.approvals.begin(id, await call.digest())',
    replace: "vault.approvals.begin(id, (await vault.approvals.get(id))?.digest ?? '')",
    test: [asking, 'P2 R-C3 other parameters than those that were approved are refused'],
    equivalent: 'the router has compared the digest of the same frame a moment before: this is the second of two walls',
  },
  {
    name: 'a page of ours reaches rows that do not list it',
    find: "    if (!(row.pages as readonly string[]).includes(page.page)) throw new VaultError('invalid-input', 'page');\n",
    replace: '',
    test: ['src/background/pages/ports.test.ts', 'reaches exactly the rows that list it'],
  },
  {
    name: 'a grant that ended while the node was asked still publishes',
    find: '      await mustStillBeGranted();\n',
    replace: '',
    test: [
      'src/background/network/dapp-publisher.test.ts',
      'P2 a grant that ends while the node is asked publishes nothing more',
    ],
  },
  {
    name: 'an inside error reaches a page with its text',
    find: '  return new ProviderError(errorCode.internal).toShape();\n}',
    replace: '  return { ...new ProviderError(errorCode.internal).toShape(), message: String(error) };\n}',
    test: [router, 'R-B6 an error of the inside reaches a page without its text'],
  },
  {
    name: 'a document that is gone is still answered',
    find: 'if (request.dapp.documentKey === documentKey) attached.delete(request.id);',
    replace: 'void request;',
    test: [router, 'R-A6 a document that is gone hears nothing of what is ended later'],
  },
  {
    name: 'a locked identity is in the list of accounts',
    find: '(await verifiedGrants(request)).map((grant) => grant.account)',
    replace: '(await vault.grants.find(request.dapp.origin, request.dapp.documentKey)).map((grant) => grant.account)',
    test: [router, 'R-B6 an identity that is locked is in no list of accounts or permissions'],
  },
  {
    name: 'a placed copy is not compared with what the node gives back',
    find: "  if (!(await hasOurs(sameTime))) throw new VaultError('bad-answer');\n",
    replace: '  void sameTime;\n',
    test: [
      'src/background/network/publishing.test.ts',
      'R-I2 a node that keeps nothing, or gives back something else, is not believed',
    ],
  },
  {
    name: 'the approval window stays open at a lock',
    find: 'if (closed.length > 0) await windows.closeApproval()',
    replace: 'if (closed.length < 0) await windows.closeApproval()',
    test: ['src/background/pages/unlock-watch.test.ts', 'R-C10 the approval window closes at a lock'],
  },
  {
    name: 'a page publishes to the node that is set when its card is approved',
    find: 'nodeUrl: nodeUrl ?? (await node.environment())?.url',
    replace: 'nodeUrl: (await node.environment())?.url ?? nodeUrl',
    test: [
      'src/background/network/dapp-publisher.test.ts',
      'R-I1 is the one that is published to, or none: another that is set meanwhile gets nothing',
    ],
  },
  {
    name: 'what shared a card that another decision answered goes to any node',
    find: '    if (nodeUrl !== undefined) await publisher.fix(waiting.requestIds, { origin: waiting.origin, nodeUrl });\n',
    replace: '',
    test: [
      'src/background/network/dapp-publisher.test.ts',
      'R-I1 is that of whatever shares the card, also where the decision about another card answers them',
    ],
  },
  {
    name: 'a request that shares a card is published as one of its own',
    find: 'const meant = { requestId: id, nodeUrl',
    replace: 'const meant = { requestId: request.id, nodeUrl',
    test: [
      'src/background/network/dapp-publisher.test.ts',
      'P3 a worker that goes on with another of the requests that share a card publishes the same row',
    ],
  },
  {
    name: 'a request that came without a node goes to the one set later',
    find: "      if (at === undefined) throw new VaultError('no-network');\n",
    replace: '',
    test: [
      'src/background/network/dapp-publisher.test.ts',
      'R-J2 without one a request is refused at once, and for good',
    ],
  },
  {
    name: 'rows above a contact that a page published are not told',
    find: 'if (notice !== undefined && (await isFirstTime(',
    replace: 'if (notice === undefined && (await isFirstTime(',
    test: ['src/background/network/page-contact.test.ts', 'the person is told at once, and once'],
  },
  {
    name: 'a relay that comes back says nothing of it',
    find: "  if (document.head || document.readyState !== 'loading') toPage({ restarted: true });\n",
    replace: '',
    test: ['src/bridge/restart.test.ts', 'what waited ends with 4900 within a second, and the page is heard again'],
  },
  {
    name: 'a provider that hears of another relay goes on waiting',
    find: '      if (looking) gone();\n',
    replace: '',
    test: ['src/bridge/restart.test.ts', 'what waited ends with 4900 within a second, and the page is heard again'],
  },
  {
    name: 'faces: a script is laid without the permission of the browser',
    find: 'if (!(await isPermitted(origin))) {',
    replace: 'if (isPermitted === undefined) {',
    test: [
      'src/background/browser/faces.test.ts',
      'R-J2 lays nothing and stores nothing without the permission of the browser',
    ],
  },
  {
    name: 'faces: an update leaves a site without its script',
    find: 'if (missing.length > 0) await api.registerContentScripts(missing);',
    replace: 'if (left.length > 0 && missing.length > 0) await api.registerContentScripts(missing);',
    test: [
      'src/background/browser/faces.test.ts',
      'an update of the extension clears the scripts, and the next start lays them again',
    ],
  },
];
