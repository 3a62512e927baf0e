// The envelope of messages, V1 or V2, and the id everybody knows a message by (protocol 0.1, f).
// Promises strict reading; header bytes and ciphertext are handed on as they are, for they are what was authenticated.
// Must not open anything; message-v1.ts and message-v2.ts do.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '../base/bytes';
import { ProtocolError } from '../base/errors';
import * as wire from '../proto/gen/conversations';
import { decodeStrictly } from '../proto/strict';
import type { Ciphertext } from '../keys/seal';
import { ciphertextFromWire, ciphertextToWire } from '../keys/seal';

/** A V1 message as published. */
export interface MessageV1 {
  readonly version: 1;
  readonly headerBytes: Uint8Array;
  readonly ciphertext: Ciphertext;
}

/** A V2 message as published. Clients before 11.5.0 write neither `senderHmac` nor `shouldPush`. */
export interface MessageV2 {
  readonly version: 2;
  readonly headerBytes: Uint8Array;
  readonly ciphertext: Ciphertext;
  readonly senderHmac?: Uint8Array;
  readonly shouldPush?: boolean;
}

/** Wire bytes of a Message. */
export function encodeMessage(message: MessageV1 | MessageV2): Uint8Array {
  const { headerBytes } = message;
  const ciphertext = ciphertextToWire(message.ciphertext);
  const version: wire.Message['version'] =
    message.version === 1
      ? { $case: 'v1', value: { headerBytes, ciphertext } }
      : {
          $case: 'v2',
          value: { headerBytes, ciphertext, senderHmac: message.senderHmac, shouldPush: message.shouldPush },
        };
  return wire.Message.encode({ version }).finish();
}

/** Reads a Message. Throws 'malformed-protobuf', 'unknown-version', 'missing-field' or 'bad-length'. */
export function decodeMessage(bytes: Uint8Array): MessageV1 | MessageV2 {
  const { version } = decodeStrictly(wire.Message, 'Message', bytes);
  if (!version) throw new ProtocolError('unknown-version', 'unknown message version');
  if (version.value.headerBytes.length === 0) throw new ProtocolError('missing-field', 'header bytes are missing');
  const headerBytes = version.value.headerBytes.slice();
  const ciphertext = ciphertextFromWire(version.value.ciphertext);
  if (version.$case === 'v1') return { version: 1, headerBytes, ciphertext };
  const { senderHmac, shouldPush } = version.value;
  return {
    version: 2,
    headerBytes,
    ciphertext,
    ...(senderHmac !== undefined && { senderHmac: senderHmac.slice() }),
    ...(shouldPush !== undefined && { shouldPush }),
  };
}

/** The id of a message: SHA-256 of the whole published bytes, lower-case hex (f.2). */
export function messageId(messageBytes: Uint8Array): string {
  return bytesToHex(sha256(messageBytes));
}
