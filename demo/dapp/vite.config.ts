// Builds Quill, the demo dapp, into dist/demo-dapp. With hot reload: npx vite demo/dapp --config demo/dapp/vite.config.ts
// Promises a plain static page: a script, one more with xmtp-js for the messages, others with the client of today's XMTP, its worker and its wasm for
// that tab, a style sheet, nothing inline but the icon.
import { defineConfig } from 'vite';

export default defineConfig({
  base: './',
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es' },
  build: {
    outDir: '../../dist/demo-dapp',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600,
    rolldownOptions: { checks: { pluginTimings: false } },
  },
});
