// The journeys in Chromium, against the built extension (dist/test-chrome). Each file has its own browser, profile and servers.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['e2e/*.test.ts'],
    // Two browsers at a time: the journeys mostly wait.
    maxWorkers: 2,
    testTimeout: 90_000,
    hookTimeout: 120_000,
    globalSetup: ['e2e/kit/global-setup.ts'],
  },
});
