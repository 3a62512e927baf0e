// npm run package: what a release is made of, in dist/release: the zips for the stores, the source for reviewers, the list of what others wrote, the sdk for npm,
// and SHA256SUMS.
// Promises: the same source gives the same bytes, in every folder and at any time (a campaign builds twice, and from the source zip); what the linter of
// addons.mozilla.org says is shown, and fails the run unless it is explained. Must not: publish anything, or need a secret.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensureDependencies, root } from './setup.mjs';

const words = process.argv.slice(2);
ensureDependencies();
const { build, buildPackedSdk } = await import('./build.mjs');
const { filesBelow, zipOf } = await import('./package/zip.mjs');
const { sourceFiles, uncommitted } = await import('./package/source.mjs');
const { sbomOf } = await import('./package/sbom.mjs');
const { explanations, lintForFirefox } = await import('./package/lint.mjs');

const { name, version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const out = path.join(root, 'dist', 'release');

try {
  await build(['store']);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const files = {
    [`${name}-${version}-chrome.zip`]: zipOf(filesBelow(path.join(root, 'dist', 'store-chrome'))),
    [`${name}-${version}-firefox.zip`]: zipOf(filesBelow(path.join(root, 'dist', 'store-firefox'))),
    [`${name}-${version}-source.zip`]: zipOf(sourceFiles(root)),
    [`${name}-${version}-sbom.cdx.json`]: Buffer.from(sbomOf(root)),
    [`${name}-sdk-${version}.tgz`]: readFileSync(await buildPackedSdk()),
  };
  let sums = '';
  for (const [file, bytes] of Object.entries(files)) {
    writeFileSync(path.join(out, file), bytes);
    sums += `${createHash('sha256').update(bytes).digest('hex')}  ${file}\n`;
  }
  writeFileSync(path.join(out, 'SHA256SUMS'), sums);
  console.log(`\n${sums}\nin ${path.relative(root, out)}, made with node ${process.versions.node}`);
  const changed = uncommitted(root);
  if (changed !== '') console.log(`\nNot a release: this differs from the last commit.\n${changed}`);
  if (words.includes('--no-lint')) console.log('\nNot linted for addons.mozilla.org.');
  else {
    const findings = lintForFirefox(path.join(root, 'dist', 'store-firefox'));
    if (findings.length > 0) throw new Error(`\nThe linter of addons.mozilla.org:\n${findings.join('\n')}`);
    console.log(
      `\nThe linter of addons.mozilla.org has nothing to say but what is explained:\n${explanations.join('\n')}`,
    );
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
