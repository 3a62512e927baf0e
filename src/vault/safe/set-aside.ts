// Mirrors that held something else than what the vault had written, and when that was found: to be told, until the browser closes.
// Promises: outlives the worker. Must not: decide anything; a note that cannot be kept changes nothing.
import { guard } from './replica';
import type { VaultHost } from '../store/host';

const prefix = 'set-aside:';

export interface SetAside {
  /** Takes up the notes of the worker before this one. Never rejects. */
  load(): Promise<void>;
  /** Milliseconds since 1970; undefined when nothing was found since the browser started. */
  atMs(safeId: string): number | undefined;
  /** Never rejects. */
  note(safeId: string): Promise<void>;
  /** The safe is gone. Never rejects. */
  drop(safeId: string): Promise<void>;
}

export function createSetAside({ host }: { host: Pick<VaultHost, 'session' | 'nowMs'> }): SetAside {
  const notes = new Map<string, number>();
  return {
    async load() {
      const items = await guard(() => host.session.get(null)).catch(() => ({}));
      for (const [name, value] of Object.entries(items)) {
        if (name.startsWith(prefix) && typeof value === 'number') notes.set(name.slice(prefix.length), value);
      }
    },
    atMs: (safeId) => notes.get(safeId),
    async note(safeId) {
      const atMs = host.nowMs();
      notes.set(safeId, atMs);
      await guard(() => host.session.set({ [prefix + safeId]: atMs })).catch(() => undefined);
    },
    async drop(safeId) {
      if (notes.delete(safeId)) await guard(() => host.session.remove([prefix + safeId])).catch(() => undefined);
    },
  };
}
