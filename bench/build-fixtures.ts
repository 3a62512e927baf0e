// Builds the three fixture extensions into dist/bench-<name>: each script as one classic file, the manifest as it is.
// Promises the same minifier and target as the product, so that a comparison is not one of build settings.
// Must not be part of any other build.
import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'vite';

const root = path.resolve(import.meta.dirname, '..');

/** Names of the fixtures: folders of bench/fixtures. */
export type Fixture = 'message-signer' | 'port-echo' | 'empty-scripts';
export const fixtures: readonly Fixture[] = ['message-signer', 'port-echo', 'empty-scripts'];

/** File name of a fixture's worker, by which its target is found; `empty-scripts` has none. */
export const workerFile = (fixture: Fixture): string => `${fixture}-worker.js`;

/** The unpacked extension of a fixture. */
export const fixtureFolder = (fixture: Fixture): string => path.join(root, 'dist', `bench-${fixture}`);

/** Writes all three. Throws with the build's own words. */
export async function buildFixtures(): Promise<void> {
  for (const fixture of fixtures) {
    const source = path.join(root, 'bench', 'fixtures', fixture);
    const outDir = fixtureFolder(fixture);
    const scripts = [
      ['inpage', 'inpage.js'],
      ['relay', 'relay.js'],
      ['worker', workerFile(fixture)],
    ].filter(([name]) => existsSync(path.join(source, `${name}.ts`)));
    for (const [at, [name, fileName]] of scripts.entries()) {
      await build({
        configFile: false,
        root,
        publicDir: false,
        logLevel: 'error',
        build: {
          target: 'chrome140',
          outDir,
          emptyOutDir: at === 0,
          lib: {
            entry: path.join(source, `${name}.ts`),
            formats: ['iife'],
            name: 'fixture',
            fileName: () => fileName!,
          },
        },
      });
      // A bundler may leave out a file that holds nothing, but the manifest names it.
      const file = path.join(outDir, fileName!);
      if (!existsSync(file)) writeFileSync(file, '');
    }
    copyFileSync(path.join(source, 'manifest.json'), path.join(outDir, 'manifest.json'));
  }
}
