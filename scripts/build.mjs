// npm run build: the store packages for Chromium and Firefox, and the sdk. With --demo or --test: those flavours and the test wallet.
// Promises: fails when a build breaks a rule of the package (permissions, size of page scripts, web accessible resources …).
// Must not: be needed by hand before npm start or npm test.
import { spawnSync } from 'node:child_process';
import { renameSync } from 'node:fs';
import path from 'node:path';
import { ensureDependencies, root } from './setup.mjs';

/** Builds one flavour for one browser into dist/<flavour>-<browser>; throws with the build's output when it fails. */
export function buildExtension(flavour, browser) {
  const vite = path.join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const result = spawnSync(process.execPath, [vite, 'build', '--mode', browser, '--logLevel', 'warn'], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, PREKEY_VAULT_FLAVOUR: flavour },
  });
  const output = `${result.stdout}${result.stderr}`;
  if (result.status !== 0) throw new Error(output);
  // crxjs warns when a document_start script would come through its loader, which is too late and opens resources to pages.
  if (/document_start|loader/i.test(output)) throw new Error(output);
  return path.join(root, 'dist', `${flavour}-${browser}`);
}

export async function build(flavours, browsers = ['chrome', 'firefox']) {
  const { checkPackage } = await import('./check-package.mjs');
  for (const flavour of flavours) {
    for (const browser of browsers) {
      const folder = buildExtension(flavour, browser);
      const defects = checkPackage(folder, { flavour, browser });
      if (defects.length > 0) throw new Error(`${flavour}-${browser}:\n${defects.map((one) => `  ${one}`).join('\n')}`);
      console.log(`built ${path.relative(root, folder)}`);
    }
  }
  if (flavours.some((flavour) => flavour !== 'store')) {
    const { buildTestWallet } = await import('../demo/wallet/build.mjs');
    for (const browser of browsers) {
      await buildTestWallet({ browser, outDir: path.join(root, 'dist', `wallet-${browser}`) });
      console.log(`built dist/wallet-${browser}`);
    }
  }
}

/** The sdk as npm packs it, under one name in every version, so that the examples can install it. Returns where. */
export async function buildPackedSdk() {
  const { buildSdk } = await import('./build-sdk.mjs');
  const { packSdk } = await import('./pack-sdk.mjs');
  const dist = path.join(root, 'dist');
  const { tarball } = await packSdk((await buildSdk()).outDir, dist);
  const file = path.join(dist, 'prekey-vault-sdk.tgz');
  renameSync(tarball, file);
  return file;
}

if (process.argv[1] && path.resolve(process.argv[1]) === path.join(root, 'scripts', 'build.mjs')) {
  ensureDependencies();
  const wanted = process.argv.slice(2).map((argument) => argument.replace(/^--/, ''));
  const flavours = ['store', 'demo', 'test'].filter((flavour) => wanted.includes(flavour));
  try {
    await build(flavours.length > 0 ? flavours : ['store']);
    console.log(`built dist/sdk and ${path.relative(root, await buildPackedSdk())}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
