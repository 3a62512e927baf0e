// What every way to ask for a signature is given, and what is shown while the vault looks at a signature.
import { t } from '../text';
import { Progress } from '../parts/progress';
import type { WalletChoice } from '../../contract/schemas';

export interface AskSignatureProps {
  wallet: WalletChoice;
  account: string;
  /** Exactly what is signed. */
  text: string;
  /** Gives the signature to the vault. What it throws is shown. */
  onSignature: (signature: Uint8Array) => Promise<void>;
  /** Several signatures after one press: what the button counts, and whether this one is covered by a press before. */
  series?: Series;
  /** For a check that asks the network and may take long: what is said meanwhile, and the words of the button that stops waiting. */
  checking?: Checking;
}

export interface Series {
  /** How many are still to be given, this one included. */
  left: number;
  /** The person pressed for all of them, and the wallet has answered each one since. */
  isRunning: boolean;
  onRunning: (isRunning: boolean) => void;
}

export interface Checking {
  sentence: string;
  hint?: string;
  leave: string;
}

/** While the vault looks at a signature. `onLeave` is used only where `checking` has words for it. */
export function CheckingSignature({ checking, onLeave }: { checking: Checking | undefined; onLeave: () => void }) {
  if (!checking) return <Progress sentence={t('checkingSignature')} />;
  return (
    <Progress sentence={checking.sentence} onCancel={onLeave} cancelWords={checking.leave}>
      {checking.hint}
    </Progress>
  );
}
