// The flows over the network, of slots, rotation and backup, driven through the ports of our pages without their screens.
// Promises: speaks the rows of src/contract/pages; a person's wallet signs in this process, each signature is counted in `walletSignatures`.
// Must not: be used where the screens themselves are what is tested.
import type { TestAccount } from '../../demo/wallet/accounts';
import type { Personality } from '../../demo/wallet/personalities';
import type { BackupFile, FileSecret } from '../../src/contract/pages/backup';
import type { NetworkLook, NetworkState } from '../../src/contract/pages/network';
import type { RotationState } from '../../src/contract/pages/rotation';
import type { SlotSecret } from '../../src/contract/schemas';
import type { EnrolmentState } from '../../src/contract/pages/enrolment';
import type { IdentityDetails } from '../../src/contract/pages/identity';
import type { UnlockRequest, RecoveryCode } from '../../src/contract/pages/unlock';
import { signatureOf, testWallet, type Caller } from './internal';

/** A person with a wallet, who counts what the wallet is asked to sign. */
export interface Person {
  account: TestAccount;
  /** The texts that the wallet signed, oldest first. */
  walletSignatures: string[];
  sign(text: string): Uint8Array;
}

export function personOf(account: TestAccount, personality: Personality = 'deterministic-v27'): Person {
  const walletSignatures: string[] = [];
  const sign = (text: string) => {
    walletSignatures.push(text);
    return signatureOf(account.address, text, personality);
  };
  return { account, walletSignatures, sign };
}

/** A passphrase that is strong enough for every test. */
export const goodPassphrase = 'seven kites over a harbour wall';

/** Sets the node of the network; null for none. `client` speaks for the vault page or onboarding. */
export async function setNode(client: Caller, url: string | null): Promise<void> {
  await client.call('settings_set', { environment: url === null ? null : { name: 'custom', url } });
}

export interface EnrolPlan {
  source?: 'new' | 'network' | 'backup';
  /** The passphrase that opens the draft first; without it the wallet does. */
  passphrase?: string;
  /** For source `backup`. */
  file?: Uint8Array;
  secret?: FileSecret;
  name?: string;
}

/** Enrols to the end, whatever the source. Follows the draft where the worker died in between. */
export async function enrolBy(
  onboarding: Caller,
  person: Person,
  plan: EnrolPlan = {},
): Promise<{ safeId: string; code: string }> {
  const { source = 'new', passphrase, name = 'Ada' } = plan;
  const { address } = person.account;
  const begin = {
    account: address,
    wallet: testWallet,
    name,
    source,
    first: passphrase === undefined ? 'wallet' : 'passphrase',
  };
  let state = await onboarding.call<EnrolmentState>('enrol_begin', begin);
  const { safeId } = state;
  while (state.step !== 'code' || state.locked) state = await nextStep(onboarding, person, state, plan);
  const code = await finishCode(onboarding, safeId);
  return { safeId, code };
}

/** Makes the recovery code of a draft, types two groups back, and turns the draft into an identity. */
export async function finishCode(onboarding: Caller, safeId: string): Promise<string> {
  const { code, ask } = await onboarding.call<RecoveryCode>('enrol_createRecoveryCode', { safeId });
  const groups = code.split('-');
  await onboarding.call('enrol_finish', { safeId, code, typed: ask.map((group) => groups[group]!) });
  return code;
}

async function nextStep(
  onboarding: Caller,
  person: Person,
  state: EnrolmentState,
  plan: EnrolPlan,
): Promise<EnrolmentState> {
  const { safeId } = state;
  const withPassphrase = () =>
    onboarding.call<EnrolmentState>('enrol_passphrase', { safeId, passphrase: plan.passphrase! });
  const signed = (method: string) =>
    onboarding.call<EnrolmentState>(method, { safeId, signature: person.sign(state.text!) });
  if (state.locked) return state.first === 'passphrase' ? withPassphrase() : signed('enrol_unlockSignature');
  switch (state.step) {
    case 'unlock-1':
      return signed('enrol_unlockSignature');
    case 'passphrase':
      return withPassphrase();
    case 'identity':
      return signed('enrol_identitySignature');
    case 'retrieve': {
      const { copies } = await onboarding.call<NetworkLook>('network_look', { account: person.account.address });
      const [newest] = copies;
      if (!newest) throw new Error('there is no copy on the network');
      return onboarding.call<EnrolmentState>('enrol_retrieve', {
        safeId,
        copyId: newest.copyId,
        signature: person.sign(newest.text),
      });
    }
    case 'import':
      return onboarding.call<EnrolmentState>('enrol_import', { safeId, file: plan.file!, secret: plan.secret! });
    case 'unlock-2':
      return signed('enrol_confirmUnlockSignature');
    case 'code':
      return state;
  }
}

/** Publishes the contact, and the sealed copy of the keys with both of its signatures. `client` speaks for onboarding or the vault page. */
export async function publishAll(client: Caller, person: Person, safeId: string): Promise<NetworkState> {
  await client.call('network_publishContact', { safeId });
  const { text } = await client.call<{ text: string }>('network_copyText', { safeId });
  await client.call('network_publishCopy', { safeId, signature: person.sign(text) });
  return client.call<NetworkState>('network_confirmCopy', { safeId, signature: person.sign(text) });
}

export const rotate = (vault: Caller, safeId: string): Promise<RotationState> =>
  vault.call<RotationState>('rotation_run', { safeId });

export const detailsOf = (vault: Caller, safeId: string): Promise<IdentityDetails> =>
  vault.call<IdentityDetails>('identity_details', { safeId });

/** What the wallet's slot is opened with. */
export async function walletProof(vault: Caller, person: Person, safeId: string): Promise<SlotSecret> {
  const { text } = await vault.call<UnlockRequest>('unlock_getText', { safeId });
  return { kind: 'wallet', signature: person.sign(text) as Uint8Array<ArrayBuffer> };
}

export async function exportBackup(
  vault: Caller,
  person: Person,
  safeId: string,
  secret: FileSecret,
): Promise<BackupFile> {
  return vault.call<BackupFile>('backup_export', { safeId, proof: await walletProof(vault, person, safeId), secret });
}
