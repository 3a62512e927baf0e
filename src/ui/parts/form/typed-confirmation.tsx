// The last four characters of an account or of an inbox's id, typed, before something is replaced that cannot be brought back.
import { t } from '../../text';
import { lastFour } from '../shown/account';
import { TextField } from './field';

export function TypedConfirmation({
  word,
  value,
  onValue,
  isFocusedFirst = false,
}: {
  word: string;
  value: string;
  onValue: (value: string) => void;
  isFocusedFirst?: boolean;
}) {
  return (
    <TextField
      testId="typed-confirmation"
      label={t('forgetType', lastFour(word))}
      value={value}
      onValue={onValue}
      longest={80}
      isFocusedFirst={isFocusedFirst}
      isMono
    />
  );
}
