// Finding the provider in a page: the announcement first, the global second.
// Promises to look at the shape of what is announced, to leave no listener or timer behind, and never to throw.
// Must not be taken for authentication: any script of the page can announce a provider of its own. The signature can be checked, the finder cannot.
import type { PrekeyVaultProvider, ProviderInfo } from './types';

const announceEvent = 'prekeyvault:announceProvider';
const requestEvent = 'prekeyvault:requestProvider';

/**
 * The provider of an installed Prekey Vault, or `undefined` when none showed up within `timeoutMs` milliseconds, or when
 * there is no window (node, workers). An installed vault answers at once; the time is for one that is still being injected.
 */
export function findPrekeyVault(options: { timeoutMs?: number } = {}): Promise<PrekeyVaultProvider | undefined> {
  const { timeoutMs = 1000 } = options;
  const page = (globalThis as { window?: EventTarget }).window;
  if (page === undefined) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const finish = (provider: PrekeyVaultProvider | undefined) => {
      page.removeEventListener(announceEvent, onAnnounce);
      clearTimeout(timer);
      resolve(provider);
    };
    const onAnnounce = (event: Event) => {
      const provider = announcedProvider(event);
      if (provider !== undefined) finish(provider);
    };
    const timer = setTimeout(() => finish(globalProvider(page)), timeoutMs);
    page.addEventListener(announceEvent, onAnnounce);
    page.dispatchEvent(new Event(requestEvent));
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
