// One quiet line about an unlocked identity, when there is something to say: what another app did on the network, or a backup that is due.
// Promises: one line at most, without colour; it leads to the page where something can be done. Must not: beg, ask a node, or change anything.
import { reminderOf, reminderWords } from '../backup-model';
import { addressOf } from '../place';
import { noticeWords } from '../network/look-model';
import { Icon } from '../parts/icon';
import { t } from '../text';
import { useVault } from '../worker/calls';

export function IdentityNote({ safeId, onLeave }: { safeId: string; onLeave: (section: string) => void }) {
  const { value: network } = useVault('network_state', { safeId }, 'state');
  const { value: backup } = useVault('backup_state', { safeId }, 'state');
  if (!network || !backup) return null;
  const reminder = reminderOf(backup);
  // A copy on the network brings the keys back too; without any file one is not reminded of a file.
  const isDue = reminder !== undefined && !(reminder === 'none' && network.copy.state === 'saved');
  const note = network.notice ?? (isDue ? reminder : undefined);
  if (note === undefined) return null;
  const words = network.notice ? noticeWords[network.notice][0] : reminder && reminderWords[reminder][0];
  return (
    <button
      class="popup-note"
      type="button"
      data-testid="popup-note"
      data-note={note}
      onClick={() =>
        onLeave(addressOf({ section: 'identities', safeId, topic: network.notice ? 'network' : 'backup' }))
      }
    >
      <span class="grow">{words && t(words)}</span>
      <Icon name="chevron" size={12} />
    </button>
  );
}
