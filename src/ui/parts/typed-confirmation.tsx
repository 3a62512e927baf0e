// The last four characters of an account, typed, before something is replaced that cannot be brought back.
import { t } from '../text';
import { lastFour } from './account';
import { TextField } from './field';

export function TypedConfirmation({ account, value, onValue, isFocusedFirst = false }: { account: string; value: string; onValue: (value: string) => void; isFocusedFirst?: boolean }) {
  return <TextField testId="typed-confirmation" label={t('forgetType', lastFour(account))} value={value} onValue={onValue} maxLength={60} isFocusedFirst={isFocusedFirst} isMono />;
}
