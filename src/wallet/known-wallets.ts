// The wallets that speak MetaMask's port protocol, by extension id, for the browser this build is for.
// Promises a fixed list (R-E4): ids come from the stores or from the build, never from a page.
// Must not load the provider library: a page may show the list before it needs a wallet.

/** A wallet that can be offered: its extension id, and the name to show. */
export interface KnownWallet {
  readonly id: string;
  readonly label: string;
  /** The page of the store where this very extension is installed; absent for early versions. */
  readonly storeUrl?: string;
}

const CHROME_STORE: readonly KnownWallet[] = [
  {
    id: 'nkbihfbeogaeaoehlefnkodbefgpgknn',
    label: 'MetaMask',
    storeUrl: 'https://chromewebstore.google.com/detail/nkbihfbeogaeaoehlefnkodbefgpgknn',
  },
  { id: 'ljfoeinjpaedjfecbmggjgodbgkmjkjk', label: 'MetaMask Flask' },
  { id: 'pbbkamfgmaedccnfkmjcofcecjhfgldn', label: 'MetaMask Beta' },
];

// Edge installs from its own store and from Chrome's, so both MetaMasks are possible there.
const EDGE_STORE: readonly KnownWallet[] = [
  {
    id: 'ejbalbakoplchlghecdalmeeeajnimhm',
    label: 'MetaMask (Edge Add-ons)',
    storeUrl: 'https://microsoftedge.microsoft.com/addons/detail/ejbalbakoplchlghecdalmeeeajnimhm',
  },
];

const FIREFOX_STORE: readonly KnownWallet[] = [
  {
    id: 'webextension@metamask.io',
    label: 'MetaMask',
    storeUrl: 'https://addons.mozilla.org/firefox/addon/ether-metamask/',
  },
  { id: 'webextension-flask@metamask.io', label: 'MetaMask Flask' },
  { id: 'webextension-beta@metamask.io', label: 'MetaMask Beta' },
];

/** The wallets to offer in this browser, the likeliest first; the demo's test wallet leads in builds that know it. */
export function knownWallets(): KnownWallet[] {
  const testWallet = __TEST_WALLET_ID__ === '' ? [] : [{ id: __TEST_WALLET_ID__, label: 'Test wallet (demo only)' }];
  return [...testWallet, ...storeWallets()];
}

/**
 * Whether the text can be the id of an extension in this browser: 32 letters a-p in Chromium; in Firefox an address-like
 * id or a UUID in braces.
 */
export function isExtensionId(text: string): boolean {
  if (__BROWSER__ === 'chrome') return /^[a-p]{32}$/.test(text);
  return /^[\w.+-]{0,80}@[\w.-]{1,80}$/.test(text) || /^\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}$/i.test(text);
}

function storeWallets(): readonly KnownWallet[] {
  if (__BROWSER__ === 'firefox') return FIREFOX_STORE;
  return navigator.userAgent.includes(' Edg/') ? [...EDGE_STORE, ...CHROME_STORE] : CHROME_STORE;
}
