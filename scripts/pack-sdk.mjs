// The sdk as npm packs it, and as an app has it once it is installed: for tests of the package, of the documents and of the examples.
// Promises: the same modules give the same bytes, whatever zlib node has. Must not: put anything beside it that a stranger would not have.
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'fflate';

const run = promisify(execFile);

/**
 * Packs a built sdk into `folder`. `files` is what is in the tarball, sorted.
 * @param {string} built
 * @param {string} folder
 */
export async function packSdk(built, folder) {
  const { stdout } = await run('npm', ['pack', built, '--json', '--pack-destination', folder], {
    cwd: folder,
    shell: process.platform === 'win32',
  });
  const packed = JSON.parse(stdout);
  const [only] = Array.isArray(packed) ? packed : Object.values(packed);
  const tarball = join(folder, only.filename.replace('@', '').replace('/', '-'));
  // npm's archive is the same everywhere, and what node compresses it with is not.
  await writeFile(tarball, gzipSync(gunzipSync(await readFile(tarball)), { level: 9, mtime: 0 }));
  return {
    tarball,
    files: only.files.map((one) => one.path).sort(),
  };
}

/**
 * Unpacks it into the node_modules of a project, as npm does. Returns where.
 * @param {{ tarball: string }} packed
 * @param {string} project
 */
export async function installSdk({ tarball }, project) {
  const folder = join(project, 'node_modules', '@prekey-vault', 'sdk');
  await mkdir(folder, { recursive: true });
  await run('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1']);
  return folder;
}
