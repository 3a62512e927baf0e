// Above the conversations of today's XMTP: whose inbox it is, and the archive of it.
// Promises to say what came of an archive; a file is read when the person chose it, and kept by nobody.
import { useRef } from 'preact/hooks';
import type { Today, TodayState } from './today';
import { dateOnly } from './words';

/** Larger ones are refused unread. */
const mostBytes = 100 * 1024 * 1024;

interface InboxBarProps {
  today: Today;
  state: TodayState;
  /** Asks for the permission where it is missing. */
  mayArchive(): Promise<boolean>;
  isPermitted: boolean;
}

export function InboxBar({ today, state, mayArchive, isPermitted }: InboxBarProps) {
  const picker = useRef<HTMLInputElement>(null);
  const isBusy = state.archive !== 'idle';
  const save = async () => {
    const archive = (await mayArchive()) ? await today.save() : undefined;
    if (archive) download(archive, `${state.inboxId?.slice(0, 8)}-${new Date().toISOString().slice(0, 10)}.xmtp`);
  };
  const open = async (input: HTMLInputElement) => {
    const file = input.files?.[0];
    // The same file can be chosen again.
    const bytes = file && file.size <= mostBytes ? new Uint8Array(await file.arrayBuffer()) : undefined;
    input.value = '';
    if (file && (await mayArchive())) await today.bring(bytes ?? new Uint8Array());
  };
  return (
    <section class="inbox" aria-label="Your inbox">
      <dl class="inbox-facts">
        <div>
          <dt>Inbox</dt>
          <dd translate={false} data-testid="today-inbox">
            {state.inboxId}
          </dd>
        </div>
        <div>
          <dt>Others see</dt>
          <dd translate={false} data-testid="today-address">
            {state.shownAddress}
          </dd>
        </div>
      </dl>
      <div class="inbox-archive">
        <button type="button" disabled={isBusy} onClick={() => void save()} data-testid="today-save">
          {state.archive === 'saving' ? 'Saving…' : 'Save an archive'}
        </button>
        <button type="button" disabled={isBusy} onClick={() => picker.current?.click()} data-testid="today-open">
          {state.archive === 'opening' ? 'Opening…' : 'Open an archive'}
        </button>
        <input
          ref={picker}
          type="file"
          hidden
          aria-label="Archive"
          onChange={(event) => void open(event.currentTarget)}
          data-testid="today-file"
        />
      </div>
      <p
        class="quiet inbox-note"
        role="status"
        data-testid="today-note"
        data-archive={state.archive}
        data-done={state.archived?.kind}
      >
        {noteOf(state, isPermitted)}
      </p>
    </section>
  );
}

function noteOf({ archive, archived }: TodayState, isPermitted: boolean): string {
  if (archive !== 'idle') return 'Answer in the window of Prekey Vault: it is asked for the key of your archives.';
  if (archived?.kind === 'saved')
    return `Saved on ${dateOnly(Date.now())}, ${Math.ceil(archived.bytes / 1024).toLocaleString()} kB. Open it in any app where you sign in with the same vault.`;
  if (archived?.kind === 'opened')
    return archived.news === 0
      ? 'Opened. Everything in it was here already.'
      : `Opened: ${archived.news.toLocaleString()} ${archived.news === 1 ? 'message' : 'messages'} more than before.`;
  return isPermitted
    ? 'A new app begins without history. An archive brings it along; its key comes from your vault.'
    : 'This site’s permission in the vault has ended. The app stays in your inbox until it is removed there; archives need the permission again.';
}

function download(bytes: Uint8Array<ArrayBuffer>, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
