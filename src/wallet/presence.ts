// Whether a wallet extension is there at all, before a person is offered it.
// Promises that nothing is asked of the wallet, that it prompts nothing, and that no connection stays open for long.
// Must not load the provider library: a page shows its list before it needs a wallet.
import { isExtensionId } from './known-wallets';

/** A browser that connects to nobody says so at once; later a port may close for other reasons. */
const lookMs = 3000;

/**
 * Calls `onAbsent` when nothing answers under this extension id: not installed, or turned off. A wallet that is there never calls it,
 * however long its worker takes to wake. Returns the function that stops looking.
 */
export function watchAbsence(extensionId: string, onAbsent: () => void): () => void {
  let port: chrome.runtime.Port | undefined;
  let isLooking = true;
  const stop = () => {
    isLooking = false;
    clearTimeout(timer);
    port?.disconnect();
    port = undefined;
  };
  const timer = setTimeout(stop, lookMs);
  const absent = () => {
    if (!isLooking) return;
    stop();
    onAbsent();
  };
  try {
    if (!isExtensionId(extensionId)) throw new TypeError('not an extension id');
    port = chrome.runtime.connect(extensionId);
    port.onDisconnect.addListener(() => {
      // Reading it is what keeps the browser from printing "Unchecked runtime.lastError".
      void chrome.runtime.lastError;
      absent();
    });
  } catch {
    queueMicrotask(absent);
  }
  return stop;
}
