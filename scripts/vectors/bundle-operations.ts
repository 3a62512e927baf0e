// Vector operations of bundles: encrypted bundles, shared secrets, contacts, decoding.
import * as bundles from '../../src/protocol/keys/bundles';
import { bytesToHex, hexToBytes } from '../../src/protocol/base/bytes';
import { currentContact } from '../../src/protocol/keys/contact-bundle';
import {
  decodeEncryptedPrivateKeyBundle,
  openEncryptedPrivateKeyBundle,
  sealEncryptedPrivateKeyBundle,
} from '../../src/protocol/keys/encrypted-bundle';
import { ProtocolError } from '../../src/protocol/base/errors';
import { addressOf } from '../../src/protocol/base/ethereum';
import { isFromLegacy, walletAddressOf } from '../../src/protocol/keys/keys';
import { ecdh65, getPublicKey } from '../../src/protocol/base/secp256k1';
import { sharedSecret, sharedSecretOfKeys } from '../../src/protocol/keys/shared-secret';
import { enableIdentityText } from '../../src/protocol/keys/wallet-text';
import type { Operation, Vector, VectorSet } from './compare';
import { check, checkFacts, expectationFor, Mismatch, outcomeOf } from './compare';
import { walletSign } from './key-operations';

/** How many of the newest envelopes a batch lookup of the real client sees. */
const BATCH_PAGE = 5;

function open(encryptedBundle: Uint8Array, signature: Uint8Array): Record<string, unknown> {
  const { bundle, needsUpdate } = openEncryptedPrivateKeyBundle(encryptedBundle, signature);
  return { privateKeyBundleProto_v1: bundles.encodePrivateKeyBundle({ version: 1, bundle }), needsUpdate };
}

function openWithWallet({ input, expect }: Vector): void {
  const encryptedBundle = hexToBytes(input.encryptedBundle);
  const walletPrivateKey = hexToBytes(input.walletPrivateKey);
  const signatures = new Map<string, Uint8Array>();
  const parsed = outcomeOf(() => decodeEncryptedPrivateKeyBundle(encryptedBundle));
  // Envelopes that do not parse ask for no signature; the wallet then signs the text of an arbitrary walletPreKey.
  const text = enableIdentityText(parsed instanceof ProtocolError ? new Uint8Array(32) : parsed.walletPreKey);
  signatures.set('withV27Wallet', walletSign(walletPrivateKey, text, 27));
  signatures.set('withV0Wallet', walletSign(walletPrivateKey, text, 0));
  checkWalletFacts(input, text, parsed, signatures);

  if (expect.vaultShould !== undefined) {
    expectationFor(expect, {
      'open it, needsUpdate true': () => {
        for (const signature of signatures.values())
          check(expect.withV27Wallet_proto_3_72, () => open(encryptedBundle, signature));
      },
    });
    return;
  }
  for (const [wallet, signature] of signatures) {
    if (expect[wallet] !== undefined) check(expect[wallet], () => open(encryptedBundle, signature));
  }
  const opened = outcomeOf(() =>
    openEncryptedPrivateKeyBundle(encryptedBundle, signatures.get('withV27Wallet') as Uint8Array),
  );
  if (opened instanceof ProtocolError) return;
  if (expect.identityWalletAddress !== undefined) {
    checkFacts(
      { identityWalletAddress: expect.identityWalletAddress, openingWalletAddress: expect.openingWalletAddress },
      {
        identityWalletAddress: walletAddressOf(opened.bundle.identityKey.publicKey),
        openingWalletAddress: addressOf(getPublicKey(walletPrivateKey)),
      },
    );
  }
  if (!opened.needsUpdate) checkSealedAgain(input, opened.bundle, [...signatures.values()]);
}

function checkWalletFacts(
  input: Vector['input'],
  text: string,
  parsed: ReturnType<typeof decodeEncryptedPrivateKeyBundle> | ProtocolError,
  signatures: Map<string, Uint8Array>,
): void {
  const actual = {
    walletPreKey: parsed instanceof ProtocolError ? undefined : parsed.walletPreKey,
    enableIdentityText: text,
    walletSignature65_v27: signatures.get('withV27Wallet'),
    walletSignature65_v0: signatures.get('withV0Wallet'),
  };
  if (parsed instanceof ProtocolError) return;
  const given = Object.keys(actual).filter((key) => input[key] !== undefined);
  checkFacts(Object.fromEntries(given.map((key) => [key, input[key]])), actual);
}

/** The recorded salt and nonce must give the recorded envelope again, with one of the two ways of writing v. */
function checkSealedAgain(input: Vector['input'], bundle: bundles.PrivateKeyBundleV1, signatures: Uint8Array[]): void {
  if (input.hkdfSalt === undefined) throw new Mismatch('no salt was recorded');
  const sealed = signatures.map((walletSignature) =>
    bytesToHex(
      sealEncryptedPrivateKeyBundle({
        bundle,
        account: addressOf(getPublicKey(hexToBytes(input.walletPrivateKey))),
        walletPreKey: hexToBytes(input.walletPreKey),
        walletSignature,
        salt32: hexToBytes(input.hkdfSalt),
        nonce12: hexToBytes(input.gcmNonce),
      }),
    ),
  );
  if (!sealed.includes(input.encryptedBundle)) throw new Mismatch('sealing again gives other bytes');
}

function sharedSecretParts(input: Record<string, string>): Record<string, unknown> {
  const key = (name: string): Uint8Array => hexToBytes(input[name] as string);
  const sender = { identity: key('senderIdentityPrivateKey'), preKey: key('senderPreKeyPrivateKey') };
  const recipient = { identity: key('recipientIdentityPrivateKey'), preKey: key('recipientPreKeyPrivateKey') };
  const secret195 = sharedSecretOfKeys({
    identityPrivateKey: sender.identity,
    preKeyPrivateKey: sender.preKey,
    peerIdentityPublicKey: getPublicKey(recipient.identity),
    peerPreKeyPublicKey: getPublicKey(recipient.preKey),
    role: 'sender',
  });
  const fromRecipient = sharedSecretOfKeys({
    identityPrivateKey: recipient.identity,
    preKeyPrivateKey: recipient.preKey,
    peerIdentityPublicKey: getPublicKey(sender.identity),
    peerPreKeyPublicKey: getPublicKey(sender.preKey),
    role: 'recipient',
  });
  if (bytesToHex(fromRecipient) !== bytesToHex(secret195)) throw new Mismatch('the two sides differ');
  return {
    dh1_senderIdentity_x_recipientPreKey: ecdh65(sender.identity, getPublicKey(recipient.preKey)),
    dh2_senderPreKey_x_recipientIdentity: ecdh65(sender.preKey, getPublicKey(recipient.identity)),
    dh3_senderPreKey_x_recipientPreKey: ecdh65(sender.preKey, getPublicKey(recipient.preKey)),
    secret195,
  };
}

function sharedSecretAsSender(mine: string, peer: string): Record<string, unknown> {
  const decoded = bundles.decodePrivateKeyBundle(hexToBytes(mine));
  const peerBundle = bundles.decodePublicKeyBundle(hexToBytes(peer));
  const current = bundles.currentPreKey<
    bundles.PrivateKeyBundleV1['preKeys'][number] | bundles.PrivateKeyBundleV2['preKeys'][number]
  >(decoded.bundle);
  return { secret195: sharedSecret(decoded.bundle, peerBundle, current.publicKey, 'sender') };
}

function lookUp(address: string, newestFirst: Uint8Array[]): Record<string, unknown> {
  const contact = currentContact(address, newestFirst);
  if (!contact) return { found: 'none' };
  const bundleProto =
    contact.version === 1
      ? bundles.encodePublicKeyBundle(contact.bundle)
      : bundles.encodeSignedPublicKeyBundle(contact.bundle);
  return { found: `v${contact.version}`, bundleProto };
}

function contactLookup({ input, expect }: Vector): void {
  const envelopes: string[] = input.envelopesOldestFirst;
  const newestFirst = envelopes.map(hexToBytes).toReversed();
  const single = (): Record<string, unknown> => lookUp(input.address, newestFirst);
  const batch = (): Record<string, unknown> => lookUp(input.address, newestFirst.slice(0, BATCH_PAGE));
  if (expect.vaultShould === undefined) {
    check(expect.single, single);
    check(expect.batch, batch);
    return;
  }
  expectationFor(expect, {
    skip: () => {
      check(expect.batch, single);
      check(expect.batch, batch);
    },
    'accept as V1': () => {
      check({ outcome: 'ok', found: 'v1', bundleProto: envelopes.at(-1) }, single);
    },
    'skip entries whose pre-key signature does not verify': () => {
      const found = single();
      const bundleHex = bytesToHex(found['bundleProto'] as Uint8Array);
      if (bundleHex === expect.single.bundleProto) throw new Mismatch('took the entry with the bad prekey signature');
      if (!envelopes.slice(0, -1).some((envelope) => envelope.endsWith(bundleHex)))
        throw new Mismatch('took no older entry');
    },
  });
}

function decodePrivate(bytes: string): Record<string, unknown> {
  const { version, bundle } = bundles.decodePrivateKeyBundle(hexToBytes(bytes));
  const checked = outcomeOf(() => bundles.validatePrivateKeyBundle(bundle, { expectedAddress: `0x${'0'.repeat(40)}` }));
  const validatePublicKeys = !(checked instanceof ProtocolError && checked.reason === 'private-public-mismatch');
  return { decodes: true, version, preKeys: bundle.preKeys.length, validatePublicKeys };
}

function toLegacy(bytes: string): Record<string, unknown> {
  const bundle = bundles.decodeSignedPublicKeyBundle(hexToBytes(bytes));
  return {
    publicKeyBundleProto: bundles.encodePublicKeyBundle(bundles.v2ToLegacyPublicKeyBundle(bundle)),
    isFromLegacy: isFromLegacy(bundle.identityKey) && isFromLegacy(bundle.preKey),
  };
}

function anyPrivateBundle(set: VectorSet): string {
  const [first] = Object.values(set.identities ?? {});
  if (!first) throw new Mismatch('the file has no identities');
  return first['privateKeyBundleProto_v1'] as string;
}

/** By the `op` of the vectors. */
export const bundleOperations: Record<string, Operation> = {
  openEncryptedPrivateKeyBundle: openWithWallet,
  openEncryptedPrivateKeyBundleWithSignature: ({ input, expect }) => {
    const encryptedBundle = hexToBytes(input.encryptedBundle);
    check(expect.withSignature, () => open(encryptedBundle, hexToBytes(input.signatureBytes)));
    check(expect.withWrongSignature, () => open(encryptedBundle, hexToBytes(input.wrongSignatureBytes)));
  },
  sharedSecret: ({ input, expect }) => check(expect, () => sharedSecretParts(input)),
  sharedSecretAsSender: ({ input, expect }) =>
    check(expect, () => sharedSecretAsSender(input.myPrivateKeyBundleProto_v1, input.peerPublicKeyBundleProto)),
  'sharedSecretAgainst.PublicKeyBundle': ({ input, expect }, set) =>
    check(expect, () => sharedSecretAsSender(anyPrivateBundle(set), input.bytes)),
  contactLookup,
  'decode.PublicKeyBundle': ({ input, expect }) =>
    check(expect, () => ({
      walletAddress: walletAddressOf(bundles.decodePublicKeyBundle(hexToBytes(input.bytes)).identityKey),
    })),
  'decode.SignedPublicKeyBundle': ({ input, expect }) =>
    check(expect, () => ({
      walletAddress: walletAddressOf(bundles.decodeSignedPublicKeyBundle(hexToBytes(input.bytes)).identityKey),
    })),
  'decode.PrivateKeyBundle': ({ input, expect }) => check(expect, () => decodePrivate(input.bytes)),
  'toLegacy.SignedPublicKeyBundle': ({ input, expect }) => check(expect, () => toLegacy(input.bytes)),
};
