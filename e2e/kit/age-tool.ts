// The reference age tool (Debian's package `age`), as a person would use it on a backup file.
// Promises: the real program, which asks for the passphrase on a terminal; its own words when it refuses. Says plainly when it is missing.
// Must not: fall back to a library of ours. That would prove nothing.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const tool = process.env.AGE ?? 'age';

/** What `age --decrypt` makes of a file. Throws with the tool's words when it refuses, and when there is no such tool. */
export async function openWithAge(file: Uint8Array, passphrase: string): Promise<Buffer> {
  if (spawnSync(tool, ['--version']).status !== 0)
    throw new Error('The age tool is missing. Install it (Debian: apt-get install age), or set AGE to its path.');
  const folder = mkdtempSync(path.join(tmpdir(), 'prekey-vault-age-'));
  const [sealed, opened] = [path.join(folder, 'backup.age'), path.join(folder, 'opened')];
  try {
    writeFileSync(sealed, file);
    const { status, words } = await onTerminal([tool, '--decrypt', '--output', opened, sealed], passphrase);
    if (status !== 0) throw new Error(words.trim());
    return readFileSync(opened);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a command on a terminal of its own (the tool reads passphrases from nowhere else) and types the answer to its question. */
function onTerminal(command: string[], answer: string): Promise<{ status: number | null; words: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('script', [
      '--quiet',
      '--return',
      '--echo',
      'never',
      '--command',
      command.map((word) => `'${word}'`).join(' '),
      '/dev/null',
    ]);
    let words = '';
    let isAnswered = false;
    child.stdout.on('data', (chunk: Buffer) => {
      words += chunk.toString('utf8');
      if (isAnswered || !/passphrase/i.test(words)) return;
      isAnswered = true;
      child.stdin.write(`${answer}\n`);
    });
    child.stderr.on('data', (chunk: Buffer) => (words += chunk.toString('utf8')));
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, words }));
  });
}
