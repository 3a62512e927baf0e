// Builds the sdk in dist/sdk: the main entry, complete in itself, and the xmtp-js adapter, which needs the main entry and xmtp-js.
// Promises that each entry is one ES module and one declaration file, that the main one runs in plain node and in browsers, and
// that both entries share their classes: a file that the main entry publishes is never bundled a second time.
// Must not publish a name in the declarations that the module lacks, or the reverse: the build fails instead.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'src/sdk');
const peer = '@xmtp/xmtp-js';

/**
 * Writes index.js, xmtp.js and their declarations into `outDir` (default dist/sdk), which is emptied first.
 * Throws with the compiler's own words when types or bundle fail.
 * @param {{ outDir?: string }} [options]
 * @returns {Promise<{ outDir: string }>}
 */
export async function buildSdk({ outDir = join(root, 'dist/sdk') } = {}) {
  await rm(outDir, { recursive: true, force: true });
  await mkdir(outDir, { recursive: true });
  const published = [...(await readFile(join(folder, 'index.ts'), 'utf8')).matchAll(/ from '\.\/([\w-]+)';$/gm)].map(([, name]) => name);
  await bundle('index', outDir, []);
  await bundle('xmtp', outDir, published);
  const emitted = await emit(['index', 'xmtp']);
  await writeFile(join(outDir, 'index.d.ts'), declarations('index', emitted, []));
  await writeFile(join(outDir, 'xmtp.d.ts'), declarations('xmtp', emitted, published));
  return { outDir };
}

/** One entry as one module. The files named in `elsewhere` come from the main entry. */
async function bundle(name, outDir, elsewhere) {
  const fromMainEntry = {
    name: 'from-main-entry',
    enforce: 'pre',
    resolveId: (source, importer) =>
      importer !== undefined && dirname(importer) === folder && elsewhere.some((file) => source === `./${file}`)
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
      lib: { entry: join(folder, `${name}.ts`), formats: ['es'], fileName: () => `${name}.js` },
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
  const need = (text) => {
    for (const [, name] of text.matchAll(/ from '\.\/([\w-]+)';$/gm)) {
      if (needed.has(name) || elsewhere.includes(name)) continue;
      needed.add(name);
      need(emitted.get(name) ?? '');
    }
  };
  need(entryText);
  const imports = new Map();
  const parts = [...emitted].filter(([name]) => needed.has(name)).map(([name, text]) => inline(name, text, elsewhere, imports));
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
  const files = (await readdir(written)).filter((file) => file.endsWith('.d.ts')).sort();
  const emitted = new Map();
  for (const file of files) emitted.set(file.slice(0, -'.d.ts'.length), await readFile(join(written, file), 'utf8'));
  return emitted;
}

/** The names of `export { … } from` and `export type { … } from` lines; any other line in the entry is refused. */
function namesIn(entryText) {
  const names = [];
  const rest = entryText.replaceAll(/^export (type )?\{([^}]*)\} from '\.\/[\w-]+';$/gm, (_line, isType, list) => {
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
      const file = from.slice('./'.length);
      const source = from === peer ? peer : elsewhere.includes(file) ? './index.js' : undefined;
      if (source === undefined) return from.startsWith('./') ? '' : line;
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
