// The phrase and colour of the person's own, by which they know our approval and unlock pages (R-C8).
// Promises: lies in the database, which no content script and no page process can read, and nowhere else; what does not fit is none.
// Must not: be anything that opens something. It lies in clear: these pages show it before anything is unlocked.
import { phraseColours } from '../../contract/choices';
import { VaultError } from '../../contract/errors';
import { ownPhraseLength } from '../../contract/limits';
import type { OwnPhrase } from '../../contract/pages/settings';
import type { Database } from './database';
import { readSetting, writeStrict } from './database';
import type { VaultHost } from './host';
import { step } from './steps';

const key = 'own-phrase';

export interface OwnPhraseStore {
  /** Null when none was chosen. Throws 'storage-failed'. */
  get(): Promise<OwnPhrase | null>;
  /** Null: none any more. Throws 'invalid-input' or 'storage-failed'; then all is as before. */
  set(own: OwnPhrase | null): Promise<void>;
}

export function createOwnPhrase({ db, host }: { db: Database; host: VaultHost }): OwnPhraseStore {
  return {
    get: async () => phraseOf(await readSetting(db, key)),
    async set(own) {
      const stored = own === null ? null : phraseOf(own);
      if (own !== null && stored === null) throw new VaultError('invalid-input');
      await step(host, 'settings.put', () =>
        writeStrict(db, ['settings'], async (transaction) => {
          const settings = transaction.objectStore('settings');
          await (stored === null ? settings.delete(key) : settings.put(stored, key));
        }),
      );
    },
  };
}

/** The known fields, checked; null when one of them does not fit. */
function phraseOf(value: unknown): OwnPhrase | null {
  const { phrase, colour } = (value ?? {}) as Partial<OwnPhrase>;
  const known = phraseColours.find((one) => one === colour);
  if (typeof phrase !== 'string' || phrase === '' || phrase.length > ownPhraseLength || known === undefined)
    return null;
  return /\p{Surrogate}/u.test(phrase) ? null : { phrase, colour: known };
}
