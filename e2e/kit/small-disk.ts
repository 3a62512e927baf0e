// A disk of a few megabytes that can be filled to its last byte and freed again: a tmpfs, which takes root to mount.
// Promises: full means full, also for one more byte; everything is unmounted and gone at the end. Says why when it cannot be made.
// Must not: touch anything outside its own folder.
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface SmallDisk {
  /** An empty folder on it. */
  folder: string;
  fill(): void;
  free(): void;
  remove(): void;
}

/** Mounts one. Throws with the reason in words. */
export function makeSmallDisk(megabytes: number): SmallDisk {
  const root = mkdtempSync(path.join(tmpdir(), 'prekey-vault-disk-'));
  const disk = path.join(root, 'disk');
  mkdirSync(disk);
  const mount = ['mount', '-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0777`, 'tmpfs', disk];
  const isRoot = process.getuid?.() === 0;
  const run = (words: string[]) =>
    spawnSync(isRoot ? words[0]! : 'sudo', isRoot ? words.slice(1) : ['-n', ...words], { encoding: 'utf8' });
  const mounted = run(mount);
  if (mounted.status !== 0) {
    rmSync(root, { recursive: true, force: true });
    throw new Error(
      `A small disk needs Linux and root (or sudo without a password): ${(mounted.error?.message ?? mounted.stderr).trim()}`,
    );
  }
  const folder = path.join(disk, 'profile');
  mkdirSync(folder);
  const filler = path.join(disk, 'filler');
  return {
    folder,
    fill() {
      const file = openSync(filler, 'a');
      for (let size = 1024 * 1024; size >= 1; size = Math.floor(size / 16)) {
        const block = Buffer.alloc(size, 1);
        try {
          while (writeSync(file, block) > 0);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        }
      }
      closeSync(file);
    },
    free: () => rmSync(filler, { force: true }),
    remove() {
      const unmounted = run(['umount', disk]);
      // A process of the browser may still be closing a file.
      if (unmounted.status !== 0) run(['umount', '--lazy', disk]);
      rmSync(root, { recursive: true, force: true });
    },
  };
}
