// The reference age tool, for tests: it wants a terminal for its passphrase, which `script` gives it.
// Promises: a missing tool fails the test that asks for it. Must not: be imported by anything but tests.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What the tool makes of a file: `-d` opens one, `-p` makes one, `-a` armored. `typed` are the lines typed at its terminal. Throws with what it said. */
function run(options: string, input: Uint8Array, typed: string[]): Uint8Array {
  const folder = mkdtempSync(path.join(tmpdir(), 'age-'));
  try {
    writeFileSync(path.join(folder, 'in'), input);
    const command = `${process.env['AGE'] ?? 'age'} ${options} -o out in`;
    const said = execFileSync('script', ['-qec', command, '/dev/null'], {
      cwd: folder,
      input: `${typed.join('\n')}\n`,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    try {
      return new Uint8Array(readFileSync(path.join(folder, 'out')));
    } catch {
      throw new Error(`age made no file: ${said}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function openWithAge(file: Uint8Array, passphrase: string): Uint8Array {
  return run('-d', file, [passphrase]);
}

export function sealWithAge(plain: Uint8Array, passphrase: string, armor: '' | '-a' = ''): Uint8Array {
  return run(`-p ${armor}`, plain, [passphrase, passphrase]);
}
