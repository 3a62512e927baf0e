// Seeded defects of the XMTP formats: keys, messages, tokens, and what is our own.
import type { Defect } from '../defect';

export const protocolDefects: readonly Defect[] = [
  {
    name: 'ENS: the labels of a name are taken from the front',
    find: "for (const label of name.split('.').toReversed()) {",
    replace: "for (const label of name.split('.')) {",
    test: ['src/protocol/ens/names.test.ts', 'is what EIP-137 prints for its examples'],
  },
  {
    name: 'ENS: more than the text is read over',
    find: "if (answer.subarray(2 * word + length).some((byte) => byte !== 0)) throw unreadable('more than the text is there');",
    replace: '',
    test: ['src/protocol/ens/names.test.ts', 'is refused where it is too long, ends elsewhere'],
  },
  {
    name: 'base: a signature with high s verifies',
    find: "point65, { prehash: false, lowS: true, format: 'compact' }",
    replace: "point65, { prehash: false, lowS: false, format: 'compact' }",
    test: [
      'src/protocol/differential/curve.test.ts',
      'R-D4 on what verifies: high s, changed bits, other keys, scalars out of range',
    ],
  },
  {
    name: 'base: a signature that came out wrong is released',
    find: 'if (!isOwnSignature(signature, digest32, privateKey))',
    replace: 'if (signature.bytes.length !== 64)',
    test: ['src/protocol/base/noble-curve.test.ts', 'R-D5 law: a signature with any flipped bit is never released'],
  },
  {
    name: 'base: a signature of the core that came out wrong is released',
    find: 'if (!isOwnSignature(signature.bytes, signature.recovery, hash, privateKey))',
    replace: 'if (signature.bytes.length !== 64)',
    test: [
      'src/protocol/base/core-curve.test.ts',
      'R-D5 law: a signature of the core with any flipped bit is never released',
    ],
  },
  {
    name: 'base: a private key is multiplied bare',
    find: 'const random = randomScalar(randomBytes);',
    replace: 'const random = 1n;',
    test: [
      'src/protocol/base/core-curve.test.ts',
      'a private key is never given bare to what multiplies in variable time, nor any scalar twice',
    ],
  },
  {
    name: 'base: the core keeps its stack',
    find: '      heapU8.fill(0, stack.at, stack.at + stack.bytes);',
    replace: '',
    test: [
      'src/protocol/base/core-curve.test.ts',
      'R-D6 the part of the stack that is overwritten is the part that is used',
    ],
  },
  {
    name: 'base: the core keeps its places',
    find: '      heapU8.fill(0, places.at, places.at + places.bytes);',
    replace: '',
    test: ['src/protocol/base/core-curve.test.ts', 'R-D6 neither key, nonce nor shared point is in it after a step'],
  },
  {
    name: 'base: the blinding of the core is never drawn anew',
    find: 'usesLeft = usesOfBlinding - 1;',
    replace: 'usesLeft = Infinity;',
    test: ['src/protocol/base/core-curve.test.ts', 'its context is randomised at the start, and anew every 1,000 uses'],
  },
  {
    name: 'base: of two byte strings only the last byte is compared',
    find: 'difference |= (a[i] as number) ^ (b[i] as number)',
    replace: 'difference = (a[i] as number) ^ (b[i] as number)',
    test: ['src/protocol/base/bytes.test.ts', 'equality sees one byte that differs, wherever it stands'],
  },
  {
    name: 'base: a v that is none in use is taken',
    find: 'const isKnown = v <= 1 || v === 27 || v === 28 || v >= 35;',
    replace: 'const isKnown = v >= 0;',
    test: [
      'src/protocol/base/ethereum.test.ts',
      'R-E2 refuses what is no ECDSA signature of a key: other lengths, other v, scalars out of range',
    ],
  },
  {
    name: 'base: a typed passphrase is left in memory',
    find: '    typedSecret.fill(0);',
    replace: '    void typedSecret;',
    test: ['src/protocol/base/passphrase.test.ts', 'R-D6 leaves no copy of the passphrase in memory'],
  },
  {
    name: 'bytes: what of a text was written before it proved to be longer stays in memory',
    find: 'ascii.fill(0);\n      return longerUtf8(text);',
    replace: 'return longerUtf8(text);',
    test: ['src/protocol/base/passphrase.test.ts', 'R-D6 leaves no copy of the passphrase in memory'],
  },
  {
    name: 'base: 64 bytes with a high s are read',
    find: 'if (!hasScalarsInRange(bytes) || !isLowS(compact)) {',
    replace: 'if (!hasScalarsInRange(bytes)) {',
    test: [
      'src/protocol/base/ethereum.test.ts',
      'R-E2 refuses what is no ECDSA signature of a key: other lengths, other v, scalars out of range',
    ],
  },
  {
    name: 'base: over-long UTF-8 is text',
    find: 'const isOverlong = (extra === 2 && code < 0x800) || (extra === 3 && code < 0x10000);',
    replace: 'const isOverlong = false;',
    test: [
      'src/protocol/base/bytes.test.ts',
      'UTF-8 decoding accepts exactly what the platform accepts when it is strict',
    ],
  },
  {
    name: 'proto: a field that is given twice is read',
    find: "if (seen & rule.slot) refuse('field given twice');",
    replace: '',
    test: ['src/protocol/proto/strict.test.ts', 'a message given twice'],
  },
  {
    name: 'proto: a length reaches past its parent',
    find: "if (length > end - cursor.at) refuse('length reaches past the parent');",
    replace: '',
    test: [
      'src/protocol/proto/strict.test.ts',
      'refuses a nested message that reaches past its parent, where the codecs of the field read on',
    ],
  },
  {
    name: 'proto: a field of another wire type is read',
    find: "if (wireType !== (limit === undefined ? 2 : 0)) refuse('wrong wire type');",
    replace: '',
    test: [
      'src/protocol/proto/strict.test.ts',
      'R-B5 answers any bytes with a message or a ProtocolError: truncated, spliced, flipped or random',
    ],
  },
  {
    name: 'proto: merging takes room without bound',
    find: "if (kept.size > mostFields) throw new ProtocolError('malformed-protobuf', 'more fields than are merged');",
    replace: '',
    test: [
      'src/protocol/proto/as-protobuf.test.ts',
      'refuses to merge more than a request can mean, in time that grows with its size',
    ],
  },
  {
    name: 'proto: text that is not UTF-8 is read',
    find: 'if (isText) checkUtf8(cursor.bytes, cursor.at, fieldEnd);',
    replace: 'if (isText) void fieldEnd;',
    test: ['src/protocol/proto/strict.test.ts', 'a string that is not UTF-8'],
  },
  {
    name: 'keys: a bundle of another account is taken',
    find: 'checkAccount(walletAddressOf(bundle.identityKey.publicKey), expected.expectedAddress);',
    replace: 'void expected;',
    test: ['src/protocol/keys/bundles.test.ts', 'refuses the right bundle for the wrong account'],
  },
  {
    name: 'keys: an old prekey that nobody signed is taken',
    find: 'for (const key of bundle.preKeys) checkPreKeySignature(key.publicKey, bundle.identityKey.publicKey);',
    replace: '',
    test: ['src/protocol/keys/bundles.test.ts', 'refuses a bundle with'],
  },
  {
    name: 'keys: a private key beside another public one is taken',
    find: 'for (const key of [bundle.identityKey, ...bundle.preKeys]) checkKeyPair(key);',
    replace: '',
    test: ['src/protocol/keys/bundles.test.ts', 'identity key with another private key'],
  },
  {
    name: 'keys: a copy is sealed under a signature of somebody else',
    find: 'if (signer !== checksumAddress(input.account)) {',
    replace: 'if (signer === undefined) {',
    test: [
      'src/protocol/keystore/published.test.ts',
      "refuses a signature that is not the account's over this very text, which would seal for nobody",
    ],
  },
  {
    name: 'keys: a token speaks for an account that it does not name',
    find: 'if (authData.walletAddr !== account) throw',
    replace: 'if (!account) throw',
    test: [
      'src/protocol/differential/account.test.ts',
      'are refused when they name another account than that of the key that signed them',
    ],
  },
  {
    name: 'keys: a token never expires',
    find: "if (nowNs - authData.createdNs > TOKEN_LIFETIME_NS) throw new ProtocolError('bad-number', 'token expired');",
    replace: '',
    test: [
      'src/protocol/differential/account.test.ts',
      'are refused when any part is not what the identity key signed, or when older than an hour',
    ],
  },
  {
    name: 'keys: a V2 key with another signature is the same key',
    find: 'return mine.kind === theirs.kind && mine.recovery === theirs.recovery && equalBytes(mine.bytes, theirs.bytes);',
    replace: 'return mine.kind === theirs.kind;',
    test: [
      'src/protocol/keys/bundles.test.ts',
      'are found by public key whichever their age, and V2 keys only with their own signature',
    ],
  },
  {
    name: 'keys: a secret is made with a peer whose prekey nobody signed',
    find: 'if (!verifyPreKey(peer.preKey, peer.identityKey)) {',
    replace: 'if (!peer.preKey.signature) {',
    test: ['src/protocol/messages/conversations.test.ts', 'are refused with one defect'],
  },
  {
    name: 'keys: any 64 bytes are a placeholder',
    find: 'return equalBytes(bytes.subarray(0, 32), TAG) ? bytes.slice(32) : undefined;',
    replace: 'return bytes.slice(32);',
    test: [
      'src/protocol/keys/placeholder-signature.test.ts',
      'verify under no key, and no real signature is taken for one',
    ],
  },
  {
    name: 'keys: an identity key that a key signed is an account',
    find: "if ('keyBytes' in identityKey && signature.kind !== 'walletEcdsaCompact') {",
    replace: "if ('keyBytes' in identityKey && signature.bytes.length !== 64) {",
    test: ['src/protocol/keys/bundles.test.ts', 'answers with the account, and refuses a chain with any broken link'],
  },
  {
    name: 'keys: what was copied while a bundle was read is left in memory',
    find: 'for (const copy of copies) copy.fill(0);',
    replace: 'void copies;',
    test: [
      'src/protocol/proto/as-protobuf.test.ts',
      'tells which copies it made, so that a private bundle can be wiped',
    ],
  },
  {
    name: 'keys: a contact of another account counts',
    find: 'validateSignedPublicKeyBundle(contact.bundle, { expectedAddress: address });',
    replace: 'validateSignedPublicKeyBundle(contact.bundle);',
    test: [
      'src/protocol/keystore/published.test.ts',
      'takes the newest envelope of that account, past garbage and strangers, however many',
    ],
  },
  {
    name: 'messages: a message is read under a topic that its header does not name',
    find: "if (header.topic !== contentTopic) throw new ProtocolError('wrong-topic', 'the header names another topic');",
    replace: '',
    test: [
      'src/protocol/messages/conversations.test.ts',
      'are read only with their key, on their topic, under their header',
    ],
  },
  {
    name: 'messages: an invitation may be dated anew by whoever carries it',
    find: 'if (header.createdNs !== envelopeTimestampNs) {',
    replace: 'if (header.createdNs < 0n) {',
    test: ['src/protocol/messages/conversations.test.ts', 'are refused with one defect'],
  },
  {
    name: 'messages: content that the prekey did not sign is read',
    find: "throw new ProtocolError('signature-invalid', 'content is not signed by the prekey');",
    replace: 'void signature;',
    test: ['src/protocol/messages/conversations.test.ts', 'are refused with one defect in the signed content'],
  },
  {
    name: 'messages: content of a prekey that nobody signed is read',
    find: 'isPreKeySigned: ({ preKey, identityKey }) => verifyPreKey(preKey, identityKey),',
    replace: 'isPreKeySigned: ({ preKey }) => preKey.signature !== undefined,',
    test: ['src/protocol/messages/conversations.test.ts', 'are refused with one defect in the signed content'],
  },
  {
    name: 'messages: a consent of tomorrow counts',
    find: 'proof.timestampMs > nowMs || ',
    replace: '',
    test: [
      'src/protocol/messages/conversations.test.ts',
      'accepts a consent proof from its account, for its sender, for thirty days',
    ],
  },
  {
    name: 'messages: a consent counts for ever',
    find: ' || proof.timestampMs < nowMs - LIFETIME_MS) return false;',
    replace: ') return false;',
    test: [
      'src/protocol/messages/conversations.test.ts',
      'accepts a consent proof from its account, for its sender, for thirty days',
    ],
  },
  {
    name: 'messages: a V1 message is read under the topic of others',
    find: 'if (directMessageTopic(senderAddress, recipientAddress) !== contentTopic) {',
    replace: 'if (!contentTopic) {',
    test: ['src/protocol/messages/conversations.test.ts', 'are read only on the topic of their two accounts'],
  },
  {
    name: 'messages: an invitation carries a key of any length',
    find: 'if (keyMaterial.length !== KEY_MATERIAL_LENGTH) {',
    replace: 'if (keyMaterial.length === 0) {',
    test: ['src/protocol/messages/conversations.test.ts', 'are refused with key material of another length, or none'],
  },
  {
    name: 'messages: an invitation leads to a topic of another kind',
    find: 'if (!isConversationTopic(topic)) throw',
    replace: 'if (!topic) throw',
    test: [
      'src/protocol/messages/conversations.test.ts',
      'are refused when they name a topic that is no V2 conversation: an answer would be published over it',
    ],
  },
  {
    name: 'calls: one time is given to two preferences',
    find: 'if (new Set(entries.map(({ key }) => key)).size !== entries.length)',
    replace: 'if (entries.length < 0)',
    test: [
      'src/protocol/keystore/messages.test.ts',
      'refuses unknown refresh jobs, preferences without or with repeated keys, and fields where none belong',
    ],
  },
  {
    name: 'calls: a topic longer than any node takes is published',
    find: 'if (contentTopic.length > topicBytes) throw',
    replace: 'if (contentTopic.length < 0) throw',
    test: ['src/protocol/keystore/publish.test.ts', 'refuses what no node takes'],
  },
  {
    name: 'calls: a message larger than any node takes is published',
    find: 'if (message.length > messageBytes) throw',
    replace: 'if (message.length < 0) throw',
    test: ['src/protocol/keystore/publish.test.ts', 'refuses what no node takes'],
  },
  {
    name: 'ours: signed bytes are read in a second form',
    find: 'if (!equalBytes(encodeVaultSignPayload(fields), bytes)) {',
    replace: 'if (bytes.length === 0) {',
    test: [
      'src/protocol/ours/vault-signature.test.ts',
      'have one form: every truncation, extension and changed structure is refused or means other fields',
    ],
  },
  {
    name: 'ours: an answer for another site verifies',
    find: "if (signed.origin !== expected.origin) throw new ProtocolError('wrong-origin', 'signed for another origin');",
    replace: '',
    test: ['src/protocol/ours/vault-signature.test.ts', 'refuses an answer with'],
  },
  {
    name: 'ours: a field of signed bytes reaches past the end',
    find: 'if (at + length > bytes.length) throw',
    replace: 'if (length < 0) throw',
    test: [
      'src/protocol/ours/vault-signature.test.ts',
      'are called too short wherever they are cut off behind their version',
    ],
  },
  {
    name: 'ours: a backup carries a conversation with a key of any length',
    find: 'topicSecret.length === topicKeyLength',
    replace: 'topicSecret.length > 0',
    test: ['src/protocol/ours/backup.test.ts', 'is neither written nor read'],
  },
  {
    name: 'ours: a backup is dated beyond all dates',
    find: "if (createdMs > latestMs) throw new ProtocolError('bad-number', 'time of the backup is out of range');",
    replace: '',
    test: ['src/protocol/ours/backup.test.ts', 'a time out of range'],
  },
  {
    name: 'inbox: a text that does not rebuild is taken',
    find: "if (buildIdentityText(read) !== text) throw refusal('text is not in its one form');",
    replace: 'buildIdentityText(read);',
    test: [
      'src/protocol/inbox/identity-text.test.ts',
      'law: is refused, or is another text of the grammar and rebuilds byte for byte',
    ],
  },
  {
    name: 'inbox: the recovery bit of a signature is always the same',
    find: 'Uint8Array.of(27 + recovery)',
    replace: 'Uint8Array.of(27)',
    test: [
      'src/protocol/inbox/text-signature.test.ts',
      'law: are 65 bytes, low s, v 27 or 28, the same for the same text, and recover to the key over exactly that text',
    ],
  },
  {
    name: 'R-D6: the writer of a secret message keeps what it wrote',
    find: 'writer.raw(zeros);',
    replace: 'void zeros;',
    test: [
      'src/protocol/proto/encode-secret.test.ts',
      'R-D6 law: a secret message is written as any other, by a writer that never grows and is all zeros afterwards',
    ],
  },
  {
    name: 'proto: of two members of a oneof both may stand there',
    find: 'const place = oneof === undefined ? number : `oneof ${oneof}`;',
    replace: 'const place = number;',
    test: ['src/protocol/proto/strict.test.ts', 'two members of one oneof'],
  },
  {
    name: 'messages: who wrote a V1 message before has written this one',
    find: 'for (const field of [1, 2])',
    replace: 'for (const field of [1])',
    test: [
      'src/protocol/messages/conversations.test.ts',
      'law: whoever reads many headers reads in each what stands in it, and refuses what is refused alone',
    ],
  },
];
