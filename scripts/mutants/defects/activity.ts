// Seeded defects of the log, of what is said of it, and of taking back the end of a grant.
import type { Defect } from '../defect';

const chain = 'src/vault/activity/chain.test.ts';
const withdrawn = 'src/vault/consent/withdrawn.test.ts';
const csv = 'src/ui/vault/activity/csv.test.ts';
const bursts = 'src/ui/vault/activity/bursts.test.ts';

export const activityDefects: readonly Defect[] = [
  {
    name: 'activity: a line that is missing between two others is no gap',
    find: 'if (missing > 0) return { missing };\n  if (!row.line) return null;',
    replace: 'if (!row.line) return null;',
    test: [chain, 'R-K1 a line that is missing shows'],
  },
  {
    name: 'activity: a line of another copy of the disk fits',
    find: 'return expected && !equalBytes(expected, row.line.previous) ? { missing: 0 } : null;',
    replace: 'return null;',
    test: [chain, 'R-K1 a line that is not of this chain shows'],
  },
  {
    name: 'activity: the numbers of lines that were taken from the end are given out again',
    find: 'last: Math.max(newest?.sequence ?? 0, known?.last ?? 0) };',
    replace: 'last: newest?.sequence ?? 0 };',
    test: [chain, 'in numbers that are not given out again'],
  },
  {
    name: 'activity: whose a line is can be changed',
    find: 'const hashed = lengthPrefixed(labels.activityLink, u64(sequence), by, plain);',
    replace: 'const hashed = lengthPrefixed(labels.activityLink, u64(sequence), by.subarray(by.length), plain);',
    test: [chain, 'whose a line is cannot be changed'],
  },
  {
    name: 'activity: a state that is gone is taken for none',
    find: 'isLost: head !== undefined || hasChainedLine };',
    replace: 'isLost: false };',
    test: [chain, 'the state taken away or changed is told'],
  },
  {
    name: 'activity: the list of what was removed is believed without the state',
    find: "if (!equalBytes(await sha256(bytes), digest)) throw new VaultError('damaged');",
    replace: '',
    test: [chain, 'lines that went to make room are counted as that'],
  },
  {
    name: 'activity: what went for want of room is a gap',
    find: 'return last < from ? 0 : last - from + 1 - countWithin(removed, from, last);',
    replace: 'return last < from ? 0 : last - from + 1;',
    test: [chain, 'lines that went to make room are counted as that'],
  },
  {
    name: 'activity: age takes the beginning of the chain along',
    find: 'from: through + 1, anchor: link ?? head.anchor };',
    replace: 'anchor: link ?? head.anchor };',
    test: [chain, 'lines older than 90 days go, are told apart from a gap'],
  },
  {
    name: 'activity: a worker writes on from where the log no longer ends',
    find: "  if (!isSame) throw new VaultError('storage-failed');",
    replace: '  void isSame;',
    test: [chain, 'another worker that wrote meanwhile is gone on from'],
  },
  {
    name: 'activity: acts of a person are joined',
    find: 'const name = isOfSite(act) ? JSON.stringify([epoch, origin, method, purpose, outcome]) : one;',
    replace: 'const name = JSON.stringify([epoch, origin, method, purpose, outcome]);',
    test: [chain, 'no act of a person is joined'],
  },
  {
    name: 'undo: a grant comes back over a newer one',
    find: 'if (entries.get(entry.grant) || !mayCome()) return false;',
    replace: 'if (!mayCome()) return false;',
    test: [withdrawn, 'never comes over a newer grant'],
    equivalent: 'whoever gives a grant has dropped what could come back in its place: this is the second of two walls',
  },
  {
    name: 'undo: a grant comes back in the place of one that was given and ended since',
    find: '    withdrawn.drop((one) => one.safeId === safeId && one.origin === origin);\n',
    replace: '',
    test: [withdrawn, 'never comes over a newer grant'],
  },
  {
    name: 'undo: has no end',
    find: 'host.nowMs() >= atMs && host.nowMs() <= atMs + undoMs;',
    replace: 'host.nowMs() >= atMs;',
    test: [withdrawn, 'ends with its time'],
  },
  {
    name: 'undo: brings back what a lock has ended',
    find: 'holds(currentGrant(entry), { nowMs: host.nowMs(), sessionId, runId: store.runId() });',
    replace: 'sessionId !== null;',
    test: [withdrawn, 'or the time has ended meanwhile'],
  },
  {
    name: 'undo: brings back the grants of an identity that was forgotten',
    find: '    withdrawn.drop(isMeant);\n',
    replace: '',
    test: [withdrawn, 'or the time has ended meanwhile'],
  },
  {
    name: 'csv: a formula behind white space is carried out',
    find: 'const formula = /^[\\s\\p{Cc}\\p{Cf}"]*',
    replace: 'const formula = /^',
    test: [csv, 'R-K2 formulas'],
  },
  {
    name: 'csv: a formula behind a semicolon is carried out',
    find: 'const inside = text.replace(insideFormula, "$1\'");',
    replace: 'const inside = text;',
    test: [csv, 'R-K2 formulas'],
  },
  {
    name: 'csv: a quote ends its cell',
    find: "harmless(text).replaceAll('\"', '\"\"')",
    replace: 'harmless(text)',
    test: [csv, 'law: whatever a site writes'],
  },
  {
    name: 'activity page: a burst hides a gap',
    find: '      running.clear();\n',
    replace: '',
    test: [bursts, 'law: every chosen line is in exactly one burst'],
  },
];
