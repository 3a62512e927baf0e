// What our scripts in a page's own world stand on: the platform as it was before the page's first script, objects that a page cannot add to, and
// the listeners of the one provider that each script makes.
// Promises: all that is needed is taken when the script begins; what the page replaces or poisons afterwards is not met.
// Must not: know a method, a provider or a relay.
import type { ErrorShape } from '../contract/errors';

export type Listener = (data: unknown) => void;

const { CustomEvent: PageEvent, Error: PageError, addEventListener, dispatchEvent } = window;
const { apply, ownKeys } = Reflect;
const { create, defineProperty, freeze, getOwnPropertyDescriptor, hasOwn, setPrototypeOf } = Object;
const readDetail = getOwnPropertyDescriptor(PageEvent.prototype, 'detail')!.get!;

/** The same object, made just now for this, without a prototype: a property descriptor or option bag that a poisoned Object.prototype cannot add to. */
export const bare = <T extends object>(values: T): T => setPrototypeOf(values, null) as T;

/** A frozen object of getters: a proxy around it may give its own wrapping of a member, where of a frozen value it would have to give the value. */
export const fixed = <T extends object>(values: T): T => {
  const made = create(null) as T;
  // By index: the page may have replaced the array iterator.
  const keys = ownKeys(values) as (keyof T)[];
  for (let at = 0; at < keys.length; at++) {
    const value = values[keys[at]!];
    defineProperty(made, keys[at]!, bare({ get: () => value, enumerable: true }));
  }
  return freeze(made);
};

const put = (target: object, name: PropertyKey, value: unknown, enumerable = true) =>
  void defineProperty(target, name, bare({ value, enumerable, writable: true, configurable: true }));

/** A plain Error with code and message, and with data where there is any. */
export const errorOf = (shape: ErrorShape): Error => {
  const error = new PageError(shape.message);
  // The real one names this script, and with it the extension.
  put(error, 'stack', `Error: ${shape.message}`, false);
  // Writable, as of any error: libraries add to what they pass on.
  put(error, 'code', shape.code);
  if (hasOwn(shape, 'data')) put(error, 'data', shape.data);
  return error;
};

export const listen = (target: EventTarget, type: string, handler: (event: Event) => void): void =>
  void apply(addEventListener, target, [type, handler]);

/** False when a listener took note of the event (`preventDefault`). */
export const emit = (target: EventTarget, type: string, detail: unknown): boolean =>
  apply(dispatchEvent, target, [new PageEvent(type, bare({ detail, cancelable: true }))]);

/** The detail of a CustomEvent. Throws for any other event. */
export const detailOf = (event: Event): unknown => apply(readDetail, event, []);

const listeners = create(null) as Record<string, Listener[]>;
/** How many there are, of all events. */
export let listenerCount = 0;

/** True for the first of all. What cannot be called is not added. */
export const addListener = (type: string, listener: Listener): boolean => {
  if (typeof listener !== 'function') return false;
  const list = (listeners[type] ??= []);
  put(list, list.length, listener);
  return ++listenerCount === 1;
};

/** True when it was the last of all. */
export const removeListener = (type: string, listener: Listener): boolean => {
  const kept: Listener[] = [];
  let removed = false;
  const list = listeners[type] ?? [];
  for (let at = 0; at < list.length; at++) {
    if (!removed && list[at] === listener) removed = true;
    else put(kept, kept.length, list[at]);
  }
  listeners[type] = kept;
  return removed && --listenerCount === 0;
};

export const callListeners = (type: string, data: unknown): void => {
  const called = listeners[type];
  // A copy, taken by index: a listener may remove itself while it runs.
  const count = called ? called.length : 0;
  const copy: Listener[] = [];
  for (let at = 0; at < count; at++) put(copy, at, called![at]);
  for (let at = 0; at < count; at++) {
    try {
      copy[at]!(data);
    } catch {
      // A listener that throws must not keep the others from being called.
    }
  }
};
