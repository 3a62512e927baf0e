// Archives as one part: rows gathered, written as a page, and read again.
// Promises: a lock takes what memory holds of an identity, as soon as it is told.
import type { Messaging } from '../keystore/messaging';
import type { People } from '../people/people';
import type { Publishing } from '../publication/publishing';
import type { Safes } from '../safe/safes';
import type { Store } from '../store/store';
import type { UnlockedSafes } from '../store/unlocked-safes';
import type { Slots } from '../unlock/slot-changes';
import { createGathering, type Gathering } from './gathering';
import { createArchiveReading, type ArchiveReading } from './reading';
import { createArchiveRows, type ArchiveRows } from './rows';
import { createArchiveWriting, type ArchiveWriting } from './writing';

/** As in the files of this folder. */
export interface Archives extends Pick<ArchiveRows, 'state' | 'clear'>, Gathering {
  write: ArchiveWriting['begin'];
  piece: ArchiveWriting['piece'];
  stop: ArchiveWriting['stop'];
  open: ArchiveReading['begin'];
  openPiece: ArchiveReading['piece'];
}

export function createArchives(options: {
  store: Store;
  safes: Safes;
  open: UnlockedSafes;
  slots: Pick<Slots, 'prove'>;
  messaging: Messaging;
  people: People;
  publishing: Pick<Publishing, 'history'>;
}): Archives {
  const { store, safes, open, slots, messaging, people, publishing } = options;
  const { host, db } = store;
  const { keystore, conversations } = messaging;
  const rows = createArchiveRows({ db, host, open });
  const { history } = publishing;
  const writing = createArchiveWriting({ host, safes, open, slots, rows, keystore, conversations, people });
  const reading = createArchiveReading(host);
  store.onChange((topic) => {
    if (topic !== 'state') return;
    rows.dropLocked();
    writing.dropLocked();
  });
  return {
    state: rows.state,
    clear: rows.clear,
    ...createGathering({ rows, history, keystore, conversations, accountOf: open.account, nowMs: host.nowMs }),
    write: writing.begin,
    piece: writing.piece,
    stop: writing.stop,
    open: reading.begin,
    openPiece: reading.piece,
  };
}
