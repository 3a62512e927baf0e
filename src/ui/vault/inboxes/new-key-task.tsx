// Makes another inbox key, or another archive key, after the person read what that changes and what it does not.
import { Failure } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { Notice } from '../../parts/notice';
import { t, type MessageKey } from '../../text';
import { ask } from '../../worker/calls';
import { useCall } from '../../worker/use-call';
import { Task } from '../task';

interface NewKeyTaskProps {
  safeId: string;
  kind: 'key' | 'archive';
  onLeave: () => void;
  /** It is made: what to say of it. */
  onDone: (words: MessageKey) => void;
}

const words = {
  key: {
    title: 'inboxNewKeyTitle',
    points: ['inboxNewKeyFrom', 'inboxNewKeyOld', 'inboxNewKeyEnd'],
    noteTitle: 'inboxNewKeyTrapTitle',
    note: 'inboxNewKeyTrap',
    confirm: 'inboxNewKeyConfirm',
    done: 'inboxNewKeyDone',
  },
  archive: {
    title: 'archiveNewKeyTitle',
    points: ['archiveNewKeyFrom', 'archiveNewKeyOld', 'archiveNewKeyEnd'],
    noteTitle: 'archiveNewKeyTrapTitle',
    note: 'archiveNewKeyTrap',
    confirm: 'archiveNewKeyConfirm',
    done: 'archiveNewKeyDone',
  },
} as const satisfies Record<string, Record<string, MessageKey | readonly MessageKey[]>>;

export function NewKeyTask({ safeId, kind, onLeave, onDone }: NewKeyTaskProps) {
  const call = useCall();
  const { title, points, noteTitle, note, confirm, done } = words[kind];
  const make = () =>
    call.run(
      () => ask(kind === 'key' ? 'inbox_newKey' : 'inbox_newArchiveKey', { safeId }),
      () => onDone(done),
    );
  return (
    <Task testId="inbox-new-task" title={t(title)} onLeave={onLeave}>
      <Notice title={t(noteTitle)}>{t(note)}</Notice>
      <ul class="bulleted">
        {points.map((point) => (
          <li key={point}>{t(point)}</li>
        ))}
      </ul>
      {call.error !== undefined && <Failure error={call.error} />}
      <div>
        <Button testId="inbox-new-confirm" look="primary" isOff={call.isBusy} onPress={make}>
          {t(confirm)}
        </Button>
      </div>
    </Task>
  );
}
