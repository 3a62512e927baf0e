// Seeded defects of what a site may do: capabilities, connections, what a key signs, and the sdk's options.
import type { Defect } from '../defect';

const records = 'src/background/dapps/stored-records.test.ts';

export const rightsDefects: readonly Defect[] = [
  {
    name: 'rights: an approval of an earlier version runs under a capability nobody approved',
    find: '&& isScoped(shown.capability) === Boolean(shown.within);',
    replace: ';',
    test: [records, 'P2 an old card of messages, which did not say how far it reaches, is not shown'],
  },
  {
    name: 'rights: a grant of nothing goes on',
    find: 'if (grant.capabilities.length === 0) return true;',
    replace: '',
    test: [records, 'R-B3 a grant of blind signatures alone has ended'],
  },
  {
    name: 'rights: a refused request leaves its card behind',
    find: 'if (others.length === 0) await vault.approvals.finish(known.id',
    replace: 'if (others.length < 0) await vault.approvals.finish(known.id',
    test: [records, 'P2 a token that waits for an unlock is refused after it, and its card is gone'],
  },
  {
    name: 'rights: a connection is answered with capabilities it does not have',
    find: 'if (!grant.capabilities.includes(capability)) return false;',
    replace: '',
    test: ['src/vault/consent/connection.test.ts', 'P2 law: nothing that it does not give'],
  },
  {
    name: 'rights: a person who wants to be asked each time is not',
    find: 'if (grant.asksToConnect || asked.capabilities.length === 0) return false;',
    replace: 'if (asked.capabilities.length === 0) return false;',
    test: ['src/background/dapps/connect.test.ts', 'the person may have it asked each time'],
  },
  {
    name: 'rights: a grant that does not hold is built upon',
    find: 'isFor(known, documentKey, undefined) && holds(known, momentOf(sessionId)) ? known : undefined',
    replace: 'isFor(known, documentKey, undefined) ? known : undefined',
    test: ['src/vault/consent/grants.test.ts', 'P2 keeps nothing of a grant that does not hold'],
  },
  {
    name: 'rights: a prekey signs content whose header is the text of a vault_sign',
    find: "if (headerBytes.length === 0 || headerBytes[0] === VAULT_SIGN_FIRST_BYTE) throw new VaultError('invalid-input');",
    replace: '',
    test: [
      'src/vault/signing-domains.test.ts',
      'R-B3 law: content whose header is the text of a vault_sign is refused',
    ],
  },
  {
    name: 'rights: tokens are ticked beforehand',
    find: 'return !isCareful(capability) || before?.capabilities.includes(capability) === true;',
    replace: 'return true;',
    test: [
      'src/ui/connection-model.test.ts',
      'P2 tokens and archive keys are ticked beforehand only where the person had given them',
    ],
  },
  {
    name: 'rights: a misspelt option of the verification passes',
    find: "mustBeKnown('verifyVaultSignature', expected, optionNames);",
    replace: '',
    test: ['src/sdk/options.test.ts', 'refuses a name it does not know'],
  },
];
