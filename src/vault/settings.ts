// The person's settings: minutes until a safe locks by itself, and the colours of our pages.
// Promises: what cannot be read or does not fit is the default; "never lock" does not exist (R-F4).
// Must not: hold anything secret; they lie in clear.
import { VaultError } from '../contract/errors';
import type { Settings } from '../contract/internal';
import { step } from './checkpoint';
import type { Database } from './database';
import { readStores, writeStrict } from './database';
import type { VaultHost } from './host';

/** As long as nothing was chosen. */
export const defaultSettings: Settings = { autoLockMinutes: 15, theme: 'system' };

const minutes: readonly unknown[] = [5, 15, 30, 60] satisfies Settings['autoLockMinutes'][];
const themes: readonly unknown[] = ['system', 'light', 'dark'] satisfies Settings['theme'][];
const key = 'settings';

export interface SettingsStore {
  /** Reads them once. Throws 'storage-failed'. */
  load(): Promise<void>;
  current(): Settings;
  /** Throws 'invalid-input' or 'storage-failed'; then the old ones stay. */
  set(settings: Settings): Promise<void>;
}

export function createSettings({ db, host }: { db: Database; host: VaultHost }): SettingsStore {
  let settings = defaultSettings;
  return {
    async load() {
      const stored = await readStores(db, ['settings'], (transaction) => transaction.objectStore('settings').get(key));
      settings = isSettings(stored) ? pick(stored) : defaultSettings;
    },
    current: () => settings,
    async set(next) {
      if (!isSettings(next)) throw new VaultError('invalid-input');
      const stored = pick(next);
      await step(host, 'settings.put', () =>
        writeStrict(db, ['settings'], (transaction) => transaction.objectStore('settings').put(stored, key)),
      );
      settings = stored;
    },
  };
}

function pick({ autoLockMinutes, theme }: Settings): Settings {
  return { autoLockMinutes, theme };
}

function isSettings(value: unknown): value is Settings {
  if (typeof value !== 'object' || value === null) return false;
  const { autoLockMinutes, theme } = value as Record<string, unknown>;
  return minutes.includes(autoLockMinutes) && themes.includes(theme);
}
