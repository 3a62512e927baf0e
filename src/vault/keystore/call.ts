// One call of the keystore: what it may use of the vault, and how its items are answered.
// Promises: an answer leaves only if the identity was open from the first line to the last (R-F3); refusals are codes, not stories.
// Must not: put a reason of the protocol, or anything of a stranger's bytes, into a message.
import { KeystoreRefusal, VaultError } from '../../contract/errors';
import { limits } from '../../contract/limits';
import type { Scope } from '../../contract/scopes';
import type { PublicKey, SignedPublicKey } from '../../protocol/keys/keys';
import { signedBytesOf, walletAddressOf } from '../../protocol/keys/keys';
import { bytesToLatin1 } from '../../protocol/base/bytes';
import { ProtocolError } from '../../protocol/base/errors';
import type { ItemOutcome, RequestItem } from '../../protocol/keystore/messages';
import { countBatchItems } from '../../protocol/keystore/batch';
import type { KeystoreCode } from '../../protocol/keystore/codes';
import { keystoreCodeOf } from '../../protocol/keystore/codes';
import type { BundleAccess } from '../keys/bundle-access';
import type { Listing } from '../lists/listing';
import type { Conversations } from './conversations';
import type { Bytes } from '../store/encoding';
import type { KeystoreMemory } from '../keys/identity-memory';
import type { OwnKeys, OwnPrekey } from '../keys/own-keys';
import { prekeyOfDocument } from '../keys/own-keys';
import type { RandomBytes } from '../store/sealed-record';
import type { TakeSlice } from '../work/slices';

/** What a method of the keystore works with. Lives as long as the call. */
export interface KeystoreCall {
  readonly safeId: string;
  readonly account: string;
  /** The site that calls, as the browser reported it; undefined for the extension itself. */
  readonly origin: string | undefined;
  /** Which conversations it may touch (reach.ts). */
  readonly within: readonly (readonly Scope[])[];
  /** Milliseconds since 1970: the vault's clock, never the caller's. */
  readonly nowMs: number;
  /** The name of the prekey that the calling document is bound to; undefined: the current one (document-prekeys.ts). */
  readonly documentPrekey: string | undefined;
  readonly memory: KeystoreMemory;
  readonly conversations: Conversations;
  readonly randomBytes: RandomBytes;
  /** The turns of the site that calls, for whatever keeps the processor busy. */
  readonly take: TakeSlice;
  /** Opens the bundle for one synchronous step. */
  withBundleSecret<T>(use: (bundleSecret: Uint8Array) => T): Promise<T>;
  /** Our public keys, read from the bundle once. */
  ownKeys(): Promise<OwnKeys>;
}

/** Request bytes in, response bytes out. */
export type KeystoreHandler = (call: KeystoreCall, request: Uint8Array) => Promise<Uint8Array>;

/** Wraps the way to the bundle for one safe. */
export function bundleOf(bundleAccess: BundleAccess, safeId: string): KeystoreCall['withBundleSecret'] {
  return (use) => bundleAccess(safeId, (bundleSecret) => use(bundleSecret));
}

/** Our public keys. */
export function ownKeys(call: KeystoreCall): Promise<OwnKeys> {
  return call.ownKeys();
}

/** The prekey of the page that calls. */
export function documentPrekeyOf(call: KeystoreCall, own: OwnKeys): OwnPrekey {
  return prekeyOfDocument(own, call.documentPrekey);
}

/** Reads a whole request. Throws KeystoreRefusal(1) where the protocol refuses the bytes. */
export function readRequest<T>(read: (bytes: Uint8Array) => T, bytes: Uint8Array): T {
  try {
    return read(bytes);
  } catch (error) {
    if (error instanceof ProtocolError) throw new KeystoreRefusal(1);
    throw error;
  }
}

/** Reads a batch. Throws VaultError('limit') before anything is read when it has too many items, KeystoreRefusal(1) when it is not a batch. */
export function readBatch<Item>(
  read: (bytes: Uint8Array) => RequestItem<Item>[],
  bytes: Uint8Array,
): RequestItem<Item>[] {
  if (readRequest(countBatchItems, bytes) > limits.batchItems) throw new VaultError('limit');
  return readRequest(read, bytes);
}

const sentences: Readonly<Record<KeystoreCode, string>> = {
  0: 'could not be done',
  1: 'invalid input',
  2: 'no matching key',
  3: 'out of scope',
};

/** An item that is refused. */
export function refused(code: KeystoreCode): { refusal: { code: KeystoreCode; message: string } } {
  return { refusal: { code, message: sentences[code] } };
}

/** The answer to an item that the protocol refused (protocol g.2); `method` without its `xmtp_`. */
export function refusedFor(method: string, error: ProtocolError): ReturnType<typeof refused> {
  const namesKey = error.reason === 'no-matching-prekey' && (method === 'decryptV1' || method === 'encryptV1');
  return refused(namesKey ? 2 : keystoreCodeOf(method, error.reason));
}

/** `act`, with a refusal of the protocol as a value, so that one item never spoils the rest. */
export function attempt<T>(act: () => T): T | ProtocolError {
  try {
    return act();
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
}

/** A result, or 'could not be done' for bytes that did not open. */
export function openedOutcome(plain: Bytes | undefined): ItemOutcome<Uint8Array> {
  return plain ? { result: plain } : refused(0);
}

/** The account an identity key belongs to, recovered once. Throws the ProtocolError of an identity key without a wallet's signature. */
export function addressOfKey({ memory, origin }: KeystoreCall, identityKey: PublicKey | SignedPublicKey): string {
  const { signature } = identityKey;
  if (!signature) return walletAddressOf(identityKey);
  const form = 'keyBytes' in identityKey ? 'v2' : 'v1';
  const name =
    bytesToLatin1(signedBytesOf(identityKey)) +
    bytesToLatin1(signature.bytes) +
    signature.recovery +
    signature.kind +
    form;
  const known = memory.addresses.get(name) ?? attempt(() => walletAddressOf(identityKey));
  memory.addresses.set(name, known, origin);
  if (known instanceof ProtocolError) throw known;
  return known;
}

/** The response that tells a whole list, whose own memory is given back as soon as it is encoded. */
export function encodeAndRelease(list: Listing, encode: (list: Iterable<Uint8Array>) => Uint8Array): Uint8Array {
  try {
    return encode(list);
  } finally {
    list.release();
  }
}
