// The journeys in Chromium, one after the other, against the built extension (dist/test-chrome).
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['e2e/*.test.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    globalSetup: ['e2e/kit/global-setup.ts'],
  },
});
