// Before the journeys: the built packages must be there, and must be newer than their sources.
import { cpSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { coreName } from '../../scripts/curve-core.mjs';

const root = path.resolve(import.meta.dirname, '..', '..');

function newest(folder: string): number {
  let at = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile() && !/\.test\.tsx?$|\.testkit\.ts$/.test(entry.name))
      at = Math.max(at, statSync(path.join(entry.parentPath, entry.name)).mtimeMs);
  return at;
}

export async function setup(): Promise<void> {
  await buildWhenOld();
  if (process.env.PREKEY_VAULT_CURVE === 'noble') process.env.PREKEY_VAULT_TEST_BUILD = withoutCore();
}

/** A copy of the package that lacks the core of the curve, so that noble has to stand in for it. */
function withoutCore(): string {
  const folder = path.join(root, 'dist', 'test-chrome-without-core');
  cpSync(path.join(root, 'dist', 'test-chrome'), folder, { recursive: true });
  rmSync(path.join(folder, coreName));
  return folder;
}

async function buildWhenOld(): Promise<void> {
  const sources = Math.max(
    newest(path.join(root, 'src')),
    newest(path.join(root, 'demo', 'wallet')),
    newest(path.join(root, 'public')),
    statSync(path.join(root, 'manifest.json')).mtimeMs,
  );
  const built = ['test-chrome', 'test-firefox', 'wallet-chrome', 'wallet-firefox'].map((name) =>
    path.join(root, 'dist', name, 'manifest.json'),
  );
  if (built.every((file) => existsSync(file) && statSync(file).mtimeMs >= sources)) return;
  const { build } = (await import(path.join(root, 'scripts', 'build.mjs'))) as {
    build: (flavours: string[]) => Promise<void>;
  };
  await build(['test']);
}
