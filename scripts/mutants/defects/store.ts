// Seeded defects of what is kept: records, lists, settings, and what is said when they cannot be read.
import type { Defect } from '../defect';

export const storeDefects: readonly Defect[] = [
  {
    name: 'store: a record of another place in the order opens',
    find: "if (known.counter !== undefined && known.counter !== counter) throw new VaultError('damaged');",
    replace: '',
    test: ['src/vault/store/sealed-record.test.ts', 'does not open with another'],
  },
  {
    name: 'store: a node over http anywhere is taken',
    find: 'return isSafeOrigin(origin) && href === `${origin}/` ? origin : undefined;',
    replace: 'return href === `${origin}/` ? origin : undefined;',
    test: ['src/vault/store/settings.test.ts', 'is refused, and the one before stays'],
  },
  {
    name: 'store: what stands behind a record is skipped',
    find: "if (at !== bytes.length) throw new VaultError('damaged');",
    replace: '',
    test: ['src/vault/store/encoding.test.ts', 'refuses what stands behind the last field'],
  },
  {
    name: 'store: a field reaches past the end of its record',
    find: "if (length > bytes.length - at) throw new VaultError('damaged');",
    replace: '',
    test: [
      'src/vault/store/encoding.test.ts',
      'refuses a field that reaches past the end, by its length or by being cut off',
    ],
  },
  {
    name: 'store: a full disk is written to',
    find: "if (mode === 'readwrite') await db.mustHaveRoom();",
    replace: '',
    test: [
      'src/vault/store/database.test.ts',
      'R-H3 is left alone while the disk has no room for it, and opened once there is some',
    ],
  },
  {
    name: 'a database of a later version is called a disk that fails',
    find: "new VaultError(isOfNewerVersion(error) ? 'newer-format' : 'storage-failed')",
    replace: "new VaultError('storage-failed')",
    test: [
      'src/vault/store/database.test.ts',
      'of a later version is refused as that, left as it is, and opened again by what made it',
    ],
  },
  {
    name: 'lists: what was begun before a lock is written after it',
    find: "if (open.lockCount(safeId) !== begun) throw new VaultError('locked');\n  };\n  mustBeOpen();",
    replace: 'void begun;\n  };\n  mustBeOpen();',
    test: [
      'src/vault/lists/sealed-list.test.ts',
      'R-F3 nothing is read or added while locked, and nothing is told after a lock',
    ],
  },
  {
    name: 'lists: a standing entry is replaced without being asked',
    find: 'if (standing !== undefined && !(await entry.replaces?.(standing))) continue;',
    replace: '',
    test: [
      'src/vault/lists/sealed-list.test.ts',
      'the first of a name wins, in one batch and between batches; what was added is told',
    ],
  },
  {
    name: 'lists: what was visited is left in memory',
    find: '        visit({ sequence, name, plain });\n        plain.fill(0);',
    replace: '        visit({ sequence, name, plain });',
    test: [
      'src/vault/lists/sealed-list.test.ts',
      'R-D6 what is shown of a list is overwritten after it was shown, from rows and from segments',
    ],
  },
  {
    name: 'lists: a store that could not be read is an empty list',
    find: "if (!(error instanceof VaultError) || error.reason === 'damaged') return undefined;",
    replace: 'return undefined;',
    test: [
      'src/vault/lists/sealed-list.test.ts',
      'a root key that cannot be had for the moment damages no entry: nothing is replaced',
    ],
  },
  {
    name: 'vault: a start that failed is called empty',
    find: "if (!turns.isStarted()) return { status: 'damaged',",
    replace: "if (!turns.isStarted()) return { status: 'empty',",
    test: ['src/vault/disk.test.ts', 'is damage, never emptiness: the database; and the next call tries again'],
  },
  {
    name: 'lists: a segment that was read is left in memory',
    find: 'visit(row);\n    plain.fill(0);\n    release(plain);\n    return rows',
    replace: 'visit(row);\n    release(plain);\n    return rows',
    test: [
      'src/vault/lists/sealed-list.test.ts',
      'R-D6 what is shown of a list is overwritten after it was shown, from rows and from segments',
    ],
  },
];
