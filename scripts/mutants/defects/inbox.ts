// Seeded defects of inboxes, and of the way an inbox key leaves.
import type { Defect } from '../defect';

const inboxes = 'src/vault/inbox/inboxes.test.ts';
const exporting = 'src/vault/inbox/key-export.test.ts';
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
];
