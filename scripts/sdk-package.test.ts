// The sdk as a package: built, packed and judged as a stranger gets it. e2e/examples.test.ts installs it in an app and runs it.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildSdk } from './build-sdk.mjs';

const run = promisify(execFile);
const { resolve } = createRequire(import.meta.url);
let folder: string;
let tarball: string;
let files: string[];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'prekey-vault-package-'));
  await buildSdk({ outDir: path.join(folder, 'sdk') });
  const { stdout } = await run('npm', ['pack', './sdk', '--json', '--pack-destination', folder], {
    cwd: folder,
    shell: process.platform === 'win32',
  });
  const packed = JSON.parse(stdout) as unknown;
  const [only] = (Array.isArray(packed) ? packed : Object.values(packed as object)) as {
    filename: string;
    files: { path: string }[];
  }[];
  tarball = path.join(folder, only!.filename);
  files = only!.files.map((one) => one.path).toSorted();
});
afterAll(async () => {
  if (folder) await rm(folder, { recursive: true, force: true });
});

it('holds the two entries, their declarations, and nothing else', async () => {
  expect(files).toEqual(['LICENSE', 'README.md', 'index.d.ts', 'index.js', 'package.json', 'xmtp.d.ts', 'xmtp.js']);
  expect((await stat(tarball)).size).toBeLessThanOrEqual(70 * 1024);
});

it('publint finds nothing to say', async () => {
  const { publint } = await import('publint');
  expect((await publint({ pkgDir: path.join(folder, 'sdk'), strict: true })).messages).toEqual([]);
});

it('its types are found by node and by bundlers', async () => {
  const attw = path.join(path.dirname(resolve('@arethetypeswrong/cli/package.json')), 'dist', 'index.js');
  const { stdout } = await run(process.execPath, [attw, tarball, '--profile', 'esm-only', '--format', 'json']);
  const { problems = {} } = JSON.parse(stdout) as { problems?: Record<string, { resolutionKind?: string }[]> };
  // ES modules only: what node's older two ways of finding a module miss is meant.
  const meant = ['node10', 'node16-cjs'];
  expect(
    Object.values(problems)
      .flat()
      .filter(({ resolutionKind = '' }) => !meant.includes(resolutionKind)),
  ).toEqual([]);
});
