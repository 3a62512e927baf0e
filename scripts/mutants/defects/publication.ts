// Seeded defects of what leaves the browser: copies, contacts, rotations, backup files.
import type { Defect } from '../defect';

export const publicationDefects: readonly Defect[] = [
  {
    name: 'publication: a contact of another identity is called ours',
    find: "if (!equalBytes(bundle.identityKey.publicKey, own.identityKey.publicKey)) return 'other-identity';",
    replace: '',
    test: [
      'src/vault/publication/publication.test.ts',
      'R-I4 another identity of the account that shows our prekey is another identity, in either form',
    ],
  },
  {
    name: 'publication: a rotation is taken back after it was sent',
    find: "if (record.pending?.stage !== 'sealed') throw new VaultError('wrong-step');",
    replace: '',
    test: [
      'src/vault/publication/rotation.test.ts',
      'can be taken back as long as nothing was sent, and then the prekey is gone',
    ],
  },
  {
    name: 'publication: an envelope of any size is held as a copy',
    find: 'if (message.length > retrievalLimits.messageBytes) return undefined;',
    replace: '',
    test: [
      'src/vault/publication/retrieval.test.ts',
      'leave out what is larger than any bundle, which could keep the worker busy',
    ],
  },
  {
    name: 'publication: a copy that was only sealed is called saved',
    find: "if (!copy || copy.state === 'asked' || copy.state === 'sealed') throw new VaultError('wrong-step');",
    replace: "if (!copy || copy.state === 'asked') throw new VaultError('wrong-step');",
    test: [
      'src/vault/publication/network-copy.test.ts',
      'is told step by step, and a second signature that differs takes "saved" back',
    ],
  },
  {
    name: 'publication: prekeys are made without bound',
    find: "if ((await ownKeys()).prekeys.length >= mostPrekeys) throw new VaultError('limit');",
    replace: '',
    test: [
      'src/vault/publication/rotation.test.ts',
      'is not begun when a copy of the keys could not be read back any more',
    ],
  },
  {
    name: 'publication: a prekey is announced before its copy is there',
    find: "if (!pending || (stage === 'announced' && !hasReached(pending, 'copied'))) throw new VaultError('wrong-step');",
    replace: "if (!pending) throw new VaultError('wrong-step');",
    test: [
      'src/vault/publication/rotation.test.ts',
      'goes through its stages in order, and any of them can be said twice',
    ],
  },
  {
    name: 'backup: a file of another account is opened for this one',
    find: "if (account !== backup.account) throw new VaultError('unusable-copy', 'other-account');",
    replace: '',
    test: [
      'src/vault/backup/backup.test.ts',
      'of a file of another account, or one that does not check, leaves the draft as it was',
    ],
  },
  {
    name: 'backup: a file asks for any cost of scrypt',
    find: "if (workFactor > highestWorkFactor) throw new VaultError('bad-file', 'too-much-work');",
    replace: '',
    test: ['src/vault/backup/file.test.ts', 'that would take more memory than a browser gives'],
  },
  {
    name: 'backup: a code that opens nothing protects a file',
    find: "if (secret.kind === 'recovery-code') await slots.prove({ safeId, proof: secret });",
    replace: '',
    test: ['src/vault/backup/backup.test.ts', 'is not made without a proof, without a good secret, or while locked'],
  },
];
