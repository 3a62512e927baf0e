// The gate after a build must really refuse: a package that is fine, and each way to break it.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };
import { checkPackage } from './check-package.mjs';
import { coreName, readCore } from './curve-core.mjs';
import { loadsLater } from './worker-files.mjs';

const folder = mkdtempSync(path.join(tmpdir(), 'prekey-vault-package-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Manifest {
  [key: string]: unknown;
  permissions: string[];
  content_scripts: Record<string, unknown>[];
  content_security_policy: Record<string, string>;
}

/** What a store build for Chromium comes to, as far as the gate looks at it. */
function packed(): { manifest: Manifest; files: Record<string, string | Uint8Array> } {
  const source = JSON.parse(readFileSync(new URL('../manifest.json', import.meta.url), 'utf8')) as Manifest;
  const { browser_specific_settings: _gecko, ...manifest } = source;
  const [inpage, relay] = source.content_scripts;
  return {
    manifest: {
      ...(manifest as Manifest),
      background: { service_worker: 'worker.js' },
      content_scripts: [
        { ...inpage, js: ['inpage.js'] },
        { ...relay, js: ['relay.js'] },
      ],
    },
    files: {
      'worker.js': `${loadsLater}start();`,
      'worker-later.js': 'more();',
      [coreName]: readCore(),
      'inpage.js': '1;',
      'relay.js': '2;',
      'face.js': '3;',
      'face-stand-in.js': "put(window, 'ethereum');",
      'NOTICE.txt': `Words.\n${Object.keys(packageJson.dependencies)
        .map((name) => `\n${name} 1.0.0: MIT`)
        .join('')}\n`,
    },
  };
}

/** The same for Firefox. */
function packedForFirefox(): ReturnType<typeof packed> {
  const one = packed();
  const source = JSON.parse(readFileSync(new URL('../manifest.json', import.meta.url), 'utf8')) as Manifest;
  const {
    minimum_chrome_version: _chrome,
    externally_connectable: _external,
    side_panel: _panel,
    ...manifest
  } = one.manifest;
  return {
    ...one,
    manifest: {
      ...(manifest as Manifest),
      optional_permissions: (one.manifest['optional_permissions'] as string[]).filter(
        (name) => !['sidePanel', 'favicon'].includes(name),
      ),
      background: { scripts: ['worker-later.js', 'worker.js'] },
      browser_specific_settings: structuredClone(source['browser_specific_settings']),
    },
  };
}

function defectsOf(
  change: (one: ReturnType<typeof packed>) => void = () => undefined,
  browser: 'chrome' | 'firefox' = 'chrome',
): string[] {
  const one = browser === 'chrome' ? packed() : packedForFirefox();
  change(one);
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'manifest.json'), JSON.stringify(one.manifest));
  mkdirSync(path.join(folder, 'assets'));
  for (const [name, text] of Object.entries(one.files)) writeFileSync(path.join(folder, name), text);
  return checkPackage(folder, { flavour: 'store', browser });
}

const csp = (change: (policy: string) => string) => (one: ReturnType<typeof packed>) =>
  void (one.manifest.content_security_policy['extension_pages'] = change(
    one.manifest.content_security_policy['extension_pages'] as string,
  ));
const script = (change: Record<string, unknown>) => (one: ReturnType<typeof packed>) =>
  void Object.assign(one.manifest.content_scripts[1] as object, change);
const key = (change: Record<string, unknown>) => (one: ReturnType<typeof packed>) =>
  void Object.assign(one.manifest, change);
const code = (text: string) => (one: ReturnType<typeof packed>) => void (one.files['worker.js'] = text);
const later = (text: string) => (one: ReturnType<typeof packed>) => void (one.files['worker-later.js'] = text);

describe('checkPackage', () => {
  it('finds nothing in a package that is fine', () => {
    expect(defectsOf()).toEqual([]);
  });

  it('lets a page load the lists of words later', () => {
    expect(
      defectsOf(
        (one) =>
          void Object.assign(one.files, {
            'assets/guesses-1.js': "'passwords-common'",
            'assets/page.js': "const late = () => import('./guesses-1.js');",
          }),
      ),
    ).toEqual([]);
  });

  it.each<[string, (one: ReturnType<typeof packed>) => void]>([
    ['a package without the core of the curve', (one) => void Reflect.deleteProperty(one.files, coreName)],
    [
      'another core than the one that was looked at',
      (one) => {
        const changed = readCore();
        changed[changed.length - 1]! ^= 1;
        one.files[coreName] = changed;
      },
    ],
    ['a second file of WebAssembly', (one) => void (one.files['assets/more.bin'] = readCore().subarray(0, 8))],
    ['WebAssembly in a script', code(`const core = '${readCore().toString('base64').slice(0, 40)}';`)],
    [
      'a page that makes WebAssembly',
      (one) => void (one.files['assets/page.js'] = 'void WebAssembly.instantiate(bytes, {});'),
    ],
    ['a worker that is too large', code('start();'.repeat(80_000))],
    ['a second half that is too large', later('more();'.repeat(80_000))],
    ['a worker that does not load its second half', code('start();')],
    ['a worker without its second half', (one) => void Reflect.deleteProperty(one.files, 'worker-later.js')],
    ['a worker that loads a third file', code(`${loadsLater}importScripts('/third.js');`)],
    ['a worker with one character that makes it two bytes for each', code(`${loadsLater}start('…');`)],
    ['a worker that trusts another script', code(loadsLater.replaceAll('worker-later.js', 'third.js'))],
    ['a second half that loads something', later("importScripts('/third.js');")],
    ['a second half that makes WebAssembly', later('void WebAssembly.instantiate(bytes, {});')],
    ['R-J1 code from text', csp((policy) => policy.replace("'wasm-unsafe-eval'", "'unsafe-eval'"))],
    ['R-J1 a policy that the core cannot run under', csp((policy) => policy.replace(" 'wasm-unsafe-eval'", ''))],
    ['lists of words in the worker', code("start(); const lists = ['passwords-common'];")],
    [
      'lists of words that a page loads at its start',
      (one) =>
        void Object.assign(one.files, {
          'assets/guesses-1.js': "'passwords-common'",
          'assets/page.js': "import { a } from './guesses-1.js';",
        }),
    ],
    ['rules of names in the worker', code("start(); const rules = 'whole-script confusable';")],
    [
      'rules of names that a page loads at its start',
      (one) =>
        void Object.assign(one.files, {
          'assets/normal-1.js': "'whole-script confusable'",
          'assets/page.js': "import { a } from './normal-1.js';",
        }),
    ],
    [
      'lists of words twice',
      (one) =>
        void Object.assign(one.files, {
          'assets/guesses-1.js': "'passwords-common'",
          'assets/guesses-2.js': "'passwords-common'",
        }),
    ],
    [
      'R-J1 a directive before ours, which is the one that counts',
      csp((policy) => `script-src 'self' https://cdn.example; ${policy}`),
    ],
    ['R-J1 a directive that is stronger than ours', csp((policy) => `${policy}; script-src-elem https://cdn.example`)],
    ['R-J1 a wider directive', csp((policy) => policy.replace("img-src 'self' data:", 'img-src *'))],
    ['R-J1 a missing directive', csp((policy) => policy.replace("base-uri 'none'; ", ''))],
    [
      'R-J1 a policy for other pages',
      (one) => void (one.manifest.content_security_policy['sandbox'] = "script-src 'unsafe-eval'"),
    ],
    ['R-J2 a further permission', (one) => void one.manifest.permissions.push('tabs')],
    ['R-J2 hosts beforehand', key({ host_permissions: ['https://*/*'] })],
    ['R-J2 other optional hosts', key({ optional_host_permissions: ['<all_urls>'] })],
    ['R-J2 other optional permissions', key({ optional_permissions: ['scripting', 'tabs'] })],
    ['R-J2 scripts on sites without a question', (one) => void one.manifest.permissions.push('scripting')],
    [
      'R-A2 a wallet face on every site',
      (one) => void one.manifest.content_scripts.push({ ...one.manifest.content_scripts[0], js: ['face.js'] }),
    ],
    ['a package without the wallet face', (one) => void Reflect.deleteProperty(one.files, 'face.js')],
    [
      'a wallet face that is too large',
      // What does not shrink: the digits of a number that is not rational.
      (one) => void (one.files['face.js'] = Array.from({ length: 600 }, (_, at) => Math.sqrt(at * 2 + 3)).join()),
    ],
    [
      'a wallet face that touches window.ethereum unasked',
      (one) => void (one.files['face.js'] = "put(window, 'ethereum');"),
    ],
    ['a stand-in that stands in for nothing', (one) => void (one.files['face-stand-in.js'] = '3;')],
    ['R-J6 a further command', (one) => void Object.assign(one.manifest['commands'] as object, { approve: {} })],
    ['no commands', key({ commands: undefined })],
    [
      'a command that other programs hear of',
      (one) => void Object.assign((one.manifest['commands'] as Record<string, object>)['lock-now']!, { global: true }),
    ],
    ['no licences', (one) => void Reflect.deleteProperty(one.files, 'NOTICE.txt')],
    [
      'licences of all packages but one',
      (one) => void (one.files['NOTICE.txt'] = String(one.files['NOTICE.txt']).replace(/\npreact .*/, '')),
    ],
    ['R-J3 a file for pages', key({ web_accessible_resources: [] })],
    ['R-J4 private windows', key({ incognito: 'spanning' })],
    ['R-J5 old browsers', key({ minimum_chrome_version: '120' })],
    ['R-A5 other extensions', key({ externally_connectable: { ids: ['*'], matches: [] } })],
    ['R-A5 an external listener', code('chrome.runtime.onMessageExternal.addListener(f)')],
    ['a part of the browser nobody has thought about', key({ devtools_page: 'index.html' })],
    ['R-A2 frames', script({ all_frames: true })],
    ['R-A2 blank documents', script({ match_about_blank: true })],
    ['R-A2 other addresses', script({ matches: ['<all_urls>'] })],
    ['R-A8 a late script', script({ run_at: 'document_idle' })],
    ['R-F2 session storage for everybody', code("a('TRUSTED_AND_UNTRUSTED_CONTEXTS')")],
    ['code from text', code('new Function(text)()')],
    ['code from text, without new', code('const g = Function("return this")()')],
    ['a worker that is too large to start soon', code('/'.repeat(620_001))],
    ['a worker of several files', code("importScripts('more.js')")],
    ['the hooks of tests', code("'test:stopAt'")],
    ['a cost of files that is not the usual one', code('host({ fileWorkFactor: 12 })')],
    ['a file that a reviewer is told nothing about', (one) => void (one.files['more.js'] = 'more();')],
  ])('refuses %s', (_what, change) => {
    expect(defectsOf(change)).not.toEqual([]);
  });

  it('R-J2 finds nothing in a package for Firefox that is fine, and refuses to send anything without a question', () => {
    expect(defectsOf(undefined, 'firefox')).toEqual([]);
    for (const told of [undefined, { required: ['authenticationInfo'] }, { required: ['none'] }])
      expect(
        defectsOf((one) => {
          const settings = one.manifest['browser_specific_settings'] as { gecko: Record<string, unknown> };
          settings.gecko['data_collection_permissions'] = told;
        }, 'firefox'),
      ).not.toEqual([]);
  });
});
