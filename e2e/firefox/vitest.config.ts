// The journeys in Firefox, against the built extension (dist/test-firefox) and the test wallet (dist/wallet-firefox).
import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { hangsAfterMs } from '../../scripts/limits.mjs';

export default defineConfig({
  root: path.resolve(import.meta.dirname, '..', '..'),
  test: {
    include: ['e2e/firefox/*.test.ts'],
    fileParallelism: false,
    testTimeout: hangsAfterMs,
    hookTimeout: hangsAfterMs,
    expect: { poll: { timeout: hangsAfterMs / 2 } },
    globalSetup: ['e2e/kit/global-setup.ts'],
  },
});
