// Which of several signatures is asked for.
// Promises: nothing where there is only one.
import { t } from '../text';

export function SignatureCount({ at, of }: { at: number; of: number }) {
  if (of === 1) return null;
  return (
    <p class="small soft" data-testid="signature-count">
      {t('signatureOf', at, of)}
    </p>
  );
}
