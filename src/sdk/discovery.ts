// Finding the provider in a page: the announcement first, the global second.
// Promises to look at the shape of what is announced, to leave no listener or timer behind, and never to throw for what a page did.
// Must not be taken for authentication: any script of the page can announce a provider of its own. The signature can be checked, the finder cannot.
import { mustBeKnown, type OptionNames } from './options';
import type { PrekeyVaultProvider, ProviderInfo } from './types';

const announceEvent = 'prekeyvault:announceProvider';
const requestEvent = 'prekeyvault:requestProvider';

interface FindOptions {
  timeoutMs?: number;
}
const findOptions: OptionNames<FindOptions> = { timeoutMs: true };

/**
 * The provider of an installed Prekey Vault, or `undefined` when none showed up within `timeoutMs` milliseconds, or when
 * there is no window (node, workers). An installed vault answers at once; the time is for a vault that is still being injected.
 * Rejects with TypeError for an option that does not exist, and for nothing else.
 */
export async function findPrekeyVault(options: FindOptions = {}): Promise<PrekeyVaultProvider | undefined> {
  mustBeKnown('findPrekeyVault', options, findOptions);
  const { timeoutMs = 1000 } = options;
  const page = (globalThis as { window?: EventTarget }).window;
  if (page === undefined) return undefined;
  return new Promise((resolve) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const finish = (provider: PrekeyVaultProvider | undefined) => {
      resolve(provider);
      try {
        page.removeEventListener(announceEvent, onAnnounce);
        clearTimeout(timer);
      } catch {
        // The page's own, in the place of what was there.
      }
    };
    const onAnnounce = (event: Event) => {
      const provider = announcedProvider(event);
      if (provider !== undefined) finish(provider);
    };
    try {
      timer = setTimeout(() => finish(globalProvider(page)), timeoutMs);
      page.addEventListener(announceEvent, onAnnounce);
      page.dispatchEvent(new Event(requestEvent));
    } catch {
      // A page may have put something of its own in the place of these. Without a timer there is no later.
      if (timer === undefined) return finish(globalProvider(page));
    }
    // An announcement is answered while the request is dispatched; after a silent one the global may still be there.
    const provider = globalProvider(page);
    if (provider !== undefined) finish(provider);
  });
}

function announcedProvider(event: Event): PrekeyVaultProvider | undefined {
  try {
    const detail: unknown = (event as CustomEvent<unknown>).detail;
    if (!isObject(detail) || !isProviderInfo(detail['info'])) return undefined;
    const provider = detail['provider'];
    return isProvider(provider) ? provider : undefined;
  } catch {
    // A getter of a hostile announcement threw.
    return undefined;
  }
}

function globalProvider(page: EventTarget): PrekeyVaultProvider | undefined {
  try {
    const provider = (page as { prekeyVault?: unknown }).prekeyVault;
    return isProvider(provider) ? provider : undefined;
  } catch {
    return undefined;
  }
}

function isProvider(value: unknown): value is PrekeyVaultProvider {
  return isObject(value) && ['request', 'on', 'removeListener'].every((name) => typeof value[name] === 'function');
}

function isProviderInfo(value: unknown): value is ProviderInfo {
  return (
    isObject(value) &&
    isText(value['uuid'], /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i) &&
    isText(value['name'], /^.{1,100}$/) &&
    isText(value['icon'], /^data:image\//) &&
    isText(value['rdns'], /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i)
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isText(value: unknown, shape: RegExp): boolean {
  return typeof value === 'string' && shape.test(value);
}
