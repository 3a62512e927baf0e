// The two texts an XMTP account signs (protocol a.2). Changing one byte orphans every identity ever made.
// Must not be used for anything but XMTP itself: "Enable Identity" names no site and any page can ask for it.
import { bytesToHex } from '../base/bytes';

const FOOTER = 'For more info: https://xmtp.org/signatures/';

/** What the account signs to certify an identity key; `keyBytes` is K(identity), see `unsignedKeyBytes`. */
export function createIdentityText(keyBytes: Uint8Array): string {
  return `XMTP : Create Identity\n${bytesToHex(keyBytes)}\n\n${FOOTER}`;
}

/** What the account signs to seal or open the network copy of the private keys; `walletPreKey` is 32 public random bytes. */
export function enableIdentityText(walletPreKey: Uint8Array): string {
  return `XMTP : Enable Identity\n${bytesToHex(walletPreKey)}\n\n${FOOTER}`;
}
