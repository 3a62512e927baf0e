// For tests only: the reason a call is refused with.
import { ProtocolError } from '../base/errors';

/** The reason of the ProtocolError, or 'accepted'. Any other error passes through: it would be a bug. */
export function reasonOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof ProtocolError) return error.reason;
    throw error;
  }
  return 'accepted';
}
