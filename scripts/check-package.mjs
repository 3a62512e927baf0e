// The gate after a build: what the package must and must not contain (R-A5, R-F2, R-J1 to R-J5, sizes, the core of the curve).
// Promises: returns every defect in words. Must not: repair anything.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { coreName, isCore } from './curve-core.mjs';
import { laterName, loadsLater, workerName } from './worker-files.mjs';

const pageScriptBytes = 2048;
/** A worker that starts waits until the first of its files is read and parsed. As built, in bytes. */
const workerBytes = { [workerName]: 330_000, [laterName]: 332_000 };
const coreBytes = 185_000;
/** The wallet face, which is on sites where a person switched it on and nowhere else (adr/0018). */
const faces = { names: ['face.js', 'face-stand-in.js'], bytes: 2560 };
const permissions = ['storage', 'unlimitedStorage', 'alarms', 'idle'];
/**
 * Each asked for in the press that needs it (R-J2). `scripting`: with one host, when a person switches the wallet face on for a site; it lets nothing run
 * anywhere without that host. The others when a person switches on what they are named after.
 */
const optional = {
  chrome: ['scripting', 'notifications', 'sidePanel', 'favicon'],
  firefox: ['scripting', 'notifications'],
};
/** Without its permission the browser shows it nowhere. */
const sidePanel = { chrome: { default_path: 'src/ui/panel/index.html' } };
/** Asked for when a person sets a node, or switches the wallet face on, one address at a time (R-J2). */
const optionalHosts = ['https://*/*', 'http://localhost/*', 'http://127.0.0.1/*'];
/** Runtime packages whose code must be named in NOTICE.txt; the others are named by the build itself, which knows each module. */
const named = Object.keys(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).dependencies);
/** Where a reviewer finds what each file is made from. */
const explained = readFileSync(new URL('../BUILD.md', import.meta.url), 'utf8');
/** What Firefox asks about together with the host of a node (src/contract/origins.ts). Without a node nothing is sent. */
const dataCollection = {
  required: ['none'],
  optional: ['authenticationInfo', 'personalCommunications', 'personallyIdentifyingInfo'],
};
/** Where the provider is: the addresses of pages that may be given keys to use. */
const pageMatches = ['https://*/*', 'http://localhost/*', 'http://127.0.0.1/*'];
/** What a key may do, from anywhere in the browser; nothing that decides or opens anything. */
const commands = ['lock-now', 'open-waiting'];
/** Everything else of a manifest is a part of the browser nobody has thought about. */
const manifestKeys =
  `manifest_version name description version default_locale minimum_chrome_version incognito icons action options_ui background content_scripts commands permissions
  optional_permissions side_panel host_permissions optional_host_permissions externally_connectable content_security_policy web_accessible_resources browser_specific_settings key`.split(
    /\s+/,
  );
const contentScriptKeys = ['matches', 'js', 'run_at', 'world', 'all_frames'];
/** Given beforehand in the builds that tests drive. */
const localHosts = ['http://localhost/*', 'http://127.0.0.1/*'];
const csp = {
  'default-src': "'none'",
  // Code of the package, and WebAssembly that the worker makes of a file of the package; still none from text (adr/0021).
  'script-src': "'self' 'wasm-unsafe-eval'",
  'style-src': "'self'",
  'img-src': "'self' data:",
  'font-src': "'none'",
  // Itself: the core of the curve, and the words of the language that a person chose. The node is the person's choice; what may be fetched is decided by the host permission of that one address.
  'connect-src': "'self' https: http://localhost:* http://127.0.0.1:*",
  'frame-ancestors': "'none'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'object-src': "'none'",
  'require-trusted-types-for': "'script'",
};

/** How a file of WebAssembly begins, and how it does in base64. */
const binaryMark = Buffer.from('\0asm');
const packedMark = 'AGFzbQ';

/** What a page loads when it is needed, each a file of its own, and words that only that file has in it. */
const late = [
  { what: 'the lists of words', mark: 'passwords-common', why: 'adr/0011' },
  { what: 'the rules of names', mark: 'whole-script confusable', why: 'adr/0027' },
];

const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other);

const filesIn = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));

/** Size of a page script as it travels: gzip, in bytes. */
export function gzipBytes(file) {
  return gzipSync(readFileSync(file), { level: 9 }).length;
}

/** The content scripts of a built package: { inpage, relay } as file paths. */
export function pageScripts(folder) {
  const manifest = JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8'));
  const [inpage] = manifest.content_scripts.filter((one) => one.world === 'MAIN').flatMap((one) => one.js);
  const [relay] = manifest.content_scripts.filter((one) => one.world !== 'MAIN').flatMap((one) => one.js);
  return { inpage: path.join(folder, inpage), relay: path.join(folder, relay) };
}

/** Every way in which a built package breaks a rule; empty when it is fine. */
export function checkPackage(folder, { flavour, browser }) {
  const defects = [];
  const check = (fine, words) => {
    if (!fine) defects.push(words);
  };
  const manifest = JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8'));
  const text = filesIn(folder)
    .filter((file) => file.endsWith('.js'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');

  check(manifest.web_accessible_resources === undefined, 'web_accessible_resources is present (R-J3)');
  const given = new Set(manifest.permissions);
  check(
    given.size === permissions.length && permissions.every((one) => given.has(one)),
    `permissions are ${manifest.permissions} (R-J2)`,
  );
  check(
    isSame(manifest.optional_permissions, optional[browser]),
    `optional permissions are ${manifest.optional_permissions} (R-J2)`,
  );
  check(
    isSame(manifest.optional_host_permissions, optionalHosts),
    `optional host permissions are ${manifest.optional_host_permissions} (R-J2)`,
  );
  check(
    isSame(manifest.host_permissions, flavour === 'store' ? undefined : localHosts),
    `host permissions are ${manifest.host_permissions} (R-J2)`,
  );
  check(
    isSame(manifest.side_panel, sidePanel[browser]),
    `the side panel is ${JSON.stringify(manifest.side_panel)} (R-J2)`,
  );
  check(
    isSame(Object.keys(manifest.commands ?? {}), commands) &&
      Object.values(manifest.commands).every((one) => one.global !== true),
    `commands are ${JSON.stringify(manifest.commands)} (R-J6)`,
  );
  check(manifest.incognito === 'not_allowed', 'incognito is allowed (R-J4)');
  if (browser === 'chrome') {
    check(
      JSON.stringify(manifest.externally_connectable) === '{"ids":[],"matches":[]}',
      'externally_connectable is not empty (R-A5)',
    );
    check(Number(manifest.minimum_chrome_version) >= 140, 'minimum_chrome_version is too low (R-J5)');
    check(flavour !== 'store' || manifest.key === undefined, 'the store build has a fixed key');
  } else {
    check(
      parseFloat(manifest.browser_specific_settings?.gecko?.strict_min_version) >= 140,
      'strict_min_version is too low (R-J5)',
    );
    check(
      isSame(manifest.browser_specific_settings?.gecko?.data_collection_permissions, dataCollection),
      'what is sent is not declared as none, and optionally as what nodes are sent (R-J2)',
    );
    check(Array.isArray(manifest.background?.scripts), 'Firefox needs an event page');
  }
  check(
    isSame(
      manifest.background,
      browser === 'chrome' ? { service_worker: workerName } : { scripts: [laterName, workerName] },
    ),
    'the worker is not its two files',
  );
  for (const [name, most] of Object.entries(workerBytes)) {
    const script = existsSync(path.join(folder, name)) ? readFileSync(path.join(folder, name), 'utf8') : '';
    // What is left when the one line that reads the second file is taken out of the first, once.
    const rest = name === workerName ? script.replace(loadsLater, '') : script;
    check(script !== '', `${name} is missing (adr/0028)`);
    check(name !== workerName || rest !== script, `${name} does not load ${laterName} (adr/0028)`);
    check(
      !/(^|[;}\s])import\s*[({*"']|\bimportScripts\b|\bcreatePolicy\b/.test(rest),
      `${name} loads something besides (adr/0028)`,
    );
    check(!/[^\0-\x7f]/.test(script), `${name} has a character beyond ASCII, with which it takes longer to read`);
    check(Buffer.byteLength(script) <= most, `${name} is ${Buffer.byteLength(script)} bytes, more than ${most}`);
  }
  const binaries = filesIn(folder).filter((file) => readFileSync(file).subarray(0, 4).equals(binaryMark));
  check(
    isSame(
      binaries.map((file) => path.relative(folder, file)),
      [coreName],
    ),
    `files of WebAssembly are ${binaries.map((file) => path.relative(folder, file)).join(', ')} (adr/0021)`,
  );
  for (const file of binaries) {
    const bytes = readFileSync(file);
    check(isCore(bytes), `${path.basename(file)} is not the core of the curve (adr/0021)`);
    check(bytes.length <= coreBytes, `${path.basename(file)} is ${bytes.length} bytes, more than ${coreBytes}`);
  }
  check(!text.includes(packedMark), 'WebAssembly is in a script (adr/0021)');
  const compilers = filesIn(folder).filter(
    (file) => /\.(js|html)$/.test(file) && /\bWebAssembly\b/.test(readFileSync(file, 'utf8')),
  );
  check(
    compilers.every((file) => path.relative(folder, file) === workerName),
    `${compilers.map((file) => path.basename(file)).join(', ')} makes WebAssembly (adr/0021)`,
  );
  const policies = Object.keys(manifest.content_security_policy ?? {});
  check(isSame(policies, ['extension_pages']), `there are policies for ${policies.join(', ')} (R-J1)`);
  const directives = String(manifest.content_security_policy?.extension_pages)
    .split(';')
    .map((one) => one.trim().split(/\s+/))
    .map(([name, ...values]) => [name, values.join(' ')]);
  for (const [name, value] of Object.entries(csp)) {
    // Of two with one name a browser takes the first.
    const [given] = directives.filter(([one]) => one.toLowerCase() === name).map(([, values]) => values);
    check(given === value, `CSP ${name} is ${given} (R-J1)`);
  }
  for (const [name] of directives) check(Object.hasOwn(csp, name), `CSP has ${name} besides (R-J1)`);
  const unknown = Object.keys(manifest).filter((key) => !manifestKeys.includes(key));
  check(unknown.length === 0, `the manifest has ${unknown.join(', ')}, which nobody has thought about`);

  // The wallet face is a third script, and in no manifest: it is on no site unless a person put it there.
  check(manifest.content_scripts?.length === 2, 'there are not exactly two content scripts');
  for (const script of manifest.content_scripts ?? []) {
    check(
      script.all_frames !== true && script.match_origin_as_fallback !== true,
      'a content script goes into frames (R-A2)',
    );
    check(isSame(script.matches, pageMatches), `a content script goes to ${script.matches} (R-A2)`);
    check(
      Object.keys(script).every((key) => contentScriptKeys.includes(key)),
      `a content script has ${Object.keys(script).join(', ')} (R-A2)`,
    );
    check(script.run_at === 'document_start', 'a content script does not run at document_start (R-A8)');
  }
  for (const [name, file] of Object.entries(pageScripts(folder))) {
    const bytes = gzipBytes(file);
    check(bytes <= pageScriptBytes, `${name} is ${bytes} bytes gzip, more than ${pageScriptBytes}`);
    check(!/\bimport\s*[({*"']/.test(readFileSync(file, 'utf8')), `${name} imports at run time (R-J3)`);
  }
  const [face, standIn] = faces.names.map((name) => path.join(folder, name));
  for (const file of [face, standIn]) {
    const name = path.basename(file);
    if (!existsSync(file)) {
      check(false, `${name} is missing (adr/0018)`);
      continue;
    }
    const bytes = gzipBytes(file);
    check(bytes <= faces.bytes, `${name} is ${bytes} bytes gzip, more than ${faces.bytes}`);
    check(!/\bimport\s*[({*"']/.test(readFileSync(file, 'utf8')), `${name} imports at run time (R-J3)`);
    check(
      /[`'"]ethereum[`'"]/.test(readFileSync(file, 'utf8')) === (file === standIn),
      `${name} ${file === standIn ? 'does not touch' : 'touches'} window.ethereum (adr/0018)`,
    );
  }

  for (const { what, mark, why } of late) {
    const having = filesIn(folder)
      .filter((file) => file.endsWith('.js') && readFileSync(file, 'utf8').includes(mark))
      .map((file) => path.basename(file));
    check(
      having.length <= 1 && !having.some((name) => Object.hasOwn(workerBytes, name)),
      `${what} are in ${having.join(', ')} (${why})`,
    );
    for (const one of having) {
      // Named by anything but import(), they would be loaded with the page.
      const early = filesIn(folder).filter(
        (file) =>
          /\.(js|html)$/.test(file) &&
          readFileSync(file, 'utf8')
            .replaceAll(/\bimport\([^)]*\)/g, '')
            .includes(one),
      );
      check(
        early.length === 0,
        `${early.map((file) => path.basename(file)).join(', ')} loads ${what} at its start (${why})`,
      );
    }
  }

  const notice = existsSync(path.join(folder, 'NOTICE.txt'))
    ? readFileSync(path.join(folder, 'NOTICE.txt'), 'utf8')
    : '';
  const unnamed = named.filter((name) => !notice.includes(`\n${name} `));
  check(unnamed.length === 0, `NOTICE.txt does not name ${unnamed.join(', ')}`);

  if (flavour === 'store') {
    const scripts = (manifest.content_scripts ?? []).flatMap((one) => one.js);
    const untold = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && !scripts.includes(entry.name) && !explained.includes(`\`${entry.name}\``))
      .map((entry) => entry.name);
    check(untold.length === 0, `BUILD.md does not say what ${untold.join(', ')} is made from`);
  }

  check(!/on(Message|Connect)External\s*\.\s*addListener/.test(text), 'an external listener exists (R-A5)');
  check(!/TRUSTED_AND_UNTRUSTED_CONTEXTS/.test(text), 'session storage is opened to content scripts (R-F2)');
  check(!/\beval\(|(?<![\w$.])Function\(|wasm-unsafe-eval/.test(text), 'eval or Function is present (R-J1)');
  if (flavour === 'store') {
    check(!text.includes('test:stopAt') && !text.includes('test_echo'), 'the store build contains test hooks');
    check(!/Test wallet/i.test(text), 'the store build knows the test wallet');
    check(
      !/\bfileWorkFactor:\s*(?!void 0|undefined)/.test(text),
      'the store build seals files at a cost of its own (R-I5)',
    );
  }
  return defects;
}
