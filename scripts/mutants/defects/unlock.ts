// Seeded defects of opening: slots, sessions, safes, enrolment, and the keys that are lent.
import type { Defect } from '../defect';

export const unlockDefects: readonly Defect[] = [
  {
    name: 'keyring: a copy with prekeys of strangers is called ours',
    find: 'if (!isSamePair(ours.identityKey, found.identityKey) || isStrange || found.preKeys.length === 0) return',
    replace: 'if (!isSamePair(ours.identityKey, found.identityKey) || found.preKeys.length === 0) return',
    test: ['src/vault/publication/network-copy.test.ts', 'is compared key by key'],
  },
  {
    name: 'keyring: the keys of a bundle are left in memory',
    find: 'if (bundle) wipeKeys(bundle.identityKey, ...bundle.preKeys);',
    replace: 'void bundle;',
    test: ['src/vault/keys/bundle.test.ts', 'are overwritten, and its bytes are left to whoever lent them'],
  },
  {
    name: 'keyring: what was kept of a session that ended is used in the next',
    find: 'if (held?.mark === mark) return held.memory;',
    replace: 'if (held) return held.memory;',
    test: ['src/vault/keys/identity-memory.test.ts', 'belongs to one lock count: another one finds it empty'],
  },
  {
    name: 'keyring: a file brings prekeys without bound',
    find: "if (bundle.preKeys.length > mostPrekeys) throw new VaultError('bad-file', 'too-many-keys');",
    replace: '',
    test: ['src/vault/keys/key-file.test.ts', 'are told apart from everything that is not keys'],
  },
  {
    name: 'unlock: the last ways to open a safe are removed',
    find: "if (!areEnough(stay.map(({ type }) => type))) throw new VaultError('last-slots');",
    replace: '',
    test: ['src/vault/unlock/slot-changes.test.ts', 'is never one of the last two, and one that is gone is fine'],
  },
  {
    name: 'unlock: a passkey counts among the two ways that have to stay',
    find: "export const lastingKinds = ['wallet', 'recovery-code', 'passphrase'] as const",
    replace: "export const lastingKinds = ['wallet', 'recovery-code', 'passphrase', 'passkey'] as const",
    test: [
      'src/vault/unlock/slot-changes.test.ts',
      'is none of the two ways that have to stay, and may itself always go',
    ],
  },
  {
    name: 'unlock: a safe with a passkey says it is of a format that older versions take for their own',
    find: 'const format = hasPasskey(header) ? passkeyFormat : usualFormat;',
    replace: 'const format = usualFormat;',
    test: [
      'src/vault/safe/header.test.ts',
      'is of format 3 with a passkey, and of format 2 without one, so that a version before passkeys opens every safe that has none',
    ],
  },
  {
    name: 'unlock: what a passkey gave stays in the memory of the worker',
    find: "else if (secret.kind === 'passkey') secret.prfSecret.fill(0);",
    replace: '',
    test: [
      'src/background/pages/network-handlers.test.ts',
      'R-E5 what a passkey gave is wiped after use, also when the vault refuses',
    ],
  },
  {
    name: 'unlock: a slot opens without its commitment',
    find: 'if (!equalBytes(await commitment(material, slot.salt, additionalData), slot.commit)) continue;',
    replace: '',
    test: [
      'src/vault/safe/header.test.ts',
      'with any byte changed says "other secret" or "damaged", and never gives a key',
    ],
  },
  {
    name: 'unlock: a session has no end but idleness',
    find: 'Math.min(session.lastActMs + idleMinutes() * 60_000, session.openedAtMs + absoluteLockMs);',
    replace: 'session.lastActMs + idleMinutes() * 60_000;',
    test: ['src/vault/unlock/session.test.ts', 'comes 12 hours after the unlock whatever the person does'],
  },
  {
    name: 'unlock: a clock that was set back keeps a session open',
    find: 'nowMs > lockAt(session) || nowMs < session.lastSeenMs - clockToleranceMs;',
    replace: 'nowMs > lockAt(session);',
    test: ['src/vault/unlock/session.test.ts', 'set back by more than two minutes locks'],
  },
  {
    name: 'unlock: a wallet that signs differently each time gets a slot',
    find: "if (!isSteady) throw new VaultError('unsteady-wallet');",
    replace: '',
    test: [
      'src/vault/unlock/slot-changes.test.ts',
      'is refused when it signs unsteadily, for another account, or in a form without a signer',
    ],
  },
  {
    name: 'unlock: a lock while a session is stored comes too late',
    find: "if (lockCount(safeId) !== begun) throw new VaultError('locked');\n        sessions.set",
    replace: 'sessions.set',
    test: ['src/vault/unlock/session.test.ts', 'at any step of an unlock wins, and leaves no half of a session'],
  },
  {
    name: 'unlock: one group of a code proves that it was written down',
    find: '        ask[0] !== ask[1] &&\n',
    replace: '',
    test: [
      'src/vault/unlock/slot-changes.test.ts',
      'is refused, and nothing changes, unless every other slot is opened and the code was written down',
    ],
  },
  {
    name: 'unlock: a signature of another account unlocks',
    find: "if (signed.signer !== account) throw new VaultError('wrong-account', signed.signer);",
    replace: '',
    test: ['src/vault/unlock/signed-by.test.ts', 'R-E6 of another account is called that, in every shape'],
  },
  {
    name: 'unlock: a mistyped code is not told',
    find: "const isTyped = ask.every((group, index) => pastedCode(typed[index] ?? '') === groupOfCode(code, group));",
    replace: 'const isTyped = typed.length === 2;',
    test: [
      'src/vault/unlock/slot-changes.test.ts',
      'is refused, and nothing changes, unless every other slot is opened and the code was written down',
    ],
  },
  {
    name: 'safe: a header whose bytes changed is read',
    find: "if (!equalBytes(await sha256(unchecked), bytes.subarray(checkedLength))) throw new VaultError('damaged');",
    replace: '',
    test: ['src/vault/safe/header.test.ts', 'is refused with any bit flipped or any part cut off'],
  },
  {
    name: 'safe: a header of a later version is called damaged',
    find: "if (format > passkeyFormat) throw new VaultError('newer-format');",
    replace: "if (format > passkeyFormat) throw new VaultError('damaged');",
    test: ['src/vault/safe/header.test.ts', 'of a later format is told apart from damage'],
  },
  {
    name: 'safe: a header asks for any cost of scrypt',
    find: 'kdf === scryptId && log2N >= 17 && log2N <= 19 && r === 8 && p === 1',
    replace: 'kdf === scryptId && r === 8 && p === 1',
    test: [
      'src/vault/unlock/passphrase.test.ts',
      'is scrypt with N = 2^17, r = 8, p = 1, and the reader takes no less',
    ],
  },
  {
    name: 'safe: a record that changed is read with its safe',
    find: 'return record && equalBytes(await sha256(record.bytes), digest) ? record : undefined;',
    replace: 'return record;',
    test: ['src/vault/corruption.test.ts', 'is repaired when any byte of the bundle record in IndexedDB is flipped'],
  },
  {
    name: 'a lock is lost that comes while the sessions of the worker before are read',
    find: 'if (session && lockCount(safeId) === ofAll + (ofEach.get(safeId) ?? 0)) sessions.set(safeId, session);',
    replace: 'if (session) sessions.set(safeId, session);',
    test: ['src/vault/unlock/session.test.ts', 'R-F3 that the next worker reads while it is locked stays locked'],
  },
  {
    name: 'enrolment: a mistyped code is confirmed',
    find: "if (!Array.from(slot.params).every((group, index) => pastedCode(typed[index] ?? '') === groupOfCode(code, group))) {",
    replace: 'if (typed.length !== 2) {',
    test: ['src/vault/enrolment/enrolment.test.ts', 'is made anew on demand; the one before stops working'],
  },
  {
    name: 'enrolment: an account enrols a second time over its keys',
    find: "if (own.some((copy) => copy.header.state === 'complete')) throw new VaultError('already-exists');",
    replace: '',
    test: ['src/vault/vault.test.ts', 'one account has one'],
  },
  {
    name: 'enrolment: a wallet that signs differently is enrolled',
    find: 'if (draft) return await keys.begin(draft, unlockSecret);',
    replace: 'return await keys.begin(draft ?? copy, unlockSecret);',
    test: ['src/vault/enrolment/enrolment.test.ts', 'is refused when it opens the draft again after a restart'],
  },
  {
    name: 'enrolment: a code that opens nothing is confirmed',
    find: "if (!isSame) throw new VaultError('wrong-code');",
    replace: 'void isSame;',
    test: ['src/vault/enrolment/enrolment.test.ts', 'is made anew on demand; the one before stops working'],
  },
  {
    name: 'enrolment: a step is done before its turn',
    find: "if (!fits || !steps.includes(stepOf(copy))) throw new VaultError('wrong-step');",
    replace: '',
    test: ['src/vault/enrolment/enrolment.test.ts', 'refuse to be taken out of order'],
  },
  {
    name: 'enrolment: a wrong passphrase goes on with a draft',
    find: '} else if (!(await keys.reopen(copy, passphraseFor(typed)))) {',
    replace: '} else if (typed === undefined) {',
    test: ['src/vault/enrolment/sources.test.ts', 'that is wrong later opens nothing and costs nothing'],
  },
];
