// The list of wallets in a build that knows no test wallet, as the unit tests are configured.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isExtensionId, knownWallets } from './known-wallets';

const chrome = 'Mozilla/5.0 (X11; Linux x86_64) Chrome/150.0.0.0 Safari/537.36';

beforeEach(() => void vi.stubGlobal('navigator', { userAgent: chrome }));
afterEach(() => vi.unstubAllGlobals());

describe('knownWallets', () => {
  test('R-E4 offers the three MetaMasks of the Chrome store, and no test wallet', () => {
    expect(knownWallets().map(({ label }) => label)).toEqual(['MetaMask', 'MetaMask Flask', 'MetaMask Beta']);
  });

  test('puts the Edge store first on Edge', () => {
    vi.stubGlobal('navigator', { userAgent: `${chrome} Edg/150.0.0.0` });
    expect(knownWallets().map(({ id }) => id)).toEqual([
      'ejbalbakoplchlghecdalmeeeajnimhm',
      'nkbihfbeogaeaoehlefnkodbefgpgknn',
      'ljfoeinjpaedjfecbmggjgodbgkmjkjk',
      'pbbkamfgmaedccnfkmjcofcecjhfgldn',
    ]);
  });

  test('the page of a store is that of the very extension that is spoken to', () => {
    for (const userAgent of [chrome, `${chrome} Edg/150.0.0.0`]) {
      vi.stubGlobal('navigator', { userAgent });
      const installable = knownWallets().filter(({ storeUrl }) => storeUrl !== undefined);
      expect(installable.length).toBeGreaterThan(0);
      for (const { id, storeUrl } of installable) {
        const { protocol, pathname } = new URL(storeUrl!);
        expect([protocol, pathname.split('/').at(-1)]).toEqual(['https:', id]);
      }
    }
  });

  test('every id on the list is an extension id', () => {
    expect(knownWallets().every(({ id }) => isExtensionId(id))).toBe(true);
  });
});
