// An inbox key leaves the vault: as a keystore file under a passphrase of its own, for a person who opened the safe anew (docs/adr/0017).
// Promises: nothing is made before the proof, the typed end of the address and a strong passphrase are there; a file is handed out only after it was
// opened again and held the key of that address. Must not: hold the key; the file is made where keys are opened.
import { VaultError } from '../../contract/errors';
import { isConfirmedBy } from '../../contract/paste';
import type { ExportedKey } from '../../contract/pages/inbox';
import type { SlotSecret } from '../../contract/schemas';
import { fileForm, type ScryptCost } from '../../protocol/base/passphrase';
import {
  addressInKeystoreFile,
  keystoreCost,
  keystoreFileName,
  keystoreIvLength,
  keystoreSaltLength,
  keystoreSecret,
} from '../../protocol/ours/keystore-file';
import type { InboxKeys } from '../keys/inbox-keys';
import type { Safes } from '../safe/safes';
import type { Bytes } from '../store/encoding';
import type { VaultHost } from '../store/host';
import { mustBeStrong } from '../unlock/passphrase';
import type { Sessions } from '../unlock/session';
import type { Slots } from '../unlock/slot-changes';

export interface KeyExport {
  /**
   * A file with the key of this address. `typed`: the last four characters of the address, or all of it. Takes a few seconds. Throws as `Slots.prove`
   * and `InboxKeys.keystoreFile`, 'not-confirmed', and 'weak-passphrase'.
   */
  exportKey(input: {
    safeId: string;
    address: string;
    typed: string;
    proof: SlotSecret;
    passphrase: string;
  }): Promise<ExportedKey>;
}

export function createKeyExport(options: {
  host: VaultHost;
  safes: Safes;
  sessions: Pick<Sessions, 'lockCount'>;
  slots: Pick<Slots, 'prove'>;
  keys: InboxKeys;
  /** For tests: what trying one passphrase of a file costs. */
  cost?: ScryptCost;
}): KeyExport {
  const { host, safes, sessions, slots, keys, cost = keystoreCost } = options;

  async function seal(safeId: string, address: string, passphrase: string): Promise<Bytes> {
    const salt = host.randomBytes(keystoreSaltLength);
    const [iv, idBytes] = [host.randomBytes(keystoreIvLength), host.randomBytes(16)];
    const derivedSecret = await keystoreSecret(passphrase, salt, cost);
    const sealing = { derivedSecret, cost, salt, iv, idBytes };
    return keys.keystoreFile(safeId, address, sealing).finally(() => derivedSecret.fill(0));
  }

  return {
    async exportKey({ safeId, address, typed, proof, passphrase }) {
      if (!isConfirmedBy(address, typed)) throw new VaultError('not-confirmed');
      await slots.prove({ safeId, proof });
      for (const known of [safes.copyOf(safeId).header.account, address]) mustBeStrong(passphrase, known);
      const begun = sessions.lockCount(safeId);
      if (!(await keys.views(safeId)).some((view) => view.address === address)) throw new VaultError('not-found');
      const text = fileForm(passphrase);
      const file = await seal(safeId, address, text);
      if ((await addressInKeystoreFile(file, text)) !== address) throw new VaultError('damaged');
      if (sessions.lockCount(safeId) !== begun) throw new VaultError('locked');
      return { fileName: keystoreFileName(address, host.nowMs()), file };
    },
  };
}
