// The sites on which a person switched the wallet face on, and where it stands in for window.ethereum.
// Promises: what cannot be read or does not fit is no face. Must not: hold anything secret, or lay a script; background/browser/faces does.
import { isSafeOrigin } from '../../contract/origins';
import { VaultError } from '../../contract/errors';
import { originLength } from '../../contract/limits';
import type { SiteFace } from '../../contract/pages/sites';
import type { Database } from './database';
import { readSetting, writeStrict } from './database';
import type { VaultHost } from './host';
import { step } from './steps';

const key = 'faces';
const mostFaces = 100;

export interface FaceStore {
  /** In the order in which they were switched on. Throws 'storage-failed'. */
  list(): Promise<SiteFace[]>;
  /** `standsIn` null: off. Throws 'limit', 'invalid-input' or 'storage-failed'; then all is as before. */
  set(origin: string, standsIn: boolean | null): Promise<void>;
}

export function createFaces({ db, host }: { db: Database; host: VaultHost }): FaceStore {
  const list = async () => facesOf(await readSetting(db, key));
  return {
    list,
    async set(origin, standsIn) {
      const others = (await list()).filter((face) => face.origin !== origin);
      const faces = standsIn === null ? others : [...others, { origin, standsIn }];
      if (faces.length > mostFaces) throw new VaultError('limit');
      if (facesOf(faces).length < faces.length) throw new VaultError('invalid-input');
      await step(host, 'settings.put', () =>
        writeStrict(db, ['settings'], (transaction) => transaction.objectStore('settings').put(faces, key)),
      );
    },
  };
}

function facesOf(stored: unknown): SiteFace[] {
  if (!Array.isArray(stored)) return [];
  return stored.flatMap((one: unknown) => {
    const { origin, standsIn } = (one ?? {}) as Partial<SiteFace>;
    return typeof origin === 'string' &&
      origin.length <= originLength &&
      isSafeOrigin(origin) &&
      typeof standsIn === 'boolean'
      ? [{ origin, standsIn }]
      : [];
  });
}
