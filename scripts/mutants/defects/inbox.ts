// Seeded defects of inboxes, and of the way an inbox key leaves.
import type { Defect } from '../defect';

const inboxes = 'src/vault/inbox/inboxes.test.ts';
const exporting = 'src/vault/inbox/key-export.test.ts';
const reading = 'src/protocol/inbox/inbox-log.test.ts';
const answers = 'src/protocol/inbox/log-answer.test.ts';
const logs = 'src/vault/inbox/logs.test.ts';
const keystore = 'src/protocol/ours/keystore-file.test.ts';

export const inboxDefects: readonly Defect[] = [
  {
    name: 'inbox: a text for the recovery is signed for a member too',
    find: '        return known.recoveryIn(ledger, inboxId, own);\n    }',
    replace: '        return known.recoveryIn(ledger, inboxId, own) ?? own.at(-1);\n    }',
    test: [inboxes, 'that only a recovery may sign is refused'],
  },
  {
    name: 'inbox: the same text is remembered each time it is signed',
    find: 'if (ledger.entries.some(({ textDigest }) => textDigest === entry.textDigest)) return ledger;',
    replace: '',
    test: [inboxes, 'has one line for each text'],
  },
  {
    name: 'inbox: an old text is signed',
    find: "if (Math.abs(read.timeMs - arrivedAtMs) > textAgeMs) throw refused('date');",
    replace: "if (read.timeMs - arrivedAtMs > textAgeMs) throw refused('date');",
    test: [inboxes, 'is refused when its time is more than five minutes'],
  },
  {
    name: 'inbox key: exported without the typed end of its address',
    find: "if (!isConfirmedBy(address, typed)) throw new VaultError('not-confirmed');\n      await slots.prove({ safeId, proof });\n      for",
    replace: 'await slots.prove({ safeId, proof });\n      for',
    test: [exporting, 'is refused without the end of its address'],
  },
  {
    name: 'inbox key: exported without opening the safe anew',
    find: "throw new VaultError('not-confirmed');\n      await slots.prove({ safeId, proof });\n      for",
    replace: "throw new VaultError('not-confirmed');\n      void proof;\n      for",
    test: [exporting, 'is refused without the end of its address'],
  },
  {
    name: 'inbox key: what its passphrase was made into is left in memory',
    find: 'keys.keystoreFile(safeId, address, sealing).finally(() => derivedSecret.fill(0))',
    replace: 'keys.keystoreFile(safeId, address, sealing)',
    test: [exporting, 'leaves the key nowhere but in the file'],
  },
  {
    name: 'keystore file: the key need not be that of its address',
    find: 'if (address === undefined || isKeyOf(keySecret, address)) return keySecret;',
    replace: 'if (address === undefined || keySecret.length > 0) return keySecret;',
    test: [keystore, 'with any byte changed'],
  },
  {
    name: 'keystore file: the code vouches with the half that encrypts',
    find: 'derivedSecret.subarray(16, 32), ciphertext',
    replace: 'derivedSecret.subarray(0, 16), ciphertext',
    test: [keystore, 'is written as the definition writes it'],
  },
  {
    name: 'inbox log: a signature counts again when v is written otherwise',
    find: 'bytes: bytesToHex(bytes.subarray(0, 64)) };',
    replace: 'bytes: bytesToHex(bytes) };',
    test: [reading, 'a link that was taken back is not made again by its own signatures'],
  },
  {
    name: 'inbox log: the signature of an installation is not verified',
    find: "if (!isByInstallation(bytes, publicKey, text)) throw wrong('signature of an installation does not verify');",
    replace: '',
    test: [reading, 'a signature of somebody else, over another text, or none is wrong'],
  },
  {
    name: 'inbox log: an update of another inbox is taken',
    find: "if (update.inboxId !== inboxId) throw new ProtocolError('bad-identity-update', 'update is of another inbox');",
    replace: '',
    test: [reading, 'of another inbox is not this one’s'],
  },
  {
    name: 'inbox log: what follows an update that cannot be verified counts',
    find: '  if (before.end !== null) return before;\n',
    replace: '',
    test: [reading, 'nothing after it counts, however sound'],
  },
  {
    name: 'inbox log: an app lets in another app',
    find: 'if (isInstallation(existing) && isInstallation(member))',
    replace: 'if (isInstallation(existing) && !isInstallation(member))',
    test: [reading, 'what only recovery may do is wrong of a member'],
  },
  {
    name: 'inbox log: an answer is about another inbox',
    find: 'responses.length !== 1 || log.inboxId !== inboxId',
    replace: 'responses.length !== 1',
    test: [answers, 'of another inbox, of none, of two, or not in order is refused'],
  },
  {
    name: 'inbox log: what was sent before is sent again',
    find: "if (sequenceId <= last) throw bad('sequence ids do not grow');",
    replace: '',
    test: [answers, 'of another inbox, of none, of two, or not in order is refused'],
  },
  {
    name: 'inbox log: a log that shows less than before lowers what was read',
    find: 'if (before && !(await doesGoOn(before, listed, reading)))',
    replace: 'if (before && listed === 0)',
    test: [logs, 'that is shorter than before, or other than before, changes nothing and is told'],
  },
  {
    name: 'inbox log: counted from a log of which not every update was verified',
    find: 'if (!log || log.end !== null || saidAtMs > log.atMs)',
    replace: 'if (!log || saidAtMs > log.atMs)',
    test: [logs, 'counts nothing from the first update on that cannot be verified'],
  },
  {
    name: 'inbox log: an app that was let in elsewhere is not pointed out',
    find: "now.has(id) && last.get(id) !== 'in')",
    replace: 'now.has(id) && last.has(id))',
    test: [logs, 'points out the apps that were not let in from here, and who let them in'],
  },
  {
    name: 'inbox node: an inbox is asked for that the person did not name',
    find: "if (!inboxes.some((one) => one.inboxId === inboxId)) throw new VaultError('not-found');",
    replace: '',
    test: ['src/background/network/inbox-reading.test.ts', 'R-J2 asks for no inbox that is not on the list'],
  },
  {
    name: 'inbox node: an answer that breaks off before its status is taken',
    find: "if (last.kind !== trailersKind || wholeEnd !== body.length) throw bad('the answer does not end with its status');",
    replace: 'if (last.kind !== trailersKind) return first.content;',
    test: ['src/network/inbox-node.test.ts', 'nothing of it is used'],
  },
];
