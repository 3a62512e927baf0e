// Types of build.mjs, for the TypeScript that calls it.

/** Ids of the built extension: `id` in Chromium, `geckoId` in Firefox; `key` is what fixes the former. */
export const testWalletIdentity: { readonly id: string; readonly geckoId: string; readonly key: string };

/** Writes the unpacked extension into `outDir`, which is emptied first. */
export function buildTestWallet(options: { browser: 'chrome' | 'firefox'; outDir: string }): Promise<void>;
