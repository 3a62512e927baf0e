// A backup file is opened again before it is handed out: a fault in the memory of that moment is noticed while the keys are still there (R-I5).
import { expect, it, vi } from 'vitest';
import type * as BackupFile from './file';
import { byWallet } from '../testkit/slots.testkit';
import { enrolledBrowser } from '../testkit/vault.testkit';

const fault = vi.hoisted(() => ({ isOn: false }));
vi.mock('./file', async (original) => {
  const real = await original<typeof BackupFile>();
  return {
    ...real,
    // One bit of what is sealed is another than what was given.
    sealFile: (
      plainSecret: Uint8Array<ArrayBuffer>,
      ...rest: [string, (length: number) => Uint8Array<ArrayBuffer>]
    ) => {
      const sealed = plainSecret.slice();
      if (fault.isOn) sealed[sealed.length - 1]! ^= 1;
      return real.sealFile(sealed, rest[0], rest[1], 10);
    },
  };
});

it('R-I5 a file that does not give back what was put in is not handed out', async () => {
  const { vault, safeId, wallet } = await enrolledBrowser();
  const secret = { kind: 'passphrase', passphrase: 'nine lanterns beside a frozen canal' } as const;
  const proof = await byWallet(vault, safeId, wallet);
  fault.isOn = true;
  await expect(vault.backup.export({ safeId, proof, secret })).rejects.toMatchObject({ reason: 'damaged' });
  expect(await vault.backup.state({ safeId })).toMatchObject({ lastExportedAtMs: null });
  fault.isOn = false;
  expect((await vault.backup.export({ safeId, proof, secret })).file.length).toBeGreaterThan(100);
});
