// Errors as sentences: what happened, that nothing was lost, what to do.
// Promises: every reason of the vault, of the wallet and of a device has words; what is not known says so. Must not: show a raw error.
import type { ComponentChildren } from 'preact';
import { copyDefects, fileDefects, type CopyDefect, type FileDefect } from '../../contract/choices';
import { pages } from '../../contract/pages/pages';
import { weaknesses, type Weakness } from '../../contract/limits';
import { DeviceError, type DeviceErrorReason } from '../devices/device-error';
import { WalletError, type WalletErrorReason } from '../../wallet/wallet-error';
import { VaultCallError, type CallFailure } from '../worker/channel';
import { shortAddress } from '../format';
import { Button } from './form/button';
import { Notice } from './notice';
import { openPage } from '../tabs';
import { t, type MessageKey } from '../text';

type Words = [title: MessageKey, body: MessageKey];

const vaultWords: Record<CallFailure, Words> = {
  'not-found': ['errNotFoundTitle', 'errNotFound'],
  locked: ['errLockedTitle', 'errLocked'],
  damaged: ['errDamagedTitle', 'errDamaged'],
  'newer-format': ['errNewerFormatTitle', 'errNewerFormat'],
  'wrong-account': ['errWrongAccountTitle', 'errWrongAccount'],
  'bad-signature': ['errBadSignatureTitle', 'errBadSignature'],
  'unsteady-wallet': ['errUnsteadyTitle', 'errUnsteady'],
  'wrong-code': ['errWrongCodeTitle', 'errWrongCode'],
  'wrong-secret': ['errWrongSecretTitle', 'errWrongSecret'],
  'already-exists': ['errAlreadyExistsTitle', 'errAlreadyExists'],
  'wrong-step': ['errWrongStepTitle', 'errWrongStep'],
  'storage-failed': ['errStorageTitle', 'errStorage'],
  stale: ['errStaleTitle', 'errStale'],
  'not-confirmed': ['errNotConfirmedTitle', 'errNotConfirmed'],
  limit: ['errLimitTitle', 'errLimit'],
  'invalid-input': ['errInvalidInputTitle', 'errInvalidInput'],
  'weak-passphrase': ['errWeakTitle', 'errWeakShort'],
  'wrong-passphrase': ['errWrongPassphraseTitle', 'errWrongPassphrase'],
  'wrong-passkey': ['errWrongPasskeyTitle', 'errWrongPasskey'],
  'last-slots': ['errLastSlotsTitle', 'errLastSlots'],
  'bad-file': ['errBadFileTitle', 'errBadFile'],
  'unusable-copy': ['errUnusableCopyTitle', 'errUnusableCopy'],
  'needs-confirmation': ['errNeedsConfirmationTitle', 'errNeedsConfirmation'],
  'bad-identity-text': ['errIdentityTextTitle', 'errIdentityText'],
  'no-network': ['errNoNetworkTitle', 'errNoNetwork'],
  unreachable: ['errNodeSilentTitle', 'errNodeSilent'],
  'refused-by-node': ['errNodeRefusesTitle', 'errNodeRefuses'],
  'bad-answer': ['errNodeAnswerTitle', 'errNodeAnswer'],
  stopped: ['errStoppedTitle', 'errStopped'],
  internal: ['errInternalTitle', 'errInternal'],
  refused: ['errInternalTitle', 'errInternal'],
  'silent-worker': ['errUnreachableTitle', 'errUnreachable'],
};

const walletWords: Record<WalletErrorReason, Words> = {
  absent: ['errWalletAbsentTitle', 'errWalletAbsent'],
  rejected: ['errWalletRejectedTitle', 'errWalletRejected'],
  timeout: ['errWalletTimeoutTitle', 'errWalletTimeout'],
  disconnected: ['errWalletDisconnectedTitle', 'errWalletDisconnected'],
  'unauthorized-account': ['errWalletAccountTitle', 'errWalletAccount'],
  'bad-signature': ['errBadSignatureTitle', 'errBadSignature'],
  'not-a-signature': ['errNotASignatureTitle', 'errNotASignature'],
  failed: ['errWalletFailedTitle', 'errWalletFailed'],
};

const deviceWords: Record<DeviceErrorReason, Words> = {
  'passkey-unsupported': ['errPasskeyUnsupportedTitle', 'errPasskeyUnsupported'],
  'passkey-refused': ['errPasskeyRefusedTitle', 'errPasskeyRefused'],
  'passkey-not-made': ['errPasskeyNotMadeTitle', 'errPasskeyNotMade'],
  'passkey-unfit': ['errPasskeyUnfitTitle', 'errPasskeyUnfit'],
  'passkey-other': ['errWrongPasskeyTitle', 'errWrongPasskey'],
  'camera-refused': ['errCameraRefusedTitle', 'errCameraRefused'],
  'camera-absent': ['errCameraAbsentTitle', 'errCameraAbsent'],
  'camera-busy': ['errCameraBusyTitle', 'errCameraBusy'],
  'no-picture': ['errNoPictureTitle', 'errNoPicture'],
  'no-code': ['errNoCodeTitle', 'errNoCode'],
};

/** Why found keys are not used, by `copyDefects`. */
const defectWords: Record<CopyDefect, MessageKey> = {
  'does-not-open': 'defectDoesNotOpen',
  'not-a-bundle': 'defectNotABundle',
  'other-account': 'defectOtherAccount',
  'bad-signatures': 'defectBadSignatures',
  'keys-do-not-match': 'defectKeysDoNotMatch',
  'no-prekey': 'defectNoPreKey',
};

/** Why a file cannot be used, by `fileDefects`. */
const fileWords: Record<FileDefect, Words> = {
  changed: ['fileChangedTitle', 'fileChanged'],
  'too-much-work': ['fileTooMuchWorkTitle', 'fileTooMuchWork'],
  'for-a-key': ['fileForAKeyTitle', 'fileForAKey'],
  'newer-version': ['fileNewerTitle', 'fileNewer'],
  'not-encrypted': ['fileNotEncryptedTitle', 'fileNotEncrypted'],
  encrypted: ['fileEncryptedTitle', 'fileEncrypted'],
  'not-keys': ['errBadFileTitle', 'errBadFile'],
  'too-many-keys': ['fileTooManyKeysTitle', 'fileTooManyKeys'],
  'second-format': ['fileSecondFormatTitle', 'fileSecondFormat'],
  'sealed-by-wallet': ['fileSealedTitle', 'fileSealed'],
};

/** What is wrong with a new passphrase, by the detail of `weak-passphrase`. */
const weaknessWords: Record<Weakness, MessageKey> = {
  short: 'errWeakShort',
  common: 'errWeakCommon',
  repeated: 'errWeakRepeated',
  account: 'errWeakAccount',
  name: 'errWeakName',
  keyboard: 'errWeakKeyboard',
  sequence: 'errWeakSequence',
  date: 'errWeakDate',
  own: 'errWeakOwn',
};

/** The sentence about one defect of a copy; undefined for a word that is not a defect. */
export function defectWord(detail: string | undefined): string | undefined {
  const defect = copyDefects.find((one) => one === detail);
  return defect && t(defectWords[defect]);
}

/** What is wrong with a new passphrase, in words; undefined when `error` is about something else. */
export function weaknessOf(error: unknown): string | undefined {
  if (!(error instanceof VaultCallError) || error.reason !== 'weak-passphrase') return undefined;
  return weaknessWord(weaknesses.find((one) => one === error.detail) ?? 'common');
}

/** What is wrong, and what would make it better. */
export function weaknessWord(weakness: Weakness): string {
  return t(weaknessWords[weakness]);
}

function wordsOf({ reason, detail }: VaultCallError): Words {
  if (reason === 'bad-signature' && detail === 'garbled') return ['errGarbledSignatureTitle', 'errGarbledSignature'];
  if (reason === 'bad-answer' && detail === 'no-inbox') return ['errNoInboxTitle', 'errNoInbox'];
  if (reason === 'bad-answer' && detail === 'other-chain') return ['errOtherChainTitle', 'errOtherChain'];
  if (reason === 'bad-answer' && detail === 'older-log') return ['errOlderLogTitle', 'errOlderLog'];
  if (reason === 'stale' && detail === 'copy') return ['errCopyGoneTitle', 'errCopyGone'];
  const fileDefect = reason === 'bad-file' ? fileDefects.find((one) => one === detail) : undefined;
  return fileDefect ? fileWords[fileDefect] : vaultWords[reason];
}

/** Title and body for anything that was thrown. */
export function explain(error: unknown): { title: string; body: string } {
  if (error instanceof WalletError) {
    const [title, body] = walletWords[error.reason];
    return { title: t(title), body: t(body) };
  }
  if (error instanceof DeviceError) {
    const [title, body] = deviceWords[error.reason];
    return { title: t(title), body: t(body) };
  }
  const known = error instanceof VaultCallError ? error : new VaultCallError('internal');
  const [title, body] = wordsOf(known);
  if (known.reason === 'wrong-account' && known.detail)
    return { title: t(title), body: t('errWrongAccountNamed', shortAddress(known.detail)) };
  if (known.reason === 'unusable-copy')
    return { title: t(title), body: [defectWord(known.detail), t(body)].filter(Boolean).join(' ') };
  if (known.reason === 'weak-passphrase') return { title: t(title), body: weaknessOf(known) ?? t(body) };
  return { title: t(title), body: t(body) };
}

/** The error of a reason that was stored, e.g. why something stopped last; a reason that has no words is an unexpected one. */
export function errorOfReason(reason: string): VaultCallError {
  return new VaultCallError(Object.hasOwn(vaultWords, reason) ? (reason as CallFailure) : 'internal');
}

/** The stable name of an error, for journeys: the reason. */
export function reasonOf(error: unknown): string {
  return error instanceof WalletError
    ? `wallet-${error.reason}`
    : error instanceof VaultCallError || error instanceof DeviceError
      ? error.reason
      : 'internal';
}

/** From where a failure may lead to the vault page: the approval window holds no way elsewhere, and the vault page is it. */
const mayLead: readonly string[] = [pages.popup, pages.unlock, pages.onboarding];

export function Failure({
  error,
  onRetry,
  isHeading = false,
  children,
}: {
  error: unknown;
  /** Nothing else is on the page. */
  isHeading?: boolean;
  onRetry?: () => void;
  children?: ComponentChildren;
}) {
  const { title, body } = explain(error);
  const leadsToVault = reasonOf(error) === 'damaged' && mayLead.includes(location.pathname);
  return (
    <div data-reason={reasonOf(error)} data-testid="failure">
      <Notice tone="error" title={title} isHeading={isHeading}>
        <div class="stack tight">
          <p>{body}</p>
          {children}
          {(onRetry || leadsToVault) && (
            <div class="row wrap">
              {leadsToVault && (
                <Button testId="failure-vault" compact onPress={() => void openPage('vault')}>
                  {t('openVaultPage')}
                </Button>
              )}
              {onRetry && (
                <Button testId="failure-retry" compact onPress={onRetry}>
                  {t('tryAgain')}
                </Button>
              )}
            </div>
          )}
        </div>
      </Notice>
    </div>
  );
}
