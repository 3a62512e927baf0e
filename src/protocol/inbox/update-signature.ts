// Who signed the text of an identity update: an address (EIP-191) or an app's installation (ed25519ph) (protocol l.5).
// Promises: what is taken here is taken by every client; where clients differ it is refused. Must not: know what the signer may do.
import { ed25519ph } from '@noble/curves/ed25519.js';
import { bytesToHex, utf8ToBytes } from '../base/bytes';
import { ProtocolError } from '../base/errors';
import { readWalletSignature, recoverWalletAddress } from '../base/ethereum';
import { isLowS } from '../base/secp256k1';
import type { UpdateSignature } from '../proto/gen/identity';

const installationContext = utf8ToBytes('IDENTITY UPDATE SIGNATURE');

/** A signature that was verified. */
export interface Signed {
  /** A lower-case address, or an installation's key as 64 hex digits. */
  readonly signer: string;
  /** Hex of the signature without what can be written in several ways: what makes a second use of it known. */
  readonly bytes: string;
}

/**
 * Throws 'bad-identity-update' for a signature that is wrong or missing, 'unverifiable-update' for the kinds that cannot be judged from their bytes,
 * or are not judged here: contracts, passkeys, keys of V2, and kinds of later clients.
 */
export function verified(signature: UpdateSignature | undefined, text: string): Signed {
  if (!signature) throw wrong('signature is missing');
  switch (signature.kind?.$case) {
    case 'erc191': {
      const { bytes } = signature.kind.value;
      // Not v, which has several values of one meaning: a signature with another one would be a second one of the same text.
      return { signer: addressThatSigned(bytes, text), bytes: bytesToHex(bytes.subarray(0, 64)) };
    }
    case 'installation': {
      const { bytes, publicKey } = signature.kind.value;
      if (!isByInstallation(bytes, publicKey, text)) throw wrong('signature of an installation does not verify');
      return { signer: bytesToHex(publicKey), bytes: bytesToHex(bytes) };
    }
    default:
      throw new ProtocolError('unverifiable-update', 'signature is of a kind that is not verified here');
  }
}

function addressThatSigned(bytes: Uint8Array, text: string): string {
  try {
    // Clients recover another address from high s than the one that signed.
    if (bytes.length === 65 && isLowS(readWalletSignature(bytes)))
      return recoverWalletAddress(text, bytes).toLowerCase();
  } catch {
    // What is no signature is refused like one that is not in its form.
  }
  throw wrong('signature of an address is not in its form');
}

function isByInstallation(bytes: Uint8Array, publicKey: Uint8Array, text: string): boolean {
  try {
    // Not the lenient rules of ZIP 215, which not every client has.
    return ed25519ph.verify(bytes, utf8ToBytes(text), publicKey, { context: installationContext, zip215: false });
  } catch {
    return false;
  }
}

const wrong = (message: string) => new ProtocolError('bad-identity-update', message);
