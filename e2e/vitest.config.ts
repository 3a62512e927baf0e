// The journeys in Chromium, against the built extension (dist/test-chrome). Each file has its own browser, profile and servers.
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { hangsAfterMs } from '../scripts/limits.mjs';

/** The longest first, so that no long one is left over for one browser at the end. */
const longest = [
  'approval-window',
  'backup',
  'kills',
  'hostile-node',
  'v3',
  'onboarding',
  'rotation',
  'wallet-zoo',
  'xmtp',
  'hostile-page',
  'vault-pages',
  'network',
  'inboxes',
  'accessibility',
  'canary',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = longest.findIndex((name) => moduleId.endsWith(`/e2e/${name}.test.ts`));
      return at < 0 ? longest.length : at;
    };
    return files.toSorted((a, b) => rank(a) - rank(b) || (a.moduleId < b.moduleId ? -1 : 1));
  }
}

export default defineConfig({
  test: {
    include: ['e2e/*.test.ts'],
    // Three browsers at a time: the journeys mostly wait.
    maxWorkers: 3,
    // The kits are loaded once for each of them; what a file needs of its own it makes anew.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    testTimeout: hangsAfterMs,
    hookTimeout: hangsAfterMs,
    expect: { poll: { timeout: hangsAfterMs / 2 } },
    globalSetup: ['e2e/kit/global-setup.ts'],
  },
});
