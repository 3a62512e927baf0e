// Unit tests: beside the code in src and demo, in plain node.
// Promises: a file that puts something else in the place of a module, a global or a prototype has a worker of its own. All others share a few
// workers, because loading the modules anew for each of two hundred files costs more than most of them do.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { hangsAfterMs, longTests } from './scripts/limits.mjs';

const folders = ['src', 'demo', 'lint', 'scripts', 'bench'];
const replaces =
  /\bvi\.(mock|doMock|unmock|doUnmock|resetModules|stubGlobal|stubEnv|useFakeTimers|setSystemTime)\b|\.prototype\b|defineProperty\(globalThis|globalThis\.\w+ = |\b(loadBrowserSdk|usePage|useFace)\b/;
/** Tests that change what others would find, by what is written in them. */
const alone = folders
  .flatMap((folder) =>
    readdirSync(path.join(import.meta.dirname, folder), { recursive: true, encoding: 'utf8' }).map(
      (name) => `${folder}/${name.replaceAll(path.sep, '/')}`,
    ),
  )
  .filter((file) => /\.test\.tsx?$/.test(file))
  .filter((file) => replaces.test(readFileSync(path.join(import.meta.dirname, file), 'utf8')));

/** Those alone first: a shared worker ends when the next file in the queue is not for it. */
class AloneFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isAlone = ({ project }: TestSpecification) => project.name === 'alone';
    return [...sorted.filter(isAlone), ...sorted.filter((file) => !isAlone(file))];
  }
}

const quick = process.env['PREKEY_VAULT_QUICK'] ? [...longTests] : [];

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
  resolve: {
    alias: [{ find: /^@xmtp\/xmtp-js$/, replacement: createRequire(import.meta.url).resolve('@xmtp/xmtp-js') }],
  },
  test: {
    setupFiles: ['scripts/vitest-platform.ts'],
    testTimeout: hangsAfterMs,
    hookTimeout: hangsAfterMs,
    expect: { poll: { timeout: hangsAfterMs / 2 } },
    // Tests of the vault wait for timers and for WebCrypto's threads about half of their time.
    maxWorkers: 4,
    // Threads start sooner than processes, and share what was transformed.
    pool: 'threads',
    sequence: { sequencer: AloneFirst },
    projects: [
      { extends: true, test: { name: 'alone', include: alone, exclude: quick } },
      {
        extends: true,
        test: {
          name: 'shared',
          isolate: false,
          include: folders.map((folder) => `${folder}/**/*.test.{ts,tsx}`),
          exclude: [...alone, ...quick],
        },
      },
    ],
  },
});
