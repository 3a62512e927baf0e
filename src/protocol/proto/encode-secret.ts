// Protobuf bytes of messages that are secret, written so that the writer keeps none of them (R-D6).
// Promises: the result is the only copy that is made. Must not: be spared where a message holds a private key or the key of a conversation.
import { BinaryWriter } from '@bufbuild/protobuf/wire';

/** More than a message has beside its byte fields for each of them: tags, lengths, numbers. */
const besideBytes = 64;

/** Bytes of all byte fields and texts in a message, with room for what stands beside them. */
function roomFor(value: unknown): number {
  if (value instanceof Uint8Array) return value.length + besideBytes;
  if (typeof value === 'string') return value.length * 3 + besideBytes;
  if (typeof value !== 'object' || value === null) return besideBytes;
  return Object.values(value).reduce<number>((sum, one) => sum + roomFor(one), besideBytes);
}

/** The caller wipes the result. */
export function encodeSecret<Message>(
  codec: { encode(message: Message, writer: BinaryWriter): BinaryWriter },
  message: Message,
): Uint8Array {
  const writer = new BinaryWriter();
  // A writer that grows leaves what it had behind. This one has room for everything before it begins, and keeps it.
  const zeros = new Uint8Array(roomFor(message));
  writer.raw(zeros).finish();
  const encoded = codec.encode(message, writer).finish();
  // It begins anew, so that this is written over all of it.
  writer.raw(zeros);
  return encoded;
}
