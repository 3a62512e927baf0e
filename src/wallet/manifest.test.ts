// What this room needs from the extension's manifest.
import { expect, test } from 'vitest';
import manifest from '../../manifest.json' with { type: 'json' };

// Chromium picks the message format per extension and connects no two of different formats ("Receiving end uses different
// message serialization format"). Wallets use the default, JSON: opting into structured clone would cut us off from all.
test('R-E4 the manifest keeps the message format that wallets speak', () => {
  expect(manifest).not.toHaveProperty('message_serialization');
});
