// What the person is shown and when: which of our windows a waiting request brings up.
// Promises: unlocking comes first, and alone; one window for an origin's first request, later ones wait behind it; what was closed
// for now stays closed; a worker that died in the middle of an unlock does not leave a request without a window.
// Must not: decide a request.
import type { ApprovalRecord } from '../vault/approvals';
import type { KeyValueArea } from '../vault/host';
import type { Vault } from '../vault/vault';
import type { Windows } from './windows';

export interface Presenting {
  /** Brings up what the person has to see now; nothing when nothing waits. */
  present(): Promise<void>;
  /** A request was recorded. `isNew` is false for one that was sent again: then it is shown only if no worker has shown it. */
  presentRecord(record: ApprovalRecord, isNew: boolean): Promise<void>;
  /** At the start of a worker: goes on where one died between an unlock and what waited for it. */
  resume(): Promise<void>;
}

const presentedKey = 'presented';

export function createPresenting(options: {
  vault: Pick<Vault, 'approvals' | 'state'>;
  windows: Pick<Windows, 'show' | 'lastShown'>;
  session: KeyValueArea;
  /** Called once for each record that is new to this worker, before anything is shown. */
  onRecord: () => Promise<void>;
}): Presenting {
  const { vault, windows, session, onRecord } = options;
  let presenting: Promise<unknown> = Promise.resolve();

  async function present(): Promise<void> {
    const [waiting, state] = await Promise.all([vault.approvals.list(), vault.state()]);
    if (waiting.length === 0) return;
    const [first] = waiting.flatMap(({ shown }) => (shown.kind === 'unlock' ? [shown.safeId] : []));
    const onlyUnlock = waiting.every((card) => card.shown.kind === 'unlock');
    if (onlyUnlock || state.status === 'locked') await windows.show('unlock', first);
    else await windows.show('approval');
  }

  async function presentOnce({ id, origin }: ApprovalRecord, isNew: boolean): Promise<void> {
    const presented = ((await session.get([presentedKey]))[presentedKey] ?? []) as string[];
    if (!isNew && presented.includes(id)) return;
    await onRecord();
    const cards = await vault.approvals.list();
    if (!cards.some((card) => card.origin === origin && card.id !== id && presented.includes(card.id))) await present();
    const stillWaiting = presented.filter((one) => one !== id && cards.some((card) => card.id === one));
    await session.set({ [presentedKey]: [...stillWaiting, id] });
  }

  return {
    present,
    presentRecord(record, isNew) {
      const done = presenting.then(() => presentOnce(record, isNew));
      presenting = done.catch(() => undefined);
      return done;
    },
    async resume() {
      const [waiting, { status }] = await Promise.all([vault.approvals.list(), vault.state()]);
      const needsApproval = waiting.some((card) => card.shown.kind !== 'unlock');
      if (needsApproval && status === 'unlocked' && (await windows.lastShown()) === 'unlock') await present();
    },
  };
}
