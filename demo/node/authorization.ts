// Which account a publish call speaks for: the Authorization header, read and judged as the real node does.
// Promises its checks in its order with its texts, so that a client is refused here for the reason it would be refused there.
// Must not: remember tokens. They are not bound to a message and may be used again until they are an hour old.
import { keccak_256 } from '@noble/hashes/sha3.js';
import { eip191Digest, addressOf } from '../../src/protocol/base/ethereum';
import { signatureFromWire } from '../../src/protocol/keys/key-codec';
import type { KeySignature } from '../../src/protocol/keys/keys';
import { unsignedKeyBytes } from '../../src/protocol/keys/keys';
import * as wire from '../../src/protocol/proto/gen/keys';
import { decodeStrictly } from '../../src/protocol/proto/strict';
import { isPublicKey, recoverPublicKey, verifyDigest } from '../../src/protocol/base/secp256k1';
import { createIdentityText } from '../../src/protocol/keys/wallet-text';
import { RpcError } from './rpc-error';

/** Tokens older than this are refused. Tokens of the future are not: the real node has no such check. */
export const TOKEN_LIFETIME_NS = 3_600_000_000_000n;

/**
 * The account (EIP-55) of an Authorization header at `nowNs`. Throws RpcError Unauthenticated; its text is wrapped twice,
 * as the node's is.
 */
export function accountOfHeader(header: string | undefined, nowNs: bigint): string {
  try {
    return accountOfToken(tokenOfHeader(header), nowNs);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new RpcError('Unauthenticated', `rpc error: code = Unauthenticated desc = ${error.message}`);
  }
}

class Refusal extends Error {}

function tokenOfHeader(header: string | undefined): wire.Token {
  if (header === undefined) throw new Refusal('authorization token is not provided');
  const space = header.indexOf(' ');
  if (space < 0) throw new Refusal('invalid authorization header');
  const scheme = header.slice(0, space).trim();
  if (scheme !== 'Bearer') throw new Refusal(`unrecognized authorization scheme ${scheme}`);
  const token = readToken(header.slice(space + 1).trim());
  if (!token.identityKey?.signature) throw new Refusal('extracting token: missing identity key');
  return token;
}

function readToken(text: string): wire.Token {
  // Standard alphabet with padding; digits behind the last bit of the padding are not looked at.
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text))
    throw new Refusal('extracting token: illegal base64 data');
  return attempt('extracting token: proto: cannot parse invalid wire-format data', () =>
    decodeStrictly(wire.Token, 'Token', new Uint8Array(Buffer.from(text, 'base64'))),
  );
}

function accountOfToken(token: wire.Token, nowNs: bigint): string {
  const { identityKey, authDataBytes, authDataSignature } = token;
  if (!identityKey?.signature) throw new Refusal('extracting token: missing identity key');
  const publicKey = identityKey.secp256k1Uncompressed?.bytes;
  if (!publicKey) throw new Refusal('validating token: unknown public key type');
  const walletSignature = readSignature(identityKey.signature);
  const text = createIdentityText(unsignedKeyBytes(identityKey.timestamp, publicKey));
  const account = attempt('validating token: recovery failed', () =>
    addressOf(recoverPublicKey(walletSignature, eip191Digest(text))),
  );

  if (authDataBytes.length === 0) throw new Refusal('validating token: missing auth data');
  if (!authDataSignature) throw new Refusal('validating token: missing auth data signature');
  if (!isPublicKey(publicKey)) throw new Refusal('validating token: invalid public key');
  if (!authDataSignature.ecdsaCompact) throw new Refusal('validating token: unknown signature type');
  const isSigned = verifyDigest(readSignature(authDataSignature), keccak_256(authDataBytes), publicKey);
  if (!isSigned) throw new Refusal('validating token: invalid signature');

  const authData = attempt('validating token: proto: cannot parse invalid wire-format data', () =>
    decodeStrictly(wire.AuthData, 'AuthData', authDataBytes),
  );
  if (authData.walletAddr !== account) throw new Refusal('validating token: wallet address mismatch');
  // The node keeps times as signed 64-bit numbers: the upper half of the range lies before 1970.
  if (nowNs - BigInt.asIntN(64, authData.createdNs) > TOKEN_LIFETIME_NS)
    throw new Refusal('validating token: token expired');
  return account;
}

function readSignature(signature: wire.Signature): KeySignature {
  if (!signature.ecdsaCompact && !signature.walletEcdsaCompact)
    throw new Refusal('validating token: unknown signature type');
  return attempt('validating token: invalid signature', () => signatureFromWire(signature));
}

/** What `run` gives; its own refusal becomes one with this text. */
function attempt<Result>(text: string, run: () => Result): Result {
  try {
    return run();
  } catch {
    throw new Refusal(text);
  }
}
