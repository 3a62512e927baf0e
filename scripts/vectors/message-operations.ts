// Vector operations of messages: making them, opening them at keystore level, and the whole reading path of a client.
import { publicBundleOf, signedPublicBundleOf } from '../../src/protocol/keys/bundles';
import { concatBytes, equalBytes, hexToBytes } from '../../src/protocol/base/bytes';
import { decodeContent, encodeContent, textContent, textOf } from '../../src/protocol/messages/content';
import { ProtocolError } from '../../src/protocol/base/errors';
import { hmacKeyInfo, hmacKeyOf, hmacPeriodOf, senderHmac } from '../../src/protocol/messages/hmac-keys';
import { decodeSealedInvitation, openInvitation } from '../../src/protocol/messages/invitation';
import { keystoreCodeOf } from '../../src/protocol/keystore/codes';
import type { RequestItem } from '../../src/protocol/keystore/messages';
import { decodeDecryptV1Request, decodeDecryptV2Request } from '../../src/protocol/keystore/messages';
import { walletAddressOf } from '../../src/protocol/keys/keys';
import { decodeMessage, encodeMessage, messageId } from '../../src/protocol/messages/message';
import { decryptV1, encodeMessageHeaderV1, encryptV1, readMessageV1 } from '../../src/protocol/messages/message-v1';
import {
  contentDigest,
  decodeSignedContent,
  decryptV2,
  encodeMessageHeaderV2,
  encryptV2,
  readMessageV2,
  signContent,
} from '../../src/protocol/messages/message-v2';
import { recoverPublicKey, signDigest } from '../../src/protocol/base/secp256k1';
import { directMessageTopic } from '../../src/protocol/messages/topics';
import type { Operation, Vector, VectorSet } from './compare';
import { check, checkFacts, expectationFor, Mismatch } from './compare';
import { bundleOf } from './identities';

const NS_PER_MS = 1_000_000n;

function encodeV1({ input, expect }: Vector, set: VectorSet): void {
  const [mine, theirs] = [bundleOf(set, input.sender), bundleOf(set, input.recipient)];
  const [sender, recipient] = [publicBundleOf(mine), publicBundleOf(theirs)];
  const { hkdfSalt, gcmNonce, ...facts } = expect;
  check(facts, () => {
    const payload = encodeContent(textContent(input.text));
    checkFacts({ payload: input.payload }, { payload });
    const headerBytes = encodeMessageHeaderV1({ sender, recipient, timestampMs: BigInt(input.timestampMs) });
    const ciphertext = encryptV1({
      mine,
      headerBytes,
      payload,
      salt32: hexToBytes(hkdfSalt),
      nonce12: hexToBytes(gcmNonce),
    });
    const messageProto = encodeMessage({ version: 1, headerBytes, ciphertext });
    return {
      headerProto: headerBytes,
      ciphertextPayload: ciphertext.payload,
      messageProto,
      messageId: messageId(messageProto),
      dmTopic: directMessageTopic(walletAddressOf(sender.identityKey), walletAddressOf(recipient.identityKey)),
    };
  });
}

/** One length-delimited field. */
function delimited(field: number, body: Uint8Array): Uint8Array {
  const length =
    body.length < 128
      ? [body.length]
      : body.length < 16_384
        ? [(body.length & 127) | 128, body.length >> 7]
        : undefined;
  if (!length || body.length >= 16_384) throw new Mismatch('longer than this driver writes');
  return concatBytes(Uint8Array.of((field << 3) | 2, ...length), body);
}

/** Request bytes of one item, written by hand so that the vectors can hold what our encoder would not write. */
export function decryptV1Request(input: Vector['input']): Uint8Array {
  const fields = [
    delimited(1, hexToBytes(input.ciphertextProto)),
    delimited(2, hexToBytes(input.peerPublicKeyBundleProto)),
    delimited(3, hexToBytes(input.headerProto)),
    Uint8Array.of(0x20, input.isSender ? 1 : 0),
  ];
  return delimited(1, concatBytes(...fields));
}

/** As `decryptV1Request`. */
export function decryptV2Request(input: Vector['input']): Uint8Array {
  const fields = [
    delimited(1, hexToBytes(input.ciphertextProto)),
    delimited(2, hexToBytes(input.headerProto)),
    delimited(3, new TextEncoder().encode(input.contentTopic)),
  ];
  return delimited(1, concatBytes(...fields));
}

function onlyItem<Item>(items: RequestItem<Item>[]): Item {
  const [item, ...more] = items;
  if (item === undefined || more.length > 0) throw new Mismatch('not one item');
  if (item instanceof ProtocolError) throw item;
  return item;
}

/** What is right where the client fails: the recorded plaintext, by the vault's own choice of role and prekey. */
export function decryptExpectation(expect: Vector['expect'], checkOk: (expect: Record<string, unknown>) => void): void {
  const right = (): void => checkOk({ outcome: 'ok', decrypted: expect.vaultDecrypted });
  expectationFor(expect, {
    'decrypt: pick the pre-key named in header.recipient.preKey': right,
    'decrypt: decide the role by identity key and take peer and pre-key from the header': right,
    decrypt: right,
  });
}

function openV1({ input, expect }: Vector, set: VectorSet): void {
  const mine = bundleOf(set, input.keystore);
  const checkAgainst = (wanted: Record<string, unknown>): void =>
    check(
      wanted,
      () => {
        const { payload, headerBytes, isSender, peerKeys } = onlyItem(decodeDecryptV1Request(decryptV1Request(input)));
        return { decrypted: decryptV1(mine, { ciphertext: payload, headerBytes }, { isSender, peerKeys }) };
      },
      ({ reason }) => keystoreCodeOf('decryptV1', reason),
    );
  if (expect.vaultShould === undefined) checkAgainst(expect);
  else decryptExpectation(expect, checkAgainst);
}

function readV1({ input, expect }: Vector, set: VectorSet): void {
  const messageBytes = hexToBytes(input.messageProto);
  check(expect, () => {
    const mine = bundleOf(set, input.client);
    const { payload, senderAddress, recipientAddress, timestampMs } = readMessageV1(
      mine,
      messageBytes,
      input.contentTopic,
    );
    return {
      content: textOf(decodeContent(payload)),
      senderAddress,
      recipientAddress,
      sentMs: timestampMs,
      messageId: messageId(messageBytes),
    };
  });
}

function encodeV2({ input, expect }: Vector, set: VectorSet): void {
  const mine = bundleOf(set, input.sender);
  const sender = signedPublicBundleOf(mine);
  const address = walletAddressOf(sender.identityKey);
  const preKeyPrivate = mine.preKeys[0]?.privateKey as Uint8Array;
  const period = hmacPeriodOf(Number(input.clockMs));
  const { hkdfSalt, gcmNonce, ...facts } = expect;
  check(facts, () => {
    const payload = encodeContent(textContent(input.text));
    checkFacts({ payload: input.payload }, { payload });
    const headerBytes = encodeMessageHeaderV2({ createdNs: BigInt(input.createdNs), topic: input.topic });
    const keyMaterial = hexToBytes(input.keyMaterial);
    const signedContent = signContent({ headerBytes, payload, sender, preKeyPrivate });
    const [salt32, nonce12] = [hexToBytes(hkdfSalt), hexToBytes(gcmNonce)];
    const ciphertext = encryptV2({ keyMaterial, headerBytes, payload: signedContent, salt32, nonce12 });
    const hmac = senderHmac(hmacKeyOf(keyMaterial, period, address), headerBytes);
    const message = { version: 2, headerBytes, ciphertext, senderHmac: hmac, shouldPush: input.shouldPush } as const;
    const messageProto = encodeMessage(message);
    const digest = contentDigest(headerBytes, payload);
    return {
      digest,
      signature: { kind: 'ecdsaCompact', ...signDigest(digest, preKeyPrivate) },
      signedContentProto: signedContent,
      hmacInfo: hmacKeyInfo(period, address),
      headerProto: headerBytes,
      ciphertextPayload: ciphertext.payload,
      senderHmac: hmac,
      shouldPush: decodeMessage(messageProto).version === 2 && input.shouldPush,
      messageProto,
      messageId: messageId(messageProto),
    };
  });
}

function readV2({ input, expect }: Vector, set: VectorSet): void {
  const messageBytes = hexToBytes(input.messageProto);
  const { contentError, ...facts } = expect;
  const read = (): Record<string, unknown> => {
    const { payload, senderAddress, createdNs } = readMessageV2(
      hexToBytes(input.keyMaterial),
      messageBytes,
      input.topic,
    );
    const content = decodeContent(payload);
    const { authorityId, typeId, versionMajor, versionMinor } = content.type;
    if (contentError !== undefined) {
      const unknown = `unknown content type ${authorityId}/${typeId}:${versionMajor}.${versionMinor}`;
      checkFacts({ contentError }, { contentError: textOf(content) === undefined ? unknown : undefined });
    }
    return {
      content: textOf(content),
      contentFallback: content.fallback,
      senderAddress,
      sentMs: createdNs / NS_PER_MS,
      messageId: messageId(messageBytes),
    };
  };
  const codeOf = ({ reason }: ProtocolError): number => keystoreCodeOf('decryptV2', reason);
  if (expect.vaultShould === undefined) {
    check(facts, read, codeOf);
    return;
  }
  expectationFor(expect, {
    'decrypt (the keystore never sees this check), UI should flag senders outside the conversation': () =>
      check(facts, read, codeOf),
    'always write the right recovery bit': () => {
      check(facts, read, codeOf);
      checkRecoveryBit(bundleOf(set, input.client));
    },
  });
}

function checkRecoveryBit(mine: ReturnType<typeof bundleOf>): void {
  const sender = signedPublicBundleOf(mine);
  const preKeyPrivate = mine.preKeys[0]?.privateKey as Uint8Array;
  for (let i = 0; i < 8; i++) {
    const [headerBytes, payload] = [new Uint8Array(1), Uint8Array.of(i)];
    const { signature } = decodeSignedContent(signContent({ headerBytes, payload, sender, preKeyPrivate }));
    const recovered = signature && recoverPublicKey(signature, contentDigest(headerBytes, payload));
    if (!recovered || !equalBytes(recovered, sender.preKey.publicKey))
      throw new Mismatch('a wrong recovery bit was written');
  }
}

function openV2({ input, expect }: Vector, set: VectorSet): void {
  const invite = set['invite'] as { sealedInvitationProto: string; createdNs: string };
  const opened = openInvitation(
    bundleOf(set, input.keystore),
    decodeSealedInvitation(hexToBytes(invite.sealedInvitationProto)),
    BigInt(invite.createdNs),
  );
  check(
    expect,
    () => {
      const { payload, headerBytes, contentTopic } = onlyItem(decodeDecryptV2Request(decryptV2Request(input)));
      if (contentTopic !== opened.invitation.topic)
        throw new ProtocolError('no-topic-key', 'no key is known for this topic');
      return { decrypted: decryptV2(opened.invitation.keyMaterial, { ciphertext: payload, headerBytes }) };
    },
    ({ reason }) => keystoreCodeOf('decryptV2', reason),
  );
}

/** By the `op` of the vectors. */
export const messageOperations: Record<string, Operation> = {
  encodeMessageV1: encodeV1,
  decryptV1: openV1,
  clientDecodeV1: readV1,
  encodeMessageV2: encodeV2,
  decryptV2: openV2,
  clientDecodeV2: readV2,
};
