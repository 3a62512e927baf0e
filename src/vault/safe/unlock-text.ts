// The text a wallet signs to open a safe: EIP-4361 in shape, bound to this extension, with a nonce that is only on this disk.
// Promises: fixed at enrolment and stored whole, so that every unlock signs the same bytes (R-E3; docs/adr/0002).
// Must not: change. A changed character would show people another text; safes made before keep theirs.
import { bytesToHex, hexToBytes } from '../../protocol/base/bytes';

/** The unlock text of a new safe. `account` is EIP-55, `extensionOrigin` a whole origin, `nonce` 32 random bytes. */
export function unlockTextOf(input: {
  account: string;
  extensionOrigin: string;
  nonce: Uint8Array;
  issuedAtMs: number;
}): string {
  const { account, extensionOrigin } = input;
  const host = extensionOrigin.slice(extensionOrigin.indexOf('://') + 3);
  return [
    `${host} wants you to sign in with your Ethereum account:`,
    account,
    '',
    'Unlock my Prekey Vault in this browser. Sign this only in a window opened by the Prekey Vault extension. A site that gets this signature can help open a stolen copy of this vault.',
    '',
    `URI: ${extensionOrigin}`,
    'Version: 1',
    'Chain ID: 1',
    `Nonce: ${bytesToHex(input.nonce)}`,
    `Issued At: ${new Date(input.issuedAtMs).toISOString()}`,
    'Request ID: vault-unlock-v1',
    'Resources:',
    '- urn:prekey-vault:local-unlock:v1',
  ].join('\n');
}

/** Whether a header's text is what `unlockTextOf` makes for its account and for us, `ownOrigin`: nothing else is shown to a wallet before a MAC fits. */
export function isUnlockTextOf(
  { account, extensionOrigin, unlockText }: { account: string; extensionOrigin: string; unlockText: string },
  ownOrigin: string,
): boolean {
  if (extensionOrigin !== ownOrigin) return false;
  const [, nonce, issuedAt] = /^Nonce: ([0-9a-f]{64})\nIssued At: (\S+)$/m.exec(unlockText) ?? [];
  const issuedAtMs = Date.parse(issuedAt ?? '');
  if (nonce === undefined || Number.isNaN(issuedAtMs)) return false;
  return unlockText === unlockTextOf({ account, extensionOrigin, nonce: hexToBytes(nonce), issuedAtMs });
}
