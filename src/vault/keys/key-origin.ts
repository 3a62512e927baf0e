// Where the keys of an identity came from, in a small sealed record beside them.
// Promises: no record means that they were made here. Must not: say which node or file it was.
import { VaultError } from '../../contract/errors';
import type { NetworkState } from '../../contract/pages/network';
import type { Bytes } from '../store/encoding';
import { concat, createReader, u64, u8 } from '../store/encoding';
import type { SafeChanges } from '../safe/safe-change';

/** Record of a safe whose keys were not made in it: source (1 byte: 1 network, 2 backup file), time in ms (8). */
export const originRecord = { type: 'origin', id: 'keys', schema: 1 } as const;

const sources = ['network', 'backup'] as const;

export interface KeyOrigin {
  source: (typeof sources)[number];
  /** When the keys were sealed here, milliseconds since 1970. */
  atMs: number;
}

/** The plaintext of the record. */
export function encodeOrigin({ source, atMs }: KeyOrigin): Bytes {
  return concat(u8(sources.indexOf(source) + 1), u64(atMs));
}

/** Reads the plaintext of the record. Throws VaultError('damaged'). */
export function decodeOrigin(plain: Uint8Array): KeyOrigin {
  const reader = createReader(plain);
  const source = sources[reader.u8() - 1];
  const atMs = reader.u64();
  reader.end();
  if (!source) throw new VaultError('damaged');
  return { source, atMs };
}

/** Where the keys of a safe came from. Throws as SafeChanges.read. */
export async function readOrigin(
  changes: Pick<SafeChanges, 'read'>,
  safeId: string,
): Promise<NetworkState['keysFrom']> {
  const plain = await changes.read(safeId, originRecord);
  return plain ? decodeOrigin(plain).source : 'here';
}
