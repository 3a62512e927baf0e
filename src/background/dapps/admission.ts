// Which requests of pages may be under way, and which of them are worked on now.
// Promises: bytes under way are bounded in all and shared between origins (vault/work/shares); at most a few requests of one origin are worked
// on at a time, and large ones in turn between the origins, so that neither memory nor a place is ever taken by one origin for long.
// Must not: be asked for anything of our own pages; they wait for no site.
import { limits, workerLimits } from '../../contract/limits';
import type { MethodName } from '../../contract/dapp/methods';
import { createRoom } from '../../vault/work/shares';

/** What a request asks of the worker. `list`: its answer is as long as a list of the safe, whatever it weighs itself. */
export interface Load {
  bytes: number;
  kind: 'small' | 'large' | 'list';
  /** Requests that wait for the network do not keep those back that do not. */
  lane: 'keys' | 'network';
}

export interface Admission {
  /** Takes room for a request that has come; false when it is more than the share of its origin: then nothing of it is kept. */
  take(origin: string, bytes: number): boolean;
  give(origin: string, bytes: number): void;
  /** Bytes under way, for tests. */
  used(origin?: string): number;
  /** Calls `listener` whenever room was given back. Returns what ends that. */
  onRoom(listener: () => void): () => void;
  /** Runs `work` when its origin's turn comes, and settles as it does. */
  inTurn<T>(origin: string, load: Load, work: () => Promise<T>): Promise<T>;
}

const listMethods: ReadonlySet<MethodName> = new Set([
  'xmtp_getV1Conversations',
  'xmtp_getV2Conversations',
  'xmtp_getPrivatePreferences',
]);

/** What a request weighs, by parameters that have passed its schema: an object of bytes, texts and short lists. */
export function loadOf(method: MethodName, params: unknown): Load {
  let bytes: number = workerLimits.requestBase;
  for (const value of Object.values(params ?? {})) bytes += bytesIn(value);
  const kind = listMethods.has(method) ? 'list' : bytes > workerLimits.large ? 'large' : 'small';
  return { bytes, kind, lane: method === 'xmtp_publish' ? 'network' : 'keys' };
}

/** Bytes of a value, and of an object of such. The whole buffer of a view stays as long as the view does. */
function bytesIn(value: unknown): number {
  if (value instanceof Uint8Array) return value.buffer.byteLength;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((sum, one) => sum + bytesIn(one), 0);
}

interface Waiting {
  load: Load;
  start: () => void;
}

interface Lane {
  waiting: Waiting[];
  running: number;
}

export function createAdmission(): Admission {
  const room = createRoom(workerLimits.underWay);
  const listeners = new Set<() => void>();
  /** In the order of their turns: a lane that began something large goes to the end. */
  const lanes = new Map<string, Lane>();
  const busy = { keys: { large: 0, list: 0 }, network: { large: 0, list: 0 } };
  const most = { large: workerLimits.largeAtOnce, list: 1 };

  const costOf = ({ kind, bytes }: Load): number => (kind === 'list' ? 1 : Math.min(bytes, limits.requestBytes));

  let isTelling = false;
  function tell(): void {
    isTelling = false;
    for (const listener of listeners) listener();
  }

  function startNext(): void {
    // Who comes first in turn and does not fit keeps the place: a large request is not overtaken by smaller ones for ever.
    const isKept = { keys: { large: false, list: false }, network: { large: false, list: false } };
    for (const [key, lane] of lanes) {
      for (;;) {
        const [next] = lane.waiting;
        if (!next || lane.running >= workerLimits.atOnce) break;
        const { load } = next;
        if (load.kind !== 'small') {
          if (isKept[load.lane][load.kind] || busy[load.lane][load.kind] + costOf(load) > most[load.kind]) {
            isKept[load.lane][load.kind] = true;
            break;
          }
          busy[load.lane][load.kind] += costOf(load);
          lanes.delete(key);
          lanes.set(key, lane);
        }
        lane.waiting.shift();
        lane.running++;
        next.start();
      }
      if (lane.waiting.length === 0 && lane.running === 0) lanes.delete(key);
    }
  }

  function ended(key: string, { kind, ...load }: Load): void {
    const lane = lanes.get(key);
    if (lane) lane.running--;
    if (kind !== 'small') busy[load.lane][kind] -= costOf({ kind, ...load });
    startNext();
  }

  return {
    take: (origin, bytes) => room.take(origin, bytes),
    give(origin, bytes) {
      room.give(origin, bytes);
      // Not at once: what is given to be taken for the same request in the next line must not be gone by then.
      if (!isTelling) queueMicrotask(tell);
      isTelling = true;
    },
    used: (origin) => room.used(origin),
    onRoom(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    inTurn(origin, load, work) {
      const key = `${load.lane} ${origin}`;
      return new Promise((resolve, reject) => {
        const start = () =>
          void work()
            .then(resolve, reject)
            .finally(() => ended(key, load));
        const lane = lanes.get(key) ?? { waiting: [], running: 0 };
        lanes.set(key, lane);
        lane.waiting.push({ load, start });
        startNext();
      });
    },
  };
}
