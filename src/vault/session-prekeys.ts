// Which prekey each connected document works with: the one that was current when it first asked, until it reads the bundle again.
// Promises: a rotation changes nothing under an open page (protocol j); a pin outlives the worker, not the document or the browser.
// Must not: hold anything secret, or more than a bounded number of pins. Looking one up waits for nothing.
import { VaultError } from '../contract/errors';
import { step } from './checkpoint';
import { guard } from './copies';
import type { VaultHost } from './host';
import { createQueue } from './queue';

/** Pins of all documents and safes together; beyond it the oldest is dropped, and its document goes on with the current prekey. */
export const mostPins = 1_000;

const prefix = 'pin:';

/** What lies in storage.session under `pin:<safeId>:<documentKey>`. `prekey`: the public point in hex. */
interface StoredPin {
  prekey: string;
  /** Grows with every pin; the lowest is the oldest. */
  order: number;
}

export interface SessionPrekeys {
  /** Takes up the pins of the worker before this one. Throws 'storage-failed'. */
  load(): Promise<void>;
  /** The name of the prekey a document is pinned to. */
  nameOf(safeId: string, documentKey: string): string | undefined;
  /** Pins a document, also anew. In force at once; settles when it is stored. Throws 'storage-failed', and then nothing has changed. */
  pin(safeId: string, documentKey: string, prekeyName: string): Promise<void>;
  /** The document is gone: its pins of every safe are dropped. Takes effect at once. */
  documentGone(documentKey: string): Promise<void>;
  /** Drops the pins of a safe that was forgotten, or all when the browser has started. */
  drop(safeId?: string): Promise<void>;
}

export function createSessionPrekeys({ host }: { host: Pick<VaultHost, 'session' | 'checkpoint'> }): SessionPrekeys {
  /** By storage key, in the order they were pinned: the first is the oldest. */
  const pins = new Map<string, StoredPin>();
  const inTurn = createQueue();
  let lastOrder = 0;

  async function remove(keys: string[]): Promise<void> {
    for (const key of keys) pins.delete(key);
    if (keys.length > 0) await inTurn(() => step(host, 'pins.remove', () => guard(() => host.session.remove(keys))));
  }

  return {
    async load() {
      const items = await guard(() => host.session.get(null));
      const stored = Object.entries(items).flatMap(([key, value]) => (key.startsWith(prefix) && isStoredPin(value) ? [[key, value] as const] : []));
      pins.clear();
      for (const [key, pin] of stored.sort(([, a], [, b]) => a.order - b.order)) pins.set(key, pin);
      lastOrder = stored.at(-1)?.[1].order ?? 0;
    },
    nameOf: (safeId, documentKey) => pins.get(keyOf(safeId, documentKey))?.prekey,
    async pin(safeId, documentKey, prekeyName) {
      const key = keyOf(safeId, documentKey);
      const before = pins.get(key);
      if (before?.prekey === prekeyName) return;
      lastOrder++;
      const pin: StoredPin = { prekey: prekeyName, order: lastOrder };
      pins.delete(key);
      pins.set(key, pin);
      try {
        await inTurn(() => step(host, 'pins.set', () => guard(() => host.session.set({ [key]: pin }))));
      } catch {
        // Only what this call has put there: a later pin of the same document stays.
        if (pins.get(key) === pin) {
          pins.delete(key);
          if (before) pins.set(key, before);
        }
        throw new VaultError('storage-failed');
      }
      const tooMany = [...pins.keys()].slice(0, Math.max(0, pins.size - mostPins));
      // The pin asked for is stored; one row too many in memory-only storage is swept with the next.
      await remove(tooMany).catch(() => undefined);
    },
    documentGone: (documentKey) => remove([...pins.keys()].filter((key) => documentOf(key) === documentKey)),
    drop: (safeId) => remove([...pins.keys()].filter((key) => safeId === undefined || key.startsWith(`${prefix}${safeId}:`))),
  };
}

function keyOf(safeId: string, documentKey: string): string {
  return `${prefix}${safeId}:${documentKey}`;
}

function documentOf(key: string): string {
  return key.slice(key.indexOf(':', prefix.length) + 1);
}

function isStoredPin(value: unknown): value is StoredPin {
  if (typeof value !== 'object' || value === null) return false;
  const { prekey, order } = value as Record<string, unknown>;
  return typeof prekey === 'string' && Number.isSafeInteger(order);
}
