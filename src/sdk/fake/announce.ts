// A provider laid into a page as the extension does it: announced when asked for, and as the global `prekeyVault`.
import type { PrekeyVaultProvider } from '../types';

const info = Object.freeze({
  uuid: '00000000-0000-4000-8000-000000000000',
  name: 'Prekey Vault',
  icon: "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>",
  rdns: 'app.prekeyvault',
});

/** Returns what takes it out again. Throws TypeError where there is no page, or a vault is in it already. */
export function announceIn(page: EventTarget | undefined, provider: PrekeyVaultProvider): () => void {
  if (page === undefined) throw new TypeError('There is no window: give the page, or use `provider` as it is.');
  const announce = () =>
    page.dispatchEvent(new CustomEvent('prekeyvault:announceProvider', { detail: Object.freeze({ info, provider }) }));
  Object.defineProperty(page, 'prekeyVault', { value: provider, configurable: true });
  page.addEventListener('prekeyvault:requestProvider', announce);
  announce();
  return () => {
    page.removeEventListener('prekeyvault:requestProvider', announce);
    Reflect.deleteProperty(page, 'prekeyVault');
  };
}
