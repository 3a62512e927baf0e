// A clock for a browser that a test moves while the browser runs: all its processes are told another time of day, the worker's among them.
// Promises: only the browser is told; the time since its start goes on as it does, as when a clock is set or a machine slept, so that its timers do not
// come sooner. Needs Linux of 64 bits, and a C compiler. Must not: be used in `npm test`, which takes neither for granted.
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface MovedClock {
  /** For the start of the browser. */
  environment: Record<string, string>;
  /** Seconds that the browser is ahead of the machine; negative when it is behind. */
  offset(): number;
  /** Milliseconds since 1970, as the browser is told. */
  nowMs(): number;
  move(seconds: number): void;
  remove(): void;
}

export function createMovedClock(): MovedClock {
  const folder = mkdtempSync(path.join(tmpdir(), 'prekey-vault-clock-'));
  const [library, file] = [path.join(folder, 'moved-clock.so'), path.join(folder, 'offset')];
  const source = path.join(import.meta.dirname, 'moved-clock.c');
  execFileSync('cc', ['-shared', '-fPIC', '-O2', '-o', library, source]);
  const bytes = Buffer.alloc(8);
  writeFileSync(file, bytes);
  const place = openSync(file, 'r+');
  let offset = 0;
  return {
    environment: { LD_PRELOAD: library, MOVED_CLOCK: file },
    offset: () => offset,
    nowMs: () => Date.now() + offset * 1000,
    move(seconds) {
      offset += seconds;
      bytes.writeBigInt64LE(BigInt(offset));
      writeSync(place, bytes, 0, bytes.length, 0);
    },
    remove() {
      closeSync(place);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
