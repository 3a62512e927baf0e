// The list of packages that the extension is made from (CycloneDX), as `npm sbom` gives it from package-lock.json, without what is for development only.
// Promises: the same lock file gives the same list: no time, no drawn number, no version of npm, no name of a folder.
// Must not: leave out what a runtime dependency needs. `npm sbom --omit dev` does, where development needs it too, and lists the compiler, a peer of one.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { byCodeUnits } from './zip.mjs';

/** @param {string} root of the repository; needs npm, and no network @returns {string} */
export function sbomOf(root) {
  const { status, stdout, stderr } = spawnSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`npm sbom failed: ${stderr}`);
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  return `${JSON.stringify(withoutChance(JSON.parse(stdout), manifest), null, 2)}\n`;
}

/**
 * @param {any} sbom as npm made it
 * @param {{ dependencies: Record<string, string>, devDependencies: Record<string, string> }} manifest
 */
export function withoutChance(sbom, { dependencies: runtime, devDependencies }) {
  const { serialNumber: _drawn, metadata, components, dependencies, ...rest } = sbom;
  const nameOf = (ref) => ref.replace(/@[^@]*$/, '');
  const root = metadata.component['bom-ref'];
  const needs = new Map(dependencies.map(({ ref, dependsOn = [] }) => [ref, dependsOn]));
  const reached = new Set([root]);
  const edgesOf = (ref) =>
    (needs.get(ref) ?? []).filter((one) =>
      ref === root ? Object.hasOwn(runtime, nameOf(one)) : !Object.hasOwn(devDependencies, nameOf(one)),
    );
  // A set grows while it is walked.
  for (const ref of reached) for (const one of edgesOf(ref)) reached.add(one);
  return {
    ...rest,
    metadata: {
      lifecycles: metadata.lifecycles,
      tools: metadata.tools.map(({ vendor, name }) => ({ vendor, name })),
      // npm takes the name of the folder.
      component: { ...metadata.component, type: 'application', name: nameOf(root) },
    },
    components: components.filter((one) => reached.has(one['bom-ref'])),
    dependencies: [...reached].sort(byCodeUnits).map((ref) => ({ ref, dependsOn: edgesOf(ref).sort(byCodeUnits) })),
  };
}
