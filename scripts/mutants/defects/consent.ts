// Seeded defects of approvals, grants and how long they hold.
import type { Defect } from '../defect';

const model = 'src/vault/consent/approvals/approvals.model.test.ts';
const modelLaw = 'P2 P3 any order of acts, restarts and stops keeps the laws';

export const consentDefects: readonly Defect[] = [
  {
    name: 'consent: an answer to several decides what was not listed so',
    find: 'return shown && card?.digest === digest && card.nonce === nonce ?',
    replace: 'return shown && card?.digest === digest ?',
    test: [model, modelLaw],
  },
  {
    name: 'consent: requests of two sites get one answer',
    find: '  if (one.origin !== other.origin) return false;\n',
    replace: '',
    test: [model, 'P2 R-C3 one answer never reaches another site'],
  },
  {
    name: 'consent: a block is forgotten with the worker',
    find: 'consent.quiet.load(), ',
    replace: '',
    test: [
      'src/vault/store/quiet.test.ts',
      'R-B7 a block and a mute outlive the worker and the browser, and are undone by the person only',
    ],
  },
  {
    name: 'consent: what waited when a worker died in a block is shown',
    find: ' && quietOf(record.origin) === undefined',
    replace: '',
    test: [
      'src/background/dapps/quiet.test.ts',
      'P3 a worker that died right after the block was written shows and answers nothing of it either',
    ],
  },
  {
    name: 'approval: a card that changed counts as read',
    find: 'seenAtMs: undefined, disturbedAtMs: nowMs',
    replace: 'disturbedAtMs: nowMs',
    test: [
      'src/ui/approval/arming.test.ts',
      'R-C2 reaching the end of a card counts once, 500 ms before a press and not during one; a card that changed starts anew',
    ],
  },
  {
    name: 'consent: a card that changed is approved by its old number',
    find: 'card?.digest === digest && card.nonce === nonce ?',
    replace: 'card?.digest === digest ?',
    test: ['src/vault/consent/approvals/approvals.test.ts', 'R-C3 counts only for exactly the card that was shown'],
  },
  {
    name: 'consent: a grant outlives its time',
    find: 'if (moment.nowMs >= endMs(grant)) return true;',
    replace: '',
    test: ['src/vault/consent/grants.test.ts', 'R-B7 lapses after 30 days without use, whatever the duration'],
  },
  {
    name: 'consent: a grant until the lock outlives it',
    find: "if (grant.duration === 'until-locked') return grant.sessionId !== moment.sessionId;",
    replace: "if (grant.duration === 'until-locked') return false;",
    test: [
      'src/vault/consent/grants.test.ts',
      'ends with the lock, also when the worker died before it could remove anything',
    ],
  },
  {
    name: 'consent: a clock that was set back brings grants to life',
    find: 'return !hasEnded(grant, moment) && moment.nowMs >= lastSignMs(grant) - clockToleranceMs;',
    replace: 'return !hasEnded(grant, moment);',
    test: [
      'src/vault/consent/grants.test.ts',
      'R-F5 holds nothing while the clock is behind the grant or its last use, and again when it is right',
    ],
  },
  {
    name: 'consent: a grant for one request serves another document',
    find: "return grant.duration !== 'once' || documentKey === undefined || grant.documentKey === documentKey;",
    replace: 'return true;',
    test: ['src/vault/consent/grants.test.ts', 'holds in the document that asked only'],
  },
  {
    name: 'consent: what a card answered is executed for ever',
    find: 'if (record.attempts >= maxAttempts) {',
    replace: 'if (record.attempts < 0) {',
    test: [
      'src/vault/consent/approvals/approvals.test.ts',
      'R-G1 begins once in one worker, once more in the next, and never a third time',
    ],
  },
  {
    name: 'consent: any number of requests share a card',
    find: "if (twin.requestIds.length >= limits.joinedRequests) throw new VaultError('limit');",
    replace: '',
    test: ['src/vault/consent/approvals/approvals.test.ts', 'R-B8 shares one card with a bounded number of others'],
  },
  {
    name: 'consent: an approval runs that another document asked for',
    find: "(['digest', 'method', 'documentKey', 'origin'] as const)",
    replace: "(['digest', 'method', 'origin'] as const)",
    test: [
      'src/vault/consent/approvals/approvals.test.ts',
      'R-B8 joins identical requests of one document, and only those',
    ],
  },
  {
    name: 'consent: more is given than was asked',
    find: 'isNarrowerOrEqual(decision.capabilities, shown.capabilities) &&',
    replace: '',
    test: [
      'src/vault/consent/approvals/approvals.test.ts',
      'P2 must be of the kind that was asked, and gives no more than was asked',
    ],
  },
  {
    name: 'consent: a decision to remember outlives its time',
    find: "return until === 'until-locked' ? sessionId === moment.sessionId : moment.nowMs < until;",
    replace: "return until === 'until-locked' ? sessionId === moment.sessionId : true;",
    test: ['src/vault/consent/grants.test.ts', 'are told as long as they count, and as nothing to go by afterwards'],
  },
  {
    name: 'consent: a site over http gets a grant',
    find: "return protocol === 'https:' || (protocol === 'http:' && (hostname === 'localhost' || hostname === '127.0.0.1'));",
    replace: "return protocol === 'https:' || protocol === 'http:';",
    test: ['src/background/browser/sender.test.ts', 'R-A1 refused:'],
  },
];
