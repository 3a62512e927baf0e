// What every task about the ways to open a safe is given. Types only.
import type { UnlockRequest } from '../../../contract/pages/unlock';
import type { Slot } from '../../slot-model';
import type { MessageKey } from '../../text';

export interface AccessTaskProps {
  request: UnlockRequest;
  slots: readonly Slot[];
  onLeave: () => void;
  /** It is done, and this is what to say about it. */
  onDone: (title: MessageKey, body: MessageKey) => void;
}
