// Who listens to which lists, and what each still has to get.
// Promises: what is stored after a cursor and everything later, in order, each once; a listener that goes is forgotten with all its lists.
// Must not: keep anything for a listener; its stream bounds what waits to be read.

/** Where messages of a subscription go, already encoded. */
export interface Listener {
  send(message: Uint8Array): void;
  end(): void;
}

export interface Subscriptions {
  /** The returned function takes the listener away. */
  add(listener: Listener, lists: Iterable<string>): () => void;
  deliver(list: string, message: Uint8Array): void;
  endAll(): void;
  /** How many listen, to anything or to this list. */
  count(list?: string): number;
}

export function createSubscriptions(): Subscriptions {
  const listsOf = new Map<Listener, ReadonlySet<string>>();
  return {
    add(listener, lists) {
      listsOf.set(listener, new Set(lists));
      return () => void listsOf.delete(listener);
    },
    deliver(list, message) {
      for (const [listener, lists] of listsOf) if (lists.has(list)) listener.send(message);
    },
    endAll() {
      for (const listener of listsOf.keys()) listener.end();
      listsOf.clear();
    },
    count: (list) => [...listsOf.values()].filter((lists) => list === undefined || lists.has(list)).length,
  };
}
