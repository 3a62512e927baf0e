// Seeded defects of what the keystore signs, opens and publishes for a site.
import type { Defect } from '../defect';

export const keystoreDefects: readonly Defect[] = [
  {
    name: 'keystore: a site publishes as the contact of anybody',
    find: 'if (topic.name !== call.account) throw new KeystoreRefusal(1);',
    replace: '',
    test: ['src/vault/keystore/publish-check.test.ts', 'and one of it refuses the whole request'],
  },
  {
    name: 'keystore: a site publishes what is dated ahead',
    find: 'if (!topic || timestampNs > latestNs) throw',
    replace: 'if (!topic) throw',
    test: [
      'src/vault/keystore/publish-check.test.ts',
      'is dated by the page, at most ten minutes ahead, or not at all',
    ],
  },
  {
    name: 'keystore: a placeholder is redeemed for other content',
    find: 'if (!equalBytes(announced, digest))',
    replace: 'if (announced.length !== digest.length)',
    test: ['src/vault/keystore/encrypt.test.ts', 'refuses a placeholder that stands for another digest'],
  },
  {
    name: 'keystore: a site publishes under preferences of others',
    find: "if (topic.kind === 'preferences' && topic.name !== (await selfOf(call)).identifier) throw",
    replace: "if (topic.kind === 'preferences' && topic.name === '') throw",
    test: ['src/vault/keystore/publish-check.test.ts', 'and one of it refuses the whole request'],
  },
  {
    name: 'keystore: a site publishes a contact with a prekey that is not ours',
    find: 'if (!mayName.some((preKey) => isOurs(own, preKey, contact.bundle))) throw',
    replace: 'if (mayName.length === 0) throw',
    test: [
      'src/vault/keystore/publish-check.test.ts',
      'is nobody else’s, not garbage, and not one of our older prekeys',
    ],
  },
  {
    name: 'keystore: a message is written for a peer that its header does not name',
    find: 'if (!isForRecipient) throw',
    replace: "if (role !== 'sender') throw",
    test: [
      'src/vault/keystore/encrypt.test.ts',
      'refuses to seal for another recipient, as another sender, or under bytes that are no header',
    ],
  },
  {
    name: 'keystore: content that is signed by somebody else is sent as ours',
    find: "const isOurs = signature.kind === 'ecdsaCompact' && verifyDigest(signature, digest, preKey.legacy.publicKey);",
    replace: "const isOurs = signature.kind === 'ecdsaCompact';",
    test: [
      'src/vault/keystore/encrypt.test.ts',
      'takes a signature of ours that is there already, if it is valid for these very bytes',
    ],
  },
  {
    name: 'keystore: a later invitation takes the place of an earlier one',
    find: ' && reference.createdNs < known.createdNs;',
    replace: ';',
    test: [
      'src/vault/keystore/order.test.ts',
      'tells the earliest beginning, whichever of the two parties invited again and in which order they come',
    ],
  },
  {
    name: 'keystore: a batch of any number is worked on',
    find: "if (readRequest(countBatchItems, bytes) > limits.batchItems) throw new VaultError('limit');",
    replace: '',
    test: ['src/vault/keystore/keystore.test.ts', 'a batch has at most 1,000 items, and none of more is looked at'],
  },
  {
    name: 'keystore: a refresh job is dated ahead',
    find: 'return timeNs > nowNs ? nowNs : timeNs;',
    replace: 'return timeNs;',
    test: ['src/vault/keystore/sites.test.ts', 'are never later than now, when they are set and when they are read'],
  },
];
