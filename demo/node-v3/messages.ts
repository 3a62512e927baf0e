// The messages of XMTP V3's node: the codecs of XMTP's own package, and its 64-bit numbers as bigints.
// Promises: what does not decode is refused with INVALID_ARGUMENT. Must not: judge what a message says.
import { createRequire } from 'node:module';
import path from 'node:path';
import type * as AssociationMessages from '../../node_modules/@xmtp/proto/ts/dist/types/identity/associations/association.pb';
import type * as SignatureMessages from '../../node_modules/@xmtp/proto/ts/dist/types/identity/associations/signature.pb';
import type * as IdentityMessages from '../../node_modules/@xmtp/proto/ts/dist/types/identity/api/v1/identity.pb';
import type * as MlsMessages from '../../node_modules/@xmtp/proto/ts/dist/types/mls/api/v1/mls.pb';
import { RpcError } from '../node/rpc-error';

// The package exports no message of identities, and plain node cannot import its ES modules: its CommonJS files are loaded by path.
const require = createRequire(import.meta.url);
const folder = path.dirname(require.resolve('@xmtp/proto'));
const load = (file: string): unknown => require(path.join(folder, file));

/** The messages of identity.proto, as a client and a node exchange them. */
export const identityMessages = load('identity/api/v1/identity.pb.js') as typeof IdentityMessages;
/** The messages of association.proto, of which identity updates are made. */
export const associationMessages = load('identity/associations/association.pb.js') as typeof AssociationMessages;
/** The messages of mls.proto. */
export const mlsMessages = load('mls/api/v1/mls.pb.js') as typeof MlsMessages;

export type IdentityUpdate = AssociationMessages.IdentityUpdate;
export type IdentityAction = AssociationMessages.IdentityAction;
export type MemberIdentifier = AssociationMessages.MemberIdentifier;
export type Signature = SignatureMessages.Signature;
export type GroupMessage = MlsMessages.GroupMessage;
export type WelcomeMessage = MlsMessages.WelcomeMessage;
export type WelcomeMessageInput = MlsMessages.WelcomeMessageInput;
export type GroupMessageInput = MlsMessages.GroupMessageInput;
export type PagingInfo = MlsMessages.PagingInfo;
export type PublishCommitLogRequest = MlsMessages.PublishCommitLogRequest;
/** What the package calls a 64-bit number. */
export type Long = IdentityUpdate['clientTimestampNs'];

const longs = require('long') as { fromString(text: string, isUnsigned: boolean): Long };

/** A 64-bit number for the package. */
export function long(value: bigint): Long {
  return longs.fromString(value.toString(), true);
}

/** A 64-bit number of the package. */
export function bigintOf(value: Long): bigint {
  return BigInt(value.toString());
}

/** What the package makes a message of: one codec for each kind. */
export interface Codec<Message> {
  decode(bytes: Uint8Array): Message;
  encode(message: Message): { finish(): Uint8Array };
}

/** Throws INVALID_ARGUMENT for bytes that are no protobuf, or not of these fields. */
export function decoded<Message>(codec: Codec<Message>, bytes: Uint8Array): Message {
  try {
    // Not of a Buffer, whose slices are no copies: who wiped one would wipe the message.
    return codec.decode(Uint8Array.from(bytes));
  } catch {
    throw new RpcError('InvalidArgument', 'the request is not a message of this method');
  }
}

export function encoded<Message>(codec: Codec<Message>, message: Message): Uint8Array {
  return codec.encode(message).finish();
}
