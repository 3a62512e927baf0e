// Builds the extension for one browser: `vite build --mode chrome|firefox`, into dist/<flavour>-<browser>.
// PREKEY_VAULT_FLAVOUR: "store" (default), "demo" (knows the test wallet) "test" (also has labelled checkpoints)
// or "bench" (an echo for npm run bench, and no checkpoints).
// Must not: let anything of the demo into the store build, or a web accessible resource into any build (checked after the build).
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { crx } from '@crxjs/vite-plugin';
import { build, defineConfig, type Plugin } from 'vite';
import manifest from './manifest.json' with { type: 'json' };
import packageJson from './package.json' with { type: 'json' };
import { coreName, readCore } from './scripts/curve-core.mjs';
import { notices } from './scripts/package/notices.mjs';
import { asScripts, laterName, workerName } from './scripts/worker-files.mjs';

type Flavour = 'store' | 'demo' | 'test' | 'bench';

function flags(flavour: Flavour, browser: 'chrome' | 'firefox') {
  const wallet =
    flavour === 'store'
      ? ''
      : (
          JSON.parse(readFileSync(new URL('./demo/wallet/identity.json', import.meta.url), 'utf8')) as {
            id: string;
            geckoId: string;
          }
        )[browser === 'chrome' ? 'id' : 'geckoId'];
  return {
    __TEST_HOOKS__: JSON.stringify(flavour === 'test' || flavour === 'bench'),
    __CHECKPOINTS__: JSON.stringify(flavour === 'test'),
    __TEST_WALLET_ID__: JSON.stringify(wallet),
    __BROWSER__: JSON.stringify(browser),
    __VERSION__: JSON.stringify(packageJson.version),
  };
}

/**
 * A node on this machine needs no question in the builds that tests drive: the browser's own prompt for host access cannot be
 * clicked by automation. The store build asks for every node, this machine's too.
 */
const withLocalNodes = (flavour: Flavour) =>
  flavour === 'store' ? {} : { host_permissions: ['http://localhost/*', 'http://127.0.0.1/*'] };

/** What an extension can ask for in Chromium only. */
const chromiumOnly = ['sidePanel', 'favicon'];

/** Firefox runs an event page, and does not know the keys that only Chromium has. */
function forFirefox(flavour: Flavour) {
  const { minimum_chrome_version: _chrome, externally_connectable: _external, side_panel: _panel, ...known } = manifest;
  const { background, optional_permissions: optional, ...rest } = known;
  return {
    ...rest,
    ...withLocalNodes(flavour),
    optional_permissions: optional.filter((one) => !chromiumOnly.includes(one)),
    background: { scripts: [background.service_worker], type: 'module' },
  };
}

function forChrome(flavour: Flavour) {
  const { browser_specific_settings: _gecko, ...rest } = manifest;
  // A fixed id for demo and test, so that pages and tests know it. The store gives the store build its own.
  return flavour === 'store'
    ? rest
    : {
        ...rest,
        ...withLocalNodes(flavour),
        key: readFileSync(new URL('./demo/extension-key.txt', import.meta.url), 'utf8').trim(),
      };
}

/**
 * age-encryption brings recipients we never use (X25519, P-256, post-quantum, WebAuthn) with the curves they need, 95 kB in the worker. Backup
 * files have one recipient of our own (src/vault/backup/file.ts), so these are left out of the packages; whoever reached one would get an error.
 */
function ownRecipientOnly(): Plugin {
  const names = [
    'HybridIdentity',
    'HybridRecipient',
    'HybridTagRecipient',
    'ScryptIdentity',
    'ScryptRecipient',
    'TagRecipient',
    'X25519Identity',
    'X25519Recipient',
  ];
  const calls = ['generateIdentity', 'generateHybridIdentity', 'generateX25519Identity', 'identityToRecipient'];
  const leave =
    "class Absent { constructor() { throw new Error('not part of this build'); } }\nfunction absent() { return new Absent(); }\n";
  const code = `${leave}export { ${names.map((name) => `Absent as ${name}`).join(', ')}, ${calls.map((name) => `absent as ${name}`).join(', ')} };`;
  return {
    name: 'own-recipient-only',
    enforce: 'pre',
    load(id) {
      if (/age-encryption\/dist\/recipients\.js$/.test(id)) return code;
      return /age-encryption\/dist\/webauthn\.js$/.test(id) ? 'export {};' : null;
    },
  };
}

/**
 * The polyfill as a module. As CommonJS it comes behind a helper that copies the properties of `browser` one by one, and to look at one makes the browser build
 * that part of its API: half a millisecond or more of a worker's start, for parts that nobody uses.
 */
function polyfillAsModule(): Plugin {
  return {
    name: 'polyfill-as-module',
    enforce: 'pre',
    transform: (code, id) =>
      /webextension-polyfill\/dist\/browser-polyfill\.js$/.test(id)
        ? `const module = { exports: {} };\nconst exports = module.exports;\n${code}\nexport default module.exports;`
        : null,
  };
}

/**
 * The worker as two classic scripts instead of a loader, a module and the chunks it shares with pages: what a start needs, and what is read when it is
 * first asked for (scripts/worker-files.mjs). What runs beside the keys is two files that can be read as a whole.
 */
function workerFiles(browser: 'chrome' | 'firefox', seen: Plugin): Plugin {
  const entry = path.resolve('src/background/main.ts');
  let outDir = '';
  let settings: { define: Record<string, string>; target: string } = { define: {}, target: '' };
  return {
    name: 'worker-files',
    apply: 'build',
    enforce: 'pre',
    // The worker is built by itself, below: of what the pages are built of it is no part.
    load: (id) => (id === entry ? '' : null),
    configResolved(config) {
      outDir = path.resolve(config.root, config.build.outDir);
      settings = { define: config.define as Record<string, string>, target: String(config.build.target) };
    },
    closeBundle: {
      order: 'post',
      sequential: true,
      async handler() {
        await build({
          configFile: false,
          publicDir: false,
          logLevel: 'error',
          define: settings.define,
          plugins: [ownRecipientOnly(), polyfillAsModule(), seen],
          build: {
            target: settings.target,
            outDir,
            emptyOutDir: false,
            lib: { entry, formats: ['cjs'], fileName: () => workerName },
            rolldownOptions: {
              // What both share lies in the first, which gives it to the second.
              preserveEntrySignatures: 'allow-extension',
              output: { chunkFileNames: 'worker-[name].js' },
            },
          },
        });
        for (const [name, wrapped] of Object.entries(
          asScripts((name) => readFileSync(path.join(outDir, name), 'utf8')),
        ))
          writeFileSync(path.join(outDir, name), wrapped);
        const file = path.join(outDir, 'manifest.json');
        const built = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
        built.background =
          browser === 'firefox' ? { scripts: [laterName, workerName] } : { service_worker: workerName };
        writeFileSync(file, JSON.stringify(built, null, 2));
        rmSync(path.join(outDir, 'service-worker-loader.js'), { force: true });
        for (const name of readdirSync(path.join(outDir, 'assets')))
          if (/^main\.ts-/.test(name)) rmSync(path.join(outDir, 'assets', name));
      },
    },
  };
}

/**
 * The wallet face is in no manifest: it is registered for sites where a person switched it on (src/background/browser/faces.ts), by these two names.
 * A script of a page's own world can be told nothing before the page's first script runs, so what a person may choose is which file.
 */
function walletFace(seen: Plugin): Plugin {
  let config: { outDir: string; define: Record<string, string>; target: string };
  return {
    name: 'wallet-face',
    apply: 'build',
    configResolved({ root, define, build: { outDir, target } }) {
      config = {
        outDir: path.resolve(root, outDir),
        define: define as Record<string, string>,
        target: String(target),
      };
    },
    closeBundle: {
      order: 'post',
      sequential: true,
      async handler() {
        const { outDir, define, target } = config;
        for (const [name, standsIn] of [
          ['face.js', 'false'],
          ['face-stand-in.js', 'true'],
        ] as const)
          await build({
            configFile: false,
            publicDir: false,
            logLevel: 'error',
            define: { ...define, __STANDS_IN__: standsIn },
            plugins: [seen],
            build: {
              target,
              outDir,
              emptyOutDir: false,
              lib: {
                entry: path.resolve('src/bridge/face.iife.ts'),
                formats: ['iife'],
                name: 'face',
                fileName: () => name,
              },
            },
          });
      },
    },
  };
}

/** The script of an archive's page, which the vault page puts into each archive (src/ui/vault/archive/page-file.ts). */
function archiveReader(seen: Plugin): Plugin {
  let config: { outDir: string; target: string };
  return {
    name: 'archive-reader',
    apply: 'build',
    configResolved({ root, build: { outDir, target } }) {
      config = { outDir: path.resolve(root, outDir), target: String(target) };
    },
    closeBundle: {
      order: 'post',
      sequential: true,
      async handler() {
        await build({
          configFile: false,
          publicDir: false,
          logLevel: 'error',
          plugins: [seen],
          build: {
            ...config,
            emptyOutDir: false,
            lib: {
              entry: path.resolve('src/ui/reader/reader.iife.ts'),
              formats: ['iife'],
              name: 'archive',
              fileName: () => 'archive-reader.js',
            },
          },
        });
      },
    },
  };
}

/** The core of the curve as a file of the package, which the worker fetches from there. */
function curveCore(): Plugin {
  return {
    name: 'curve-core',
    apply: 'build',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: coreName, source: readCore() });
    },
  };
}

export default defineConfig(({ mode }) => {
  const browser = mode === 'firefox' ? 'firefox' : 'chrome';
  const flavour = (process.env.PREKEY_VAULT_FLAVOUR ?? 'store') as Flavour;
  const { seen, written } = notices(import.meta.dirname);
  return {
    define: flags(flavour, browser),
    // crxjs' manifest type is narrower than the manifest it accepts.
    plugins: [
      seen,
      polyfillAsModule(),
      workerFiles(browser, seen),
      walletFace(seen),
      archiveReader(seen),
      written,
      curveCore(),
      crx({ browser, manifest: (browser === 'firefox' ? forFirefox(flavour) : forChrome(flavour)) as never }),
    ],
    build: {
      target: browser === 'firefox' ? 'firefox142' : 'chrome140',
      outDir: `dist/${flavour}-${browser}`,
      emptyOutDir: true,
      modulePreload: { polyfill: false },
      rolldownOptions: {
        input: {
          approval: 'src/ui/approval/index.html',
          onboarding: 'src/ui/onboarding/index.html',
          unlock: 'src/ui/unlock/index.html',
          vault: 'src/ui/vault/index.html',
        },
      },
    },
    server: { port: 5173, strictPort: true, hmr: { port: 5173 } },
  };
});
