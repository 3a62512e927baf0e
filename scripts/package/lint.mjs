// What addons.mozilla.org would say about the Firefox package: web-ext's lint, in exactly one version, fetched for this run only (adr/0020: it brings 330
// packages, which no install of ours shall have).
// Promises: fails at every error, warning and notice but those that are named here with their reason. Must not: be needed for a build.
import { spawnSync } from 'node:child_process';
import { root } from '../setup.mjs';

const linter = 'web-ext@10.7.0';

/** What is known and explained. A second one of the same kind is refused as well. */
const explained = [
  {
    code: 'UNSAFE_VAR_ASSIGNMENT',
    // Preact sets it for `dangerouslySetInnerHTML`, which none of our pages uses (lint/rooms.js refuses it), and which Trusted Types would refuse.
    reason: "Preact's innerHTML, which no page of ours uses and the content security policy would refuse",
    most: 1,
  },
];

/**
 * What is left of the linter's report when the explained findings are taken away, one line for each.
 * @param {{ errors: any[], warnings: any[], notices: any[] }} report
 */
export function unexplained({ errors, warnings, notices }) {
  const counts = new Map();
  const isExplained = ({ code }) => {
    const known = explained.find((one) => one.code === code);
    const count = (counts.get(code) ?? 0) + 1;
    counts.set(code, count);
    return known !== undefined && count <= known.most;
  };
  return [...errors, ...[...warnings, ...notices].filter((one) => !isExplained(one))].map(
    ({ _type, code, message, file, line }) =>
      `${_type} ${code}: ${message}${file ? ` (${file}${line ? `:${line}` : ''})` : ''}`,
  );
}

/** @param {string} folder a built package for Firefox @returns {string[]} */
export function lintForFirefox(folder) {
  const { stdout, stderr } = spawnSync(
    'npx',
    ['--yes', linter, 'lint', '--source-dir', folder, '--output', 'json', '--no-config-discovery'],
    { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, shell: process.platform === 'win32' },
  );
  // web-ext prints its report after whatever npm has to say.
  const start = stdout.indexOf('{"');
  if (start < 0) return [`${linter} did not run: ${stderr.trim().split('\n').at(-1)}`];
  return unexplained(JSON.parse(stdout.slice(start)));
}

export const explanations = explained.map(({ code, reason }) => `${code}: ${reason}`);
