// Unit tests: beside the code in src and demo, in plain node.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  define: {
    __TEST_HOOKS__: 'true',
    __CHECKPOINTS__: 'false',
    __TEST_WALLET_ID__: JSON.stringify(''),
    __BROWSER__: JSON.stringify('chrome'),
    __VERSION__: JSON.stringify('0.0.0-test'),
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    include: ['src/**/*.test.ts', 'src/**/*.test.tsx', 'demo/**/*.test.ts', 'lint/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/**/*.test.ts'],
    testTimeout: 30_000,
  },
});
