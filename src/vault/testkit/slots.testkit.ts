// What tests of slots share: secrets of a person, and looking at a safe with an old root key.
// Must not: be imported by anything but tests.
import type { SlotSecret } from '../../contract/schemas';
import { base64ToBytes } from '../../protocol/base/bytes';
import { asBytes, createReader } from '../store/encoding';
import type { ParsedHeader } from '../safe/header';
import { parseHeader } from '../safe/header';
import type { StoredRecord } from '../safe/replica';
import type { TestBrowser, TestWallet } from './vault.testkit';
import type { Vault } from '../vault';
import type { RecoveryCode } from '../../contract/pages/unlock';

export const passphrase = 'seven boats on a green shore';

export const byCode = (code: string): SlotSecret => ({ kind: 'recovery-code', code });
export const byPassphrase = (words = passphrase): SlotSecret => ({ kind: 'passphrase', passphrase: words });

/** What a passkey gives, and how it is asked: another one for each `number`. */
export const passkeyOf = (number = 1) => ({
  credentialId: new Uint8Array(20).fill(number),
  prfInput: new Uint8Array(32).fill(100 + number),
  prfSecret: new Uint8Array(32).fill(200 + number),
});
export const byPasskey = (number = 1): SlotSecret => ({ kind: 'passkey', prfSecret: passkeyOf(number).prfSecret });

export const bySignature = (signature: Uint8Array): SlotSecret => ({ kind: 'wallet', signature: asBytes(signature) });

/** The wallet's signature of the unlock text. */
export async function byWallet(vault: Vault, safeId: string, wallet: TestWallet): Promise<SlotSecret> {
  const { text } = await vault.unlock.text({ safeId });
  return bySignature(wallet.sign(text));
}

/** The arguments that put `fresh` in place of the old code, as the vault page does. */
export function replacing(
  safeId: string,
  { code, ask }: RecoveryCode,
  kept: SlotSecret[],
): Parameters<Vault['slots']['replaceCode']>[0] {
  const groups = code.split('-');
  return { safeId, code, ask, typed: ask.map((group) => groups[group] ?? ''), kept };
}

/** What the mirror holds of a safe. */
export async function mirrored(
  browser: TestBrowser,
  safeId: string,
): Promise<ParsedHeader & { records: StoredRecord[] }> {
  const reader = createReader(base64ToBytes(String(JSON.parse(browser.mirrorItems.get(`safe:${safeId}`) ?? 'null'))));
  const parsed = await parseHeader(reader.prefixed());
  const records: StoredRecord[] = [];
  while (reader.left() > 0) records.push({ type: reader.text(), id: reader.text(), bytes: reader.prefixed() });
  return { ...parsed, records };
}
