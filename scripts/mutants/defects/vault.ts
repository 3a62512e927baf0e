// Seeded defects of the safe.
import type { Defect } from '../defect';

const forged = 'src/vault/safe/forged-mirror.test.ts';
const wiped = 'src/vault/wiped.test.ts';
const archive = 'src/vault/archive/archive.test.ts';
const archives = 'src/background/pages/archive-handlers.test.ts';
const durable = [
  'src/vault/durability.test.ts',
  'R-H1 safes, their deletion, and grants are written strictly',
] as const;

export const vaultDefects: readonly Defect[] = [
  {
    name: 'the root secret of an enrolment is left in memory',
    find: 'rootSecret.fill(0);\n      draftSecret.fill(0);',
    replace: 'draftSecret.fill(0);',
    test: [wiped, 'an enrolment leaves none of its secrets in memory'],
  },
  {
    name: 'the root secret of a restored session is left in memory',
    find: 'const rootKey = await importRootKey(rootSecret);\n    rootSecret.fill(0);',
    replace: 'const rootKey = await importRootKey(rootSecret);',
    test: [wiped, 'a restart of the worker leaves none of its secrets in memory'],
  },
  {
    name: 'the next root secret is left in memory after a change of epoch',
    find: '      next.rootSecret.fill(0);\n      if (!isKept)',
    replace: '      if (!isKept)',
    test: [wiped, 'another root key leaves none of its secrets in memory'],
  },
  {
    name: 'what must be on the disk is written without strict durability',
    find: "'readwrite', 'strict', job",
    replace: "'readwrite', 'relaxed', job",
    test: durable,
  },
  {
    name: 'a grant is written without strict durability',
    find: '(isUse ? writeRelaxed : writeStrict)',
    replace: '(isUse ? writeStrict : writeRelaxed)',
    test: durable,
  },
  {
    name: 'a backup file is handed out that was not compared with what was put in',
    find: 'const isSame = back !== undefined && equalBytes(back, plainSecret);',
    replace: 'const isSame = back !== undefined;',
    test: ['src/vault/backup/fault.test.ts', 'R-I5 a file that does not give back what was put in is not handed out'],
  },
  {
    name: 'a lock leaves what was approved and not yet begun',
    find: 'approvals.interruptApproved(safeId), ',
    replace: '',
    test: ['src/background/dapps/router.test.ts', 'R-F3 a lock ends what was approved and not yet begun'],
  },
  {
    name: 'the port is no part of a grant in look-ups',
    find: 'of: (origin: string) => [...(entries.get(origin)?.values() ?? [])],',
    replace:
      'of: (origin: string) => [...entries].filter(([one]) => new URL(one).hostname === new URL(origin).hostname).flatMap(([, known]) => [...known.values()]),',
    test: [
      'src/vault/consent/grants.properties.test.ts',
      'R-A2 is found by its own origin, and by no other port, scheme or host',
    ],
  },
  {
    name: 'the mirror is not compared with what was written into it',
    find: 'mustBe(await step(host, `${stage}.mirror-back`, () => readMirrorCopy(mirror, safeId)), stored);',
    replace: 'await step(host, `${stage}.mirror-back`, () => readMirrorCopy(mirror, safeId));',
    test: ['src/vault/disk.test.ts', 'a write that reports success and stores something else is a failed write'],
  },
  {
    name: 'a mirror of an earlier epoch opens the safe',
    find: 'const isOfPastEpoch = slotted.header.epoch < copy.header.epoch;',
    replace: 'const isOfPastEpoch = slotted.header.epoch < 0;',
    test: [forged, 'of which the mirror is of the epoch before: what was removed since opens nothing'],
  },
  {
    name: 'a draft in the database writes over keys in the mirror',
    find: '  if (slotted && isSameSafe(copy.header, slotted.header)) {',
    replace: '  if (slotted && copy.header.epoch === 0) {',
    test: [forged, 'in the database leaves the keys of the mirror as they are, and they open'],
  },
  {
    name: 'a text that is not ours is sent to a wallet after the database was lost',
    find: 'isOfAccount && isUnlockTextOf(slotted.header, extensionOrigin)',
    replace: 'isOfAccount',
    test: [forged, 'and no text reaches a wallet that this extension would not have made'],
  },
  {
    name: 'what is left of a damaged copy is written over without a MAC',
    find: "const loses = database.kind === 'bad' && !isWholly(database.left, slotted);",
    replace: "const loses = database.kind === 'newer';",
    test: [forged, 'what is left of a damaged copy is not written over by a mirror that no MAC was checked of'],
  },
  {
    name: 'what an older copy still knows opens the newest',
    find: 'const isIts = best !== undefined && (best === copy || (await givesRoot(best, type, unlockSecret, rootSecret)));',
    replace: 'const isIts = best !== undefined;',
    test: [forged, 'with a code that was replaced while the draft was made: the older copy opens nothing any more'],
  },
  {
    name: 'the counter of a copy without a checked MAC is counted on from',
    find: "const seen = safe?.kind === 'readable' ? safe.candidates[0].header.counter : 0;",
    replace:
      "const seen = safe?.kind === 'readable' ? Math.max(...safe.candidates.map(({ header }) => header.counter)) : 0;",
    test: [forged, 'of the highest counter there is: no write counts on from it'],
  },
  {
    name: 'four characters forget an identity that is locked',
    find: 'const confirms = (await sessions.isUnlocked(safeId)) ? isConfirmedBy : isTypedInFull;',
    replace: 'const confirms = (await sessions.isUnlocked(safeId)) ? isConfirmedBy : isConfirmedBy;',
    test: ['src/vault/vault.test.ts', 'works while locked, and lets the account enrol anew with other keys'],
  },
  {
    name: 'a connection that was closed without a word is used for ever',
    find: "if (!(error instanceof DOMException) || error.name !== 'InvalidStateError') throw error;",
    replace: 'throw error;',
    test: ['src/vault/store/database.test.ts', 'is opened again by the call that finds it closed'],
  },
  {
    name: 'what the person wrote to goes with what strangers began',
    find: '    if (equalBytes(row.mark, await ownMark(nameKey, list, row.name))) continue;\n',
    replace: '',
    test: [
      'src/vault/messaging.test.ts',
      'loses the oldest that strangers began, and none that the person began or has written to',
    ],
  },
  {
    name: 'what opens a copy of another epoch changes the slots',
    find: '      if (safe.copy.header.epoch !== sessions.epochInMemory(safeId)) throw new VaultError(refusals[given.type]);\n',
    replace: '',
    test: [
      'src/vault/unlock/slot-changes.test.ts',
      'R-H6 what opens only a copy that this session decided against changes nothing',
    ],
  },
  {
    name: 'a rotation completes before its copy is there',
    find: "if (hasCopy && !hasReached(record.pending, 'copied')) throw new VaultError('wrong-step');",
    replace: 'void hasCopy;',
    test: [
      'src/vault/publication/rotation.test.ts',
      'is not complete before the copy on the network has the new prekey',
    ],
  },
  {
    name: 'a file for many keys is called changed',
    find: "isForKeys(binary) ? 'for-a-key' : 'changed'",
    replace: "isForKeys(binary) ? 'changed' : 'changed'",
    test: ['src/vault/backup/file.test.ts', 'also with a header longer than ours ever is'],
  },
  {
    name: 'a completed signature is left in memory',
    find: '    signed.written.fill(0);\n',
    replace: '',
    test: ['src/vault/unlock/signed-by.test.ts', 'leaves no copy in memory but the one that is given'],
  },
  {
    name: 'the readings of a signature without its last byte are left in memory',
    find: '      found?.read.bytes.fill(0);\n      written.fill(0);\n',
    replace: '',
    test: ['src/vault/unlock/signed-by.test.ts', 'leaves no copy in memory but the one that is given'],
  },
  {
    name: 'the signature of a sealed copy is left in memory',
    find: 'return envelope;\n      } finally {\n        signatureSecret.fill(0);',
    replace: 'return envelope;\n      } finally {',
    test: ['src/vault/publication/network-copy.test.ts', 'R-I1 leaves no copy of the signature in memory'],
  },
  {
    name: 'the narrowed text of a key file is left in memory',
    find: '    if (plain.buffer !== file.buffer) plain.fill(0);\n',
    replace: '',
    test: ['src/vault/keys/key-file.test.ts', 'leave no narrowed copy of a file in UTF-16 in memory'],
  },
  {
    name: 'work: parts that could not be made are never made',
    find: 'made = undefined;\n      throw error;',
    replace: 'throw error;',
    test: ['src/vault/work/on-demand.test.ts', 'the next call tries again'],
  },
  {
    name: 'an archive is written without a proof',
    find: 'await slots.prove({ safeId, proof });\n      const passphrase = secret && ',
    replace: 'const passphrase = secret && ',
    test: [archives, 'R-B10 needs the identity opened anew, and has a line in the log before anything of it is out'],
  },
  {
    name: 'an archive goes on after a lock',
    find: 'if (open.lockCount(safeId) === session.lockCount) return;',
    replace: 'if (session.lockCount >= 0) return;',
    test: [archive, 'R-B10 R-F3 a lock ends the writing, and what memory held of the rows'],
  },
  {
    name: 'rows of an archive that the disk lost are left out in silence',
    find: 'session.end.damaged += batch.count;',
    replace: '',
    test: [archive, 'R-H4 says how many rows the disk does not give back'],
  },
  {
    name: 'whoever has the key of a conversation passes for the peer in an archive',
    find: "sender === peers.get(topic) ? 'peer' : sender;",
    replace: "'peer';",
    test: [
      archive,
      'says of a third who had the key of a conversation that it is neither side, and of a forged sender that it is not genuine',
    ],
  },
  {
    name: 'a tag of a stranger is one in the page of an archive',
    find: '/[<>&\\u2028\\u2029\\ufeff]/g',
    replace: '/[>&\\u2028\\u2029\\ufeff]/g',
    test: [
      'src/contract/archive-page.test.ts',
      'R-J7 law: no text of a stranger begins a tag, a comment or a reference in the page',
    ],
  },
];
