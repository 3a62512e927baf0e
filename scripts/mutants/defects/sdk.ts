// Seeded defects of what runs in a dapp's page.
import type { Defect } from '../defect';

export const sdkDefects: readonly Defect[] = [
  {
    name: 'sdk: an answer for another account is refused late',
    find: "if (signed.account !== account) throw new VaultSignatureError('wrong-account');",
    replace: '',
    test: ['src/sdk/verify.test.ts', 'for another site or another account than expected'],
  },
  {
    name: 'sdk: an answer of tomorrow verifies',
    find: "if (issuedAtMs > nowMs + clockSkewMs) throw new VaultSignatureError('from-the-future');",
    replace: '',
    test: ['src/sdk/verify.test.ts', 'age: the limit itself still passes, a minute of clock difference too'],
  },
  {
    name: 'sdk: an old answer verifies',
    find: "if (nowMs - issuedAtMs > maxAgeMs) throw new VaultSignatureError('too-old');",
    replace: '',
    test: ['src/sdk/verify.test.ts', 'age against the clock when no time is given'],
  },
  {
    name: 'sdk: one answer has many forms: fields nobody knows',
    find: 'if (!equalBytes(encodeSignedPublicKeyBundle(bundle), answer.signedPublicKeyBundle))',
    replace: 'if (bundle === undefined)',
    test: ['src/sdk/verify.test.ts', 'law: cut off or lengthened byte strings'],
  },
  {
    name: 'sdk: one answer has two forms: the recovery bit',
    find: 'if (!equalBytes(recoverPublicKey(answer.signature, digest), bundle.preKey.publicKey)) {',
    replace: 'if (digest.length === 0) {',
    test: ['src/sdk/verify.test.ts', 'recovery bit'],
  },
  {
    name: 'sdk: an age that is no number lets every age pass',
    find: 'if (maxAgeMs !== undefined && !(maxAgeMs >= 0)) throw',
    replace: 'if (maxAgeMs !== undefined && maxAgeMs < 0) throw',
    test: ['src/sdk/verify.test.ts', 'an unusable option is a TypeError, not a pass'],
  },
  {
    name: 'sdk: another purpose verifies',
    find: 'if (expected.purpose !== undefined && signed.purpose !== expected.purpose)',
    replace: 'if (expected.purpose === signed.origin)',
    test: ['src/sdk/verify.test.ts', 'payload and purpose'],
  },
  {
    name: 'sdk: an option that is undefined checks nothing',
    find: 'if (value === undefined) throw new TypeError(`verifyVaultSignature: ${name} is undefined; leave it out instead`);',
    replace: 'void [name, value];',
    test: ['src/sdk/verify.test.ts', 'an unusable option is a TypeError, not a pass'],
  },
  {
    name: 'sdk: a misspelt option of sign passes',
    find: "mustBeOptions('sign', request, signOptions);",
    replace: '',
    test: ['src/sdk/options.test.ts', 'refuses a name it does not know, and asks nobody'],
  },
  {
    name: 'sdk: a code that is not ours reaches the dapp',
    find: 'const isKnown = codes.has(code);',
    replace: 'const isKnown = code !== undefined;',
    test: [
      'src/sdk/calls.test.ts',
      'a code that is not of the list becomes -32603, with words of ours and the original as its cause',
    ],
  },
  {
    name: 'sdk: a listener is left in the page',
    find: 'page.removeEventListener(announceEvent, onAnnounce);',
    replace: '',
    test: ['src/sdk/discovery.test.ts', 'takes the provider that answers the request event'],
  },
  {
    name: 'sdk: whatever is announced is a provider',
    find: 'return isProvider(provider) ? provider : undefined;\n  } catch {\n    // A getter',
    replace: 'return provider as PrekeyVaultProvider;\n  } catch {\n    // A getter',
    test: ['src/sdk/discovery.test.ts', 'does not believe an announcement with'],
  },
  {
    name: 'sdk: the shape of an answer is looked at, and its memory shared',
    find: 'return Uint8Array.from(value as Uint8Array);',
    replace: 'return value as Uint8Array;',
    test: ['src/sdk/verify.test.ts', 'does not share memory with the answer'],
  },
  {
    name: 'xmtp: a placeholder is given for the identity key',
    find: 'if (identityKey === true) throw',
    replace: 'if (identityKey === null) throw',
    test: ['src/sdk/xmtp/keystore.test.ts', 'refuses other keys and other lengths at once'],
  },
  {
    name: 'xmtp: a placeholder is given for another prekey',
    find: 'if (prekeyIndex !== 0)',
    replace: 'if (prekeyIndex === undefined)',
    test: ['src/sdk/xmtp/keystore.test.ts', 'refuses other keys and other lengths at once'],
  },
  {
    name: 'xmtp: a placeholder that was used is reported',
    find: 'for (const { payload } of message.requests) placeholders.redeem(payload);',
    replace: '',
    test: ['src/sdk/xmtp/keystore.test.ts', 'says nothing of a placeholder that came back in content'],
  },
  {
    name: 'xmtp: a token is made whenever publishing fails',
    find: " || thrown.network !== 'none')",
    replace: ')',
    test: [
      'src/sdk/xmtp/api.test.ts',
      'an extension that is out of reach once is asked again; a node that fails is not hidden behind a token',
    ],
  },
  {
    name: 'xmtp: tokens come into a page that did not ask for them',
    find: 'if (options.orToken === true) node.setAuthenticator',
    replace: 'if (options.orToken !== null) node.setAuthenticator',
    test: ['src/sdk/xmtp/api.test.ts', 'talks with stock peers both ways, and no token ever comes into the page'],
    equivalent: 'nobody asks it for a token: only the publish of the node does, which is called with `orToken` alone',
  },
  {
    name: 'xmtp: answers that are missing shift the others',
    find: 'if (received.length !== chunk.items.length) {',
    replace: 'if (received.length < 0) {',
    test: ['src/sdk/xmtp/chunks.test.ts', 'does not take another number of answers'],
  },
  {
    name: 'xmtp: an aborted batch goes on',
    find: 'signal?.throwIfAborted();',
    replace: '',
    test: ['src/sdk/xmtp/chunks.test.ts', 'sends nothing when it was aborted before'],
  },
  {
    name: 'xmtp: what is stored goes to the vault in any order',
    find: 'limits: isStoring ? { ...limits, inFlight: 1 } : limits,',
    replace: 'limits,',
    test: [
      'src/sdk/xmtp/order.test.ts',
      'of what is stored one chunk is under way at a time, of what is only worked on some are',
    ],
  },
  {
    name: 'xmtp: a call that did not arrive is not sent again',
    find: 'if (isDisconnected(thrown)) return send();',
    replace: '',
    test: ['src/sdk/xmtp/keystore.test.ts', 'once, the call is sent again; twice, it fails with 4900'],
  },
  {
    name: 'xmtp: a preference that is known is overwritten',
    find: 'if (known.has(key)) return false;',
    replace: '',
    test: ['src/sdk/xmtp/preferences.test.ts', 'writes only what is new; what was known stays'],
  },
  {
    name: 'xmtp: a misspelt option of a client passes',
    find: "mustBeKnown('vaultClientOptions', given, clientOptions);",
    replace: '',
    test: ['src/sdk/options.test.ts', 'refuses a name it does not know, and asks nobody'],
  },
  {
    name: 'xmtp: more is published at once than the vault takes',
    find: 'last.length < requestEnvelopes && ',
    replace: '',
    test: ['src/sdk/xmtp/api.test.ts', 'is cut into requests the vault takes, in order'],
  },
  {
    name: 'xmtp: an envelope is published without a retry',
    find: 'if (isDisconnected(thrown)) return once();',
    replace: '',
    test: [
      'src/sdk/xmtp/api.test.ts',
      'an extension that is out of reach once is asked again; a node that fails is not hidden behind a token',
    ],
  },
];
