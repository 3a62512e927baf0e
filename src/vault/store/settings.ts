// The person's settings: minutes until a safe locks by itself, the colours and the language of our pages, the node of the network, and those that inboxes and names of ENS are read from.
// Promises: what cannot be read or does not fit is the default; "never lock" does not exist (R-F4); a node has one way to be written.
// Must not: hold anything secret; they lie in clear.
import { isRpcAddress, isSafeOrigin } from '../../contract/origins';
import { VaultError } from '../../contract/errors';
import type { Environment } from '../../contract/schemas';
import type { Settings } from '../../contract/pages/settings';
import { step } from './steps';
import type { Database } from './database';
import { readSetting, writeStrict } from './database';
import type { VaultHost } from './host';
import { autoLockMinutes as minutesOffered, languages, localNodeUrl, themes } from '../../contract/choices';

/** As long as nothing was chosen. */
export const defaultSettings: Settings = {
  autoLockMinutes: 15,
  theme: 'system',
  language: 'system',
  environment: null,
  inboxNode: null,
  ensNode: null,
};

const key = 'settings';

export interface SettingsStore {
  /** Reads them once. Throws 'storage-failed'. */
  load(): Promise<void>;
  current(): Settings;
  /** Changes these; the others stay, whoever changed them. Throws 'invalid-input' or 'storage-failed'; then the old ones stay. */
  set(change: Partial<Settings>): Promise<void>;
}

export function createSettings({ db, host }: { db: Database; host: VaultHost }): SettingsStore {
  let settings = defaultSettings;
  return {
    async load() {
      settings = settingsOf(await readSetting(db, key)) ?? defaultSettings;
    },
    current: () => settings,
    async set(change) {
      const stored = settingsOf({ ...settings, ...change });
      if (!stored) throw new VaultError('invalid-input');
      await step(host, 'settings.put', () =>
        writeStrict(db, ['settings'], (transaction) => transaction.objectStore('settings').put(stored, key)),
      );
      settings = stored;
    },
  };
}

/** The known fields, checked; undefined when one of them does not fit. Earlier versions kept no language, and no node of any kind. */
function settingsOf(value: unknown): Settings | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const {
    autoLockMinutes,
    theme,
    language = 'system',
    environment = null,
    inboxNode = null,
    ensNode = null,
  } = value as Partial<Settings>;
  if (!isOneOf(minutesOffered, autoLockMinutes) || !isOneOf(themes, theme)) return undefined;
  const known = environment === null ? null : environmentOf(environment);
  const read = inboxNode === null ? null : nodeOrigin(inboxNode);
  if (known === undefined || read === undefined) return undefined;
  if (ensNode !== null && (typeof ensNode !== 'string' || !isRpcAddress(ensNode))) return undefined;
  return {
    autoLockMinutes: autoLockMinutes as Settings['autoLockMinutes'],
    theme: theme as Settings['theme'],
    // A language that this version does not have: the browser's, and nothing else is lost.
    language: isOneOf(languages, language) ? language : 'system',
    environment: known,
    inboxNode: read,
    ensNode,
  };
}

const longestUrl = 300;

function environmentOf(value: unknown): Environment | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { name, url } = value as Record<string, unknown>;
  const origin = nodeOrigin(url);
  if (origin === undefined) return undefined;
  if (name === 'local') return origin === localNodeUrl ? { name, url: origin } : undefined;
  return name === 'custom' ? { name, url: origin } : undefined;
}

/** A node in its one form: scheme, host and port, nothing behind. Undefined for anything a node cannot be at. */
function nodeOrigin(url: unknown): string | undefined {
  if (typeof url !== 'string' || url.length > longestUrl || !URL.canParse(url)) return undefined;
  const { origin, href } = new URL(url);
  // What is left of a canonical address besides its origin: credentials, a path, a query or a fragment.
  return isSafeOrigin(origin) && href === `${origin}/` ? origin : undefined;
}

function isOneOf(choices: readonly unknown[], value: unknown): boolean {
  return choices.includes(value);
}
