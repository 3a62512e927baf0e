// Who signed a text of an identity update: an address (EIP-191) or an app's installation (ed25519ph).
// Promises: what is taken here is taken by every client; where clients differ it is refused. Must not: know what the signer may do.
import { ed25519ph } from '@noble/curves/ed25519.js';
import { bytesToHex, utf8ToBytes } from '../../src/protocol/base/bytes';
import { readWalletSignature, recoverWalletAddress } from '../../src/protocol/base/ethereum';
import { isLowS } from '../../src/protocol/base/secp256k1';
import { RpcError } from '../node/rpc-error';
import type { Signature } from './messages';

const installationContext = utf8ToBytes('IDENTITY UPDATE SIGNATURE');

/** A signature that was verified. */
export interface Signed {
  /** A lower-case address, or an installation's key as 64 hex digits. */
  readonly signer: string;
  /** Hex of the signature's bytes: what makes a second use of it known. */
  readonly bytes: string;
}

/** Throws INVALID_ARGUMENT for a wrong signature, and for the kinds that nobody of the demo makes: contracts, passkeys, V2 keys. */
export function verified(signature: Signature | undefined, text: string): Signed {
  const kinds = Object.entries(signature ?? {}).filter(([, value]) => value !== undefined);
  if (kinds.length !== 1) throw new RpcError('InvalidArgument', 'Missing signature');
  if (signature?.erc191)
    return { signer: addressThatSigned(signature.erc191.bytes, text), bytes: bytesToHex(signature.erc191.bytes) };
  if (signature?.installationKey) {
    const { bytes, publicKey } = signature.installationKey;
    if (!isByInstallation(bytes, publicKey, text)) throw new RpcError('InvalidArgument', 'Signature validation failed');
    return { signer: bytesToHex(publicKey), bytes: bytesToHex(bytes) };
  }
  throw new RpcError('InvalidArgument', 'this kind of signature is not verified by the test node');
}

function addressThatSigned(bytes: Uint8Array, text: string): string {
  try {
    // Clients recover another address from high s than the one that signed.
    if (bytes.length === 65 && isLowS(readWalletSignature(bytes)))
      return recoverWalletAddress(text, bytes).toLowerCase();
  } catch {
    // What is no signature is refused like one that is not in its form.
  }
  throw new RpcError('InvalidArgument', 'Signature validation failed');
}

function isByInstallation(bytes: Uint8Array, publicKey: Uint8Array, text: string): boolean {
  try {
    // Not the lenient rules of ZIP 215, which not every client has.
    return ed25519ph.verify(bytes, utf8ToBytes(text), publicKey, { context: installationContext, zip215: false });
  } catch {
    return false;
  }
}
