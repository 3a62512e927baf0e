// Which prekey each connected document works with: the one that was current when it first asked, until it reads the bundle again.
// Promises: a rotation changes nothing under an open page (protocol j); a binding outlives the worker, not the document or the browser.
// Must not: hold anything secret, or more than a bounded number of prekeys. Looking one up waits for nothing.
import { VaultError } from '../../contract/errors';
import { step } from '../store/steps';
import { guard } from '../safe/replica';
import type { VaultHost } from '../store/host';
import { createQueue } from '../work/queue';
import { surplus } from '../work/shares';

/** Pins of all documents and safes together; beyond it the oldest of the origin that has most is dropped, and its document goes on with the current prekey. */
export const mostDocumentPrekeys = 1_000;

const prefix = 'pin:';

/** What lies in storage.session under `pin:<safeId>:<documentKey>`. `prekey`: the public point in hex. */
interface StoredBinding {
  prekey: string;
  /** Grows with every binding; the lowest is the oldest. */
  order: number;
  /** Whose document it is; absent where that was not told: then the document counts as an origin of its own. */
  origin?: string;
}

export interface DocumentPrekeys {
  /** Takes up the prekeys of the worker before this one. Throws 'storage-failed'. */
  load(): Promise<void>;
  /** The name of the prekey a document is bound to. */
  nameOf(safeId: string, documentKey: string): string | undefined;
  /** Binds a document to a prekey, also anew. In force at once; settles when it is stored. Throws 'storage-failed', and then nothing has changed. */
  bind(safeId: string, documentKey: string, prekeyName: string, origin?: string): Promise<void>;
  /** The document is gone: its prekeys of every safe are dropped. Takes effect at once. */
  documentGone(documentKey: string): Promise<void>;
  /** Drops the prekeys of a safe that was forgotten, or all when the browser has started. */
  drop(safeId?: string): Promise<void>;
}

export function createDocumentPrekeys({ host }: { host: Pick<VaultHost, 'session' | 'checkpoint'> }): DocumentPrekeys {
  /** By storage key, in the order they were bound: the first is the oldest. */
  const prekeys = new Map<string, StoredBinding>();
  const inTurn = createQueue();
  let lastOrder = 0;

  async function remove(keys: string[]): Promise<void> {
    for (const key of keys) prekeys.delete(key);
    if (keys.length > 0) await inTurn(() => step(host, 'prekeys.remove', () => guard(() => host.session.remove(keys))));
  }

  return {
    async load() {
      const items = await guard(() => host.session.get(null));
      const stored = Object.entries(items).flatMap(([key, value]) =>
        key.startsWith(prefix) && isStoredBinding(value) ? [[key, value] as const] : [],
      );
      prekeys.clear();
      for (const [key, binding] of stored.sort(([, a], [, b]) => a.order - b.order)) prekeys.set(key, binding);
      lastOrder = stored.at(-1)?.[1].order ?? 0;
    },
    nameOf: (safeId, documentKey) => prekeys.get(keyOf(safeId, documentKey))?.prekey,
    async bind(safeId, documentKey, prekeyName, origin) {
      const key = keyOf(safeId, documentKey);
      const before = prekeys.get(key);
      if (before?.prekey === prekeyName) return;
      lastOrder++;
      const binding: StoredBinding = { prekey: prekeyName, order: lastOrder, ...(origin !== undefined && { origin }) };
      prekeys.delete(key);
      prekeys.set(key, binding);
      try {
        await inTurn(() => step(host, 'prekeys.set', () => guard(() => host.session.set({ [key]: binding }))));
      } catch {
        // Only what this call has put there: a later binding of the same document stays.
        if (prekeys.get(key) === binding) {
          prekeys.delete(key);
          if (before) prekeys.set(key, before);
        }
        throw new VaultError('storage-failed');
      }
      const tooMany =
        prekeys.size > mostDocumentPrekeys
          ? surplus(
              [...prekeys].map(([one, held]) => [one, held.origin ?? documentOf(one)]),
              mostDocumentPrekeys,
            )
          : [];
      // The binding asked for is stored; one row too many in memory-only storage is swept with the next.
      await remove(tooMany).catch(() => undefined);
    },
    documentGone: (documentKey) => remove([...prekeys.keys()].filter((key) => documentOf(key) === documentKey)),
    drop: (safeId) =>
      remove([...prekeys.keys()].filter((key) => safeId === undefined || key.startsWith(`${prefix}${safeId}:`))),
  };
}

function keyOf(safeId: string, documentKey: string): string {
  return `${prefix}${safeId}:${documentKey}`;
}

function documentOf(key: string): string {
  return key.slice(key.indexOf(':', prefix.length) + 1);
}

function isStoredBinding(value: unknown): value is StoredBinding {
  if (typeof value !== 'object' || value === null) return false;
  const { prekey, order } = value as Record<string, unknown>;
  return typeof prekey === 'string' && Number.isSafeInteger(order);
}
