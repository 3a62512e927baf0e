// Builds the sdk: one ES module and one declaration file, each complete in itself, in dist/sdk.
// Promises that the output runs in plain node and in browsers, and that the declarations name nothing outside the file.
// Must not publish a name in the declarations that the module lacks, or the reverse: the build fails instead.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const entry = join(root, 'src/sdk/index.ts');

/**
 * Writes index.js and index.d.ts into `outDir` (default dist/sdk), which is emptied first.
 * Throws with the compiler's own words when types or bundle fail.
 * @param {{ outDir?: string }} [options]
 * @returns {Promise<{ outDir: string }>}
 */
export async function buildSdk({ outDir = join(root, 'dist/sdk') } = {}) {
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    publicDir: false,
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2022',
      minify: false,
      lib: { entry, formats: ['es'], fileName: () => 'index.js' },
      rolldownOptions: { output: { codeSplitting: false, comments: { legal: true, annotation: true, jsdoc: false } } },
    },
  });
  await mkdir(outDir, { recursive: true });
  await writeFile(join(outDir, 'index.d.ts'), await declarations());
  return { outDir };
}

/** The declarations of every file that the entry's types need, joined into one module with one list of exports. */
async function declarations() {
  const scratch = await mkdtemp(join(tmpdir(), 'prekey-vault-sdk-'));
  try {
    const emitted = await emit(scratch);
    const entryText = emitted.get('index');
    if (entryText === undefined) throw new Error('sdk declarations: the compiler wrote no index.d.ts');
    const exported = namesIn(entryText);
    const parts = [...emitted].filter(([name]) => name !== 'index').map(([name, text]) => inline(name, text));
    const head = entryText.slice(0, entryText.search(/^(export|import)/m));
    return `${head}${parts.join('\n')}\nexport { ${exported.join(', ')} };\n`;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function emit(scratch) {
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
      files: [entry],
      include: [],
    }),
  );
  const tsc = join(createRequire(import.meta.url).resolve('typescript/package.json'), '../bin/tsc');
  try {
    await promisify(execFile)(process.execPath, [tsc, '-p', config]);
  } catch (error) {
    throw new Error(`sdk declarations do not compile:\n${error.stdout || error.message}`);
  }
  const folder = join(scratch, 'out/sdk');
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.d.ts')).sort();
  const emitted = new Map();
  for (const file of files) {
    const name = relative(folder, join(folder, file)).split(sep).join('/').slice(0, -'.d.ts'.length);
    emitted.set(name, await readFile(join(folder, file), 'utf8'));
  }
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

/** One file's declarations without its imports and exports. Types from other rooms would dangle, so they are refused. */
function inline(name, text) {
  const own = text.replaceAll(/^import (type )?\{[^}]*\} from '\.\/[\w-]+';\n/gm, '').replaceAll(/^export \{\};\n/gm, '');
  const foreign = own.match(/^import .*$|\bimport\(.*$/m);
  if (foreign) throw new Error(`sdk declarations: ${name}.ts shows a type of another room to dapps: ${foreign[0]}`);
  return own.replaceAll(/^export /gm, '');
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { outDir } = await buildSdk();
  console.log(`sdk built in ${relative(root, outDir)}`);
}
