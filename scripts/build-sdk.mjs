// Builds the sdk in dist/sdk, a package that can be packed and installed: the main entry, complete in itself, and the xmtp-js adapter, which
// needs the main entry and xmtp-js.
// Promises that each entry is one ES module and one declaration file, that the main one runs in plain node and in browsers, and
// that both entries share their classes: a file that the main entry publishes is never bundled a second time.
// Must not publish a name in the declarations that the module lacks, or the reverse: the build fails instead.
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, posix, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'src/sdk');
const peer = '@xmtp/xmtp-js';

/**
 * Writes the package (index.js, xmtp.js, their declarations, package.json, README and LICENSE) into `outDir` (default dist/sdk), which is emptied first.
 * Throws with the compiler's own words when types or bundle fail.
 * @param {{ outDir?: string }} [options]
 * @returns {Promise<{ outDir: string }>}
 */
export async function buildSdk({ outDir = join(root, 'dist/sdk') } = {}) {
  await rm(outDir, { recursive: true, force: true });
  await mkdir(outDir, { recursive: true });
  const published = [...(await readFile(join(folder, 'index.ts'), 'utf8')).matchAll(/ from '\.\/([\w-]+)';$/gm)].map(
    ([, name]) => name,
  );
  await bundle('index', 'index', outDir, []);
  await bundle('xmtp', 'xmtp/index', outDir, published);
  const emitted = await emit(['index', 'xmtp/index']);
  await writeFile(join(outDir, 'index.d.ts'), declarations('index', emitted, []));
  await writeFile(join(outDir, 'xmtp.d.ts'), declarations('xmtp/index', emitted, published));
  await writePackage(outDir);
  return { outDir };
}

/** What makes the folder a package: its name and version are the repository's, its entries are where the repository's exports say. */
async function writePackage(outDir) {
  const { name, version, license, peerDependencies, peerDependenciesMeta } = JSON.parse(
    await readFile(join(root, 'package.json'), 'utf8'),
  );
  const entry = (file) => ({ types: `./${file}.d.ts`, default: `./${file}.js` });
  const manifest = {
    name,
    version,
    description: 'What a web page imports to use Prekey Vault, and an adapter for xmtp-js.',
    license,
    type: 'module',
    sideEffects: false,
    exports: { './sdk': entry('index'), './sdk/xmtp': entry('xmtp'), './package.json': './package.json' },
    files: ['index.js', 'index.d.ts', 'xmtp.js', 'xmtp.d.ts'],
    peerDependencies,
    peerDependenciesMeta,
  };
  await writeFile(join(outDir, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await writeFile(join(outDir, 'README.md'), packageWords);
  await copyFile(join(root, 'LICENSE'), join(outDir, 'LICENSE'));
}

const packageWords = `# Prekey Vault, for web pages

Finds the Prekey Vault extension in a page, calls it with types, and checks its signatures: \`prekey-vault/sdk\`. Makes the vault the keystore of an unmodified
xmtp-js: \`prekey-vault/sdk/xmtp\`. ES modules; the main entry needs nothing else. No private key ever comes into a page.
`;

/** One file of the sdk, as a path from its folder without an extension, that `from` names; undefined for what is not of the sdk. */
const fileOf = (importer, from) =>
  from.startsWith('.') ? posix.normalize(posix.join(posix.dirname(importer), from)) : undefined;

/** One entry as the module `name`. The files named in `elsewhere` come from the main entry. */
async function bundle(name, entry, outDir, elsewhere) {
  const fromMainEntry = {
    name: 'from-main-entry',
    enforce: 'pre',
    resolveId: (source, importer) =>
      importer?.startsWith(folder) && elsewhere.includes(fileOf(relative(folder, importer), source))
        ? { id: './index.js', external: true }
        : undefined,
  };
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    publicDir: false,
    plugins: [fromMainEntry],
    build: {
      outDir,
      emptyOutDir: false,
      target: 'es2022',
      minify: false,
      lib: { entry: join(folder, `${entry}.ts`), formats: ['es'], fileName: () => `${name}.js` },
      rolldownOptions: {
        external: [peer],
        output: { codeSplitting: false, comments: { legal: true, annotation: true, jsdoc: false } },
      },
    },
  });
}

/** The declarations that an entry's types need, joined into one module with one list of exports. */
function declarations(entry, emitted, elsewhere) {
  const entryText = emitted.get(entry);
  if (entryText === undefined) throw new Error(`sdk declarations: the compiler wrote no ${entry}.d.ts`);
  const exported = namesIn(entryText);
  const needed = new Set();
  const need = (importer, text) => {
    for (const [, from] of text.matchAll(/ from '(\.[^']+)';$/gm)) {
      const name = fileOf(importer, from);
      if (needed.has(name) || elsewhere.includes(name)) continue;
      needed.add(name);
      need(name, emitted.get(name) ?? '');
    }
  };
  need(entry, entryText);
  const imports = new Map();
  const parts = [...emitted]
    .filter(([name]) => needed.has(name))
    .map(([name, text]) => inline(name, text, elsewhere, imports));
  const lines = [...imports].map(([from, names]) => `import type { ${[...names].join(', ')} } from '${from}';\n`);
  const head = entryText.slice(0, entryText.search(/^(export|import)/m));
  return `${head}${lines.join('')}${parts.join('\n')}\nexport { ${exported.join(', ')} };\n`;
}

/** Declarations of every file of the sdk, by name. */
async function emit(entries) {
  const scratch = await mkdtemp(join(tmpdir(), 'prekey-vault-sdk-'));
  try {
    return await emitInto(scratch, entries);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function emitInto(scratch, entries) {
  const config = join(scratch, 'tsconfig.json');
  await writeFile(
    config,
    JSON.stringify({
      extends: join(root, 'tsconfig.page.json'),
      compilerOptions: {
        noEmit: false,
        declaration: true,
        emitDeclarationOnly: true,
        types: [],
        rootDir: join(root, 'src'),
        outDir: join(scratch, 'out'),
      },
      files: entries.map((name) => join(folder, `${name}.ts`)),
      include: [],
    }),
  );
  const tsc = join(createRequire(import.meta.url).resolve('typescript/package.json'), '../bin/tsc');
  try {
    await promisify(execFile)(process.execPath, [tsc, '-p', config]);
  } catch (error) {
    throw new Error(`sdk declarations do not compile:\n${error.stdout || error.message}`);
  }
  const written = join(scratch, 'out/sdk');
  const files = (await readdir(written, { recursive: true })).filter((file) => file.endsWith('.d.ts')).sort();
  const emitted = new Map();
  for (const file of files) emitted.set(file.slice(0, -'.d.ts'.length), await readFile(join(written, file), 'utf8'));
  return emitted;
}

/** The names of `export { … } from` and `export type { … } from` lines; any other line in the entry is refused. */
function namesIn(entryText) {
  const names = [];
  const rest = entryText.replaceAll(/^export (type )?\{([^}]*)\} from '\.\.?\/[\w/-]+';$/gm, (_line, isType, list) => {
    for (const trimmed of list.split(',').map((name) => name.trim())) {
      if (trimmed === '') continue; // a trailing comma
      if (!/^\w+$/.test(trimmed)) throw new Error(`sdk declarations: cannot export "${trimmed}" under another name`);
      names.push(isType ? `type ${trimmed}` : trimmed);
    }
    return '';
  });
  if (/^\s*[^/\s]/m.test(rest)) throw new Error(`sdk declarations: the entry may only re-export:\n${rest}`);
  return names;
}

/**
 * One file's declarations without its imports and exports; what it takes from the peer or the main entry is added to `imports`.
 * Types from other rooms would dangle, so they are refused.
 */
function inline(name, text, elsewhere, imports) {
  const own = text
    .replaceAll(/^import (type )?\{([^}]*)\} from '([^']+)';\n/gm, (line, _type, list, from) => {
      const file = fileOf(name, from);
      const source = from === peer ? peer : elsewhere.includes(file) ? './index.js' : undefined;
      // A path that leaves the sdk begins with "..", and stays to be refused.
      if (source === undefined) return file === undefined || file.startsWith('..') ? line : '';
      const names = imports.get(source) ?? new Set();
      imports.set(source, names);
      for (const one of list.split(',')) if (one.trim() !== '') names.add(one.trim().replace(/^type /, ''));
      return '';
    })
    .replaceAll(/^export \{\};\n/gm, '');
  const foreign = own.match(/^import .*$|\bimport\(.*$/m);
  if (foreign) throw new Error(`sdk declarations: ${name}.ts shows a type of another room to dapps: ${foreign[0]}`);
  return own.replaceAll(/^export /gm, '');
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { outDir } = await buildSdk();
  console.log(`sdk built in ${relative(root, outDir)}`);
}
