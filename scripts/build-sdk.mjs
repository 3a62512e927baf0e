// Builds the sdk in dist/sdk, the package @prekey-vault/sdk, as src/sdk/package.json describes it: a main entry, complete in itself, and an entry for each
// folder of src/sdk, which needs the main entry and at most one package of the app's.
// Promises that each entry is one ES module and one declaration file, that the main one runs in plain node and in browsers, and
// that entries share their classes: a file that an entry publishes is never bundled a second time.
// Must not publish a name in the declarations that the module lacks, or the reverse: the build fails instead.
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, posix, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'vite';
import { notices } from './package/notices.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'src/sdk');
/** The packages that an app brings along. */
const peers = Object.keys(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')).peerDependencies);

/** The entries: the name of the file in the package, and the source that lists what it publishes. Each may use what those before it publish. */
const entries = [
  ['index', 'index'],
  ['verify', 'verify/index'],
  ['v3', 'v3/index'],
  ['xmtp', 'xmtp/index'],
  ['react', 'react/index'],
  ['test', 'fake/index'],
];

/**
 * Writes the package (a module and its declarations for each entry, package.json, README, LICENSE, and NOTICE.txt for what is bundled) into `outDir`
 * (default dist/sdk), which is emptied first. Throws with the compiler's own words when types or bundle fail.
 * @param {{ outDir?: string }} [options]
 * @returns {Promise<{ outDir: string }>}
 */
export async function buildSdk({ outDir = join(root, 'dist/sdk') } = {}) {
  await rm(outDir, { recursive: true, force: true });
  await mkdir(outDir, { recursive: true });
  await writePackage(outDir);
  const emitted = await emit(entries.map(([, source]) => source));
  const notice = notices(root);
  /** Which entry publishes a file of src/sdk, as the module that others import. */
  const published = new Map();
  for (const [at, [name, source]] of entries.entries()) {
    const plugins = at === entries.length - 1 ? [notice.seen, notice.written] : [notice.seen];
    await bundle(name, source, outDir, published, plugins);
    await writeFile(join(outDir, `${name}.d.ts`), declarations(source, emitted, published));
    for (const [, from] of (await readFile(join(folder, `${source}.ts`), 'utf8')).matchAll(/ from '(\.[^']+)';$/gm)) {
      const file = fileOf(source, from);
      if (!published.has(file)) published.set(file, `./${name}.js`);
    }
  }
  return { outDir };
}

/** What makes the folder a package: src/sdk/package.json in the version of the repository, and the words beside it. */
async function writePackage(outDir) {
  const read = async (file) => JSON.parse(await readFile(file, 'utf8'));
  const { version } = await read(join(root, 'package.json'));
  const manifest = { ...(await read(join(folder, 'package.json'))), version };
  await writeFile(join(outDir, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await copyFile(join(folder, 'README.md'), join(outDir, 'README.md'));
  await copyFile(join(root, 'LICENSE'), join(outDir, 'LICENSE'));
  await writeFile(
    join(outDir, 'NOTICE.txt'),
    'Prekey Vault is under the licence in LICENSE. Its sdk contains code of these packages:\n',
  );
}

/** One file of the sdk, as a path from its folder without an extension, that `from` names; undefined for what is not of the sdk. */
const fileOf = (importer, from) =>
  from.startsWith('.') ? posix.normalize(posix.join(posix.dirname(importer), from)) : undefined;

/** One entry as the module `name`. The files that are `published` come from the entries that do so. */
async function bundle(name, entry, outDir, published, plugins) {
  const fromOtherEntry = {
    name: 'from-other-entry',
    enforce: 'pre',
    resolveId(source, importer) {
      const module = importer?.startsWith(folder) && published.get(fileOf(relative(folder, importer), source));
      return module ? { id: module, external: true } : undefined;
    },
  };
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    publicDir: false,
    plugins: [fromOtherEntry, ...plugins],
    build: {
      outDir,
      emptyOutDir: false,
      target: 'es2022',
      minify: false,
      lib: { entry: join(folder, `${entry}.ts`), formats: ['es'], fileName: () => `${name}.js` },
      rolldownOptions: {
        external: peers,
        output: { codeSplitting: false, comments: { legal: true, annotation: true, jsdoc: false } },
      },
    },
  });
}

/** The declarations that an entry's types need, joined into one module with one list of exports. */
function declarations(entry, emitted, published) {
  const entryText = emitted.get(entry);
  if (entryText === undefined) throw new Error(`sdk declarations: the compiler wrote no ${entry}.d.ts`);
  const exported = namesIn(entryText);
  const needed = new Set();
  const need = (importer, text) => {
    for (const [, from] of text.matchAll(/ from '(\.[^']+)';$/gm)) {
      const name = fileOf(importer, from);
      if (needed.has(name) || published.has(name)) continue;
      needed.add(name);
      need(name, emitted.get(name) ?? '');
    }
  };
  need(entry, entryText);
  const imports = new Map();
  const parts = [...emitted]
    .filter(([name]) => needed.has(name))
    .map(([name, text]) => inline(name, text, published, imports));
  const lines = [...imports].map(([from, names]) => `import type { ${[...names].join(', ')} } from '${from}';\n`);
  const head = entryText.slice(0, entryText.search(/^(export|import)/m));
  /** What another entry publishes is handed on, so that a class is the same class and a value. */
  const handedOn = new Map();
  const own = [];
  for (const { name, from } of exported) {
    const module = published.get(fileOf(entry, from));
    if (module === undefined) own.push(name);
    else handedOn.set(module, [...(handedOn.get(module) ?? []), name]);
  }
  const onward = [...handedOn].map(([module, names]) => `export { ${names.join(', ')} } from '${module}';\n`);
  return `${head}${lines.join('')}${parts.join('\n')}\n${onward.join('')}export { ${own.join(', ')} };\n`;
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

/** The names of `export { … } from` and `export type { … } from` lines, and from where; any other line in the entry is refused. */
function namesIn(entryText) {
  const names = [];
  const rest = entryText.replaceAll(
    /^export (type )?\{([^}]*)\} from '(\.\.?\/[\w/-]+)';$/gm,
    (_line, isType, list, from) => {
      for (const trimmed of list.split(',').map((name) => name.trim())) {
        if (trimmed === '') continue; // a trailing comma
        if (!/^\w+$/.test(trimmed)) throw new Error(`sdk declarations: cannot export "${trimmed}" under another name`);
        names.push({ name: isType ? `type ${trimmed}` : trimmed, from });
      }
      return '';
    },
  );
  if (/^\s*[^/\s]/m.test(rest)) throw new Error(`sdk declarations: the entry may only re-export:\n${rest}`);
  return names;
}

/**
 * One file's declarations without its imports and exports; what it takes from a package or another entry is added to `imports`.
 * Types from other rooms would dangle, so they are refused.
 */
function inline(name, text, published, imports) {
  const own = text
    .replaceAll(/^import (type )?\{([^}]*)\} from '([^']+)';\n/gm, (line, _type, list, from) => {
      const file = fileOf(name, from);
      const source = peers.includes(from) ? from : published.get(file);
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
