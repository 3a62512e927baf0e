// Unit tests: beside the code in src and demo, in plain node.
import { createRequire } from 'node:module';
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
  // Plain node cannot import the ES modules of this package; its CommonJS build works.
  resolve: { alias: [{ find: /^@xmtp\/xmtp-js$/, replacement: createRequire(import.meta.url).resolve('@xmtp/xmtp-js') }] },
  test: {
    include: ['src/**/*.test.ts', 'src/**/*.test.tsx', 'demo/**/*.test.ts', 'lint/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/**/*.test.ts'],
    testTimeout: 60_000,
    // Tests of the vault wait for timers and for WebCrypto's threads about half of their time.
    maxWorkers: 4,
  },
});
